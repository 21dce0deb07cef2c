"""Histograms as rows: most samples are kept as what they add to the sample before.

A strand is the histograms of one series with the same custom bounds and of the same kind (gauge
or not). Its columns are those of `Columns`; in a chunk they are in time order and the first row is
whole, so that every chunk can be read by itself.
"""

from array import array
from collections.abc import Iterable, Mapping
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
