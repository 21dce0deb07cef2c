"""Histograms in increments: what each sample adds to the one before it."""

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.histogram import Histogram, coarsen
from watchroom.model.labels import Labels
from watchroom.storage.contract import NEGATIVE, HistogramSeries


class Increment(NamedTuple):
    """What one sample adds. After a reset it is the whole new value."""

    time: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    sum: float
    zeros: int
    scale: int
    buckets: Mapping[int, int]
    reset: bool


def difference(before: Histogram | None, after: Histogram, time: int) -> Increment:
    """Return what `after` adds to `before`; a bucket that fell means the process began anew."""
    scale = after.scale if before is None else min(before.scale, after.scale)
    new = coarsen(after, scale)
    old = Histogram(scale=scale) if before is None else coarsen(before, scale)
    buckets = _minus(new.positive, old.positive, 0) | _minus(new.negative, old.negative, NEGATIVE)
    fell = new.count < old.count or new.zeros < old.zeros or min(buckets.values(), default=0) < 0
    if before is None or fell:
        whole = {**dict(new.positive), **{NEGATIVE - i: n for i, n in new.negative.items()}}
        return Increment(time, new.count, new.sum, new.zeros, scale, whole, reset=True)
    return Increment(
        time, new.count - old.count, new.sum - old.sum, new.zeros - old.zeros, scale, buckets, False
    )


def add(before: Histogram | None, increment: Increment) -> Histogram:
    """Return the cumulative value after an increment."""
    if before is None or increment.reset:
        before = Histogram(scale=increment.scale)
    base = coarsen(before, increment.scale)
    positive, negative = dict(base.positive), dict(base.negative)
    for index, count in increment.buckets.items():
        side, key = (negative, NEGATIVE - index) if index < NEGATIVE // 2 else (positive, index)
        side[key] = side.get(key, 0) + count
    return Histogram(
        base.count + increment.count,
        base.sum + increment.sum,
        base.zeros + increment.zeros,
        positive,
        negative,
        increment.scale,
    )


class Rows:
    """Increments of one series, in columns that grow."""

    __slots__ = ("buckets", "counts", "deltas", "scales", "sizes", "sums", "times", "zeros")

    def __init__(self) -> None:
        self.times, self.counts, self.zeros = array("q"), array("q"), array("q")
        self.sums = array("d")
        self.scales, self.sizes = array("q"), array("q")
        self.buckets, self.deltas = array("q"), array("q")

    def __len__(self) -> int:
        return len(self.times)

    def add(self, increment: Increment) -> None:
        """Append one increment."""
        self.times.append(increment.time)
        self.counts.append(increment.count)
        self.sums.append(increment.sum)
        self.zeros.append(increment.zeros)
        self.scales.append(increment.scale)
        self.sizes.append(len(increment.buckets))
        self.buckets.extend(increment.buckets.keys())
        self.deltas.extend(increment.buckets.values())

    def columns(self, start: int | None = None) -> list[Any]:
        """Return the columns as arrays: times, counts, sums, zeros, scales, sizes, index, delta.

        With `start`, the samples up to it are left out.
        """
        first = 0 if start is None else bisect_right(self.times, start)
        sizes = self.sizes[first:]
        bucket = len(self.buckets) - sum(sizes)
        ints = (self.scales[first:], sizes, self.buckets[bucket:], self.deltas[bucket:])
        return [
            np.array(self.times[first:], np.int64),
            np.array(self.counts[first:], np.int64),
            np.array(self.sums[first:], np.float64),
            np.array(self.zeros[first:], np.int64),
            *(np.array(each, np.int64) for each in ints),
        ]


def assemble(labels: Labels, parts: list[list[Any]], start: int, end: int) -> HistogramSeries:
    """Return the series of several column sets, cut to (start, end], at their coarsest scale."""
    times, counts, sums, zeros, scales, sizes, index, delta = (
        np.concatenate([part[column] for part in parts]) for column in range(8)
    )
    sample = np.repeat(np.arange(len(times)), sizes)
    scale = int(scales.min()) if len(scales) else 0
    shift = (scales - scale)[sample]
    negative = index < NEGATIVE // 2
    index = np.where(negative, NEGATIVE - ((NEGATIVE - index) >> shift), index >> shift)
    first, last = np.searchsorted(times, [start, end], side="right")
    inside = (sample >= first) & (sample < last)
    window = slice(int(first), int(last))
    return HistogramSeries(
        labels,
        times[window],
        counts[window],
        sums[window],
        zeros[window],
        scale,
        sample[inside] - first,
        index[inside],
        delta[inside],
    )


def _minus(after: Mapping[int, int], before: Mapping[int, int], offset: int) -> dict[int, int]:
    changes = {}
    for index in after.keys() | before.keys():
        change = after.get(index, 0) - before.get(index, 0)
        if change:
            changes[offset - index if offset else index] = change
    return changes
