"""Histograms as rows: most samples are kept as what they add to the sample before.

A strand is the histograms of one series with the same custom bounds and of the same kind (gauge
or not). Its columns are those of `Columns`; in a chunk they are in time order and the first row is
whole, so that every chunk can be read by itself.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.model.stale import marks_stale
from watchroom.storage.contract import NEGATIVE

DELTA, WHOLE, LATE = 0, 1, 3
"""How a row is kept; LATE is whole, too, and nothing follows from it."""

_EXACT = float(1 << 53)
_SPLIT = NEGATIVE // 2

Strand: TypeAlias = tuple[tuple[float, ...], bool]
"""Custom bounds, and whether it is a gauge."""


class Row(NamedTuple):
    """One sample as it is kept."""

    time: int
    count: float  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    sum: float
    zeros: float
    threshold: float
    scale: int
    flag: int
    buckets: Mapping[int, float]


class Columns(NamedTuple):
    """The rows of one strand as arrays; `sizes` says how many entries each row has."""

    times: Any
    counts: Any
    sums: Any
    zeros: Any
    thresholds: Any
    scales: Any
    flags: Any
    sizes: Any
    index: Any
    delta: Any


def strand_of(histogram: Histogram) -> Strand:
    """Return which strand of its series a histogram belongs to."""
    return histogram.bounds, histogram.gauge


def row(before: Histogram | None, after: Histogram, time: int) -> Row:
    """Return a sample in the shortest form that is exact, given the sample before it."""
    if marks_stale(after.sum):
        old = before or Histogram(scale=after.scale, threshold=after.threshold)
        flag = WHOLE if before is None else DELTA
        return Row(time, old.count, after.sum, old.zeros, old.threshold, old.scale, flag, {})
    if before is None or after.gauge or not _follows(before, after):
        return whole(after, time)
    buckets = _minus(_keyed(after), _keyed(before))
    if min(buckets.values(), default=0) < 0:
        return whole(after, time)
    return _row(after, time, DELTA, buckets)


def whole(histogram: Histogram, time: int, flag: int = WHOLE) -> Row:
    """Return a sample with its whole value."""
    return _row(histogram, time, flag, _keyed(histogram))


def value(before: Histogram | None, row: Row, strand: Strand) -> Histogram:
    """Return the sample that a row stands for, given the sample before it."""
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    if row.flag == DELTA and before is not None:
        positive, negative = dict(before.positive), dict(before.negative)
    for key, count in row.buckets.items():
        side, index = (negative, NEGATIVE - key) if key < _SPLIT else (positive, key)
        total = side.get(index, 0) + count
        if total:
            side[index] = total
        else:
            side.pop(index, None)
    about = row.scale, row.threshold
    return Histogram(row.count, row.sum, row.zeros, positive, negative, *about, *strand)


class Rows:
    """The rows of one strand as they arrive."""

    def __init__(self) -> None:
        self.times, self.scales, self.flags = array("q"), array("q"), array("q")
        self.counts, self.sums, self.zeros = array("d"), array("d"), array("d")
        self.thresholds = array("d")
        self.sizes, self.index, self.delta = array("q"), array("q"), array("d")
        self.late = False

    def __len__(self) -> int:
        return len(self.times)

    def add(self, row: Row) -> None:
        """Append one row."""
        self.late = self.late or row.flag == LATE
        self.times.append(row.time)
        self.counts.append(row.count)
        self.sums.append(row.sum)
        self.zeros.append(row.zeros)
        self.thresholds.append(row.threshold)
        self.scales.append(row.scale)
        self.flags.append(row.flag)
        self.sizes.append(len(row.buckets))
        self.index.extend(row.buckets.keys())
        self.delta.extend(row.buckets.values())

    def columns(self, strand: Strand) -> Columns:
        """Return the rows in time order."""
        columns = Columns(
            np.array(self.times, np.int64),
            np.array(self.counts, np.float64),
            np.array(self.sums, np.float64),
            np.array(self.zeros, np.float64),
            np.array(self.thresholds, np.float64),
            np.array(self.scales, np.int64),
            np.array(self.flags, np.int64),
            np.array(self.sizes, np.int64),
            np.array(self.index, np.int64),
            np.array(self.delta, np.float64),
        )
        return restored(columns, strand) if self.late else columns


def rows(columns: Columns) -> Iterable[Row]:
    """Yield columns row by row."""
    index, delta = columns.index.tolist(), columns.delta.tolist()
    position = 0
    for *about, size in zip(*(column.tolist() for column in columns[:8]), strict=True):
        part = slice(position, position + size)
        position += size
        yield Row._make([*about, dict(zip(index[part], delta[part], strict=True))])


def restored(columns: Columns, strand: Strand) -> Columns:
    """Return rows that came in any order in time order; of equal times the last written stands."""
    samples: dict[int, Histogram] = {}
    running: Histogram | None = None
    for each in rows(columns):
        sample = value(running, each, strand)
        if each.flag != LATE and not marks_stale(each.sum):
            running = sample
        samples.pop(each.time, None)
        samples[each.time] = sample
    return composed(samples)


def composed(samples: Mapping[int, Histogram]) -> Columns:
    """Return samples by time as columns."""
    kept = Rows()
    before: Histogram | None = None
    for time in sorted(samples):
        kept.add(row(before, samples[time], time))
        if not marks_stale(samples[time].sum):
            before = samples[time]
    return kept.columns(((), False))


def picked(columns: Columns, strand: Strand, kept: Any) -> Columns:
    """Return some of the rows."""
    samples = {}
    running: Histogram | None = None
    for each, wanted in zip(rows(columns), kept.tolist(), strict=True):
        running = value(running, each, strand)
        if wanted:
            samples[each.time] = running
    return composed(samples)


def _follows(before: Histogram, after: Histogram) -> bool:
    """Say whether the difference of two samples is exact and tells that nothing fell."""
    if (before.scale, before.threshold) != (after.scale, after.threshold):
        return False
    if not (before.count <= after.count and before.zeros <= after.zeros):
        return False
    return all(
        _counts(side.values())
        for each in (before, after)
        for side in (each.positive, each.negative)
    )


def _counts(values: Iterable[float]) -> bool:
    return all(float(value).is_integer() and abs(value) < _EXACT for value in values)


def _row(histogram: Histogram, time: int, flag: int, buckets: Mapping[int, float]) -> Row:
    count, total, zeros = histogram.count, histogram.sum, histogram.zeros
    return Row(time, count, total, zeros, histogram.threshold, histogram.scale, flag, buckets)


def _keyed(histogram: Histogram) -> dict[int, float]:
    """Return the buckets as they are stored, without empty ones, in ascending order."""
    keyed = {NEGATIVE - i: n for i, n in sorted(histogram.negative.items(), reverse=True) if n}
    keyed.update((i, n) for i, n in sorted(histogram.positive.items()) if n)
    return keyed


def _minus(after: Mapping[int, float], before: Mapping[int, float]) -> dict[int, float]:
    changes = {
        index: after.get(index, 0) - before.get(index, 0) for index in after.keys() | before.keys()
    }
    return {index: changes[index] for index in sorted(changes) if changes[index]}


_PIECE_ROWS = 2_048


def strand_arrays(strand: Strand, columns: Columns) -> list[Any]:
    """Return the arrays of a piece of a strand."""
    bounds, gauge = strand
    return [*columns, np.array(bounds, np.float64), np.array([gauge], np.int64)]


def strand_from(arrays: Sequence[Any]) -> tuple[Strand, Columns]:
    """Return what `strand_arrays` was given."""
    *columns, bounds, gauge = arrays
    return (tuple(bounds.tolist()), bool(gauge[0])), Columns(*columns)


def pieces(columns: Columns) -> Iterator[Columns]:
    """Yield a long strand in parts that can each be read by themselves."""
    length = len(columns.times)
    count = -(-length // _PIECE_ROWS)
    for first, last in pairwise([length * part // count for part in range(count + 1)]):
        yield cut(columns, first, last)


def cut(columns: Columns, first: int, last: int) -> Columns:
    """Return some rows, the first of them whole."""
    ends = np.concatenate([[0], np.cumsum(columns.sizes)])
    low, high = int(ends[first]), int(ends[last])
    heads = [column[first:last] for column in columns[:8]]
    window = Columns._make([*heads, columns.index[low:high], columns.delta[low:high]])
    if window.flags[0] != DELTA:
        return window
    index, delta = entries(columns, first)
    head = int(ends[first + 1]) - low
    flags, sizes = window.flags.copy(), window.sizes.copy()
    flags[0], sizes[0] = WHOLE, len(index)
    return window._replace(
        flags=flags,
        sizes=sizes,
        index=np.concatenate([index, window.index[head:]]),
        delta=np.concatenate([delta, window.delta[head:]]),
    )


def entries(columns: Columns, row: int) -> tuple[Any, Any]:
    """Return the buckets of a row's whole value."""
    ends = np.concatenate([[0], np.cumsum(columns.sizes)])
    begun = np.flatnonzero(columns.flags[: row + 1] != DELTA)
    part = slice(int(ends[begun[-1]]) if len(begun) else 0, int(ends[row + 1]))
    index, place = np.unique(columns.index[part], return_inverse=True)
    counts = np.bincount(place, columns.delta[part], len(index))
    kept = counts != 0
    return index[kept], counts[kept]
