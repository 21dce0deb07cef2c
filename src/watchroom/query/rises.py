"""Histogram series as rises: what each sample adds to the one before, so that a window is a sum."""

from typing import NamedTuple

import numpy as np

from watchroom.model.histogram import CUSTOM, SCALE, Histogram, bucket_index, gained
from watchroom.model.labels import Labels
from watchroom.model.stale import is_stale
from watchroom.storage.contract import NEGATIVE, Bools, Floats, HistogramSeries, Ints, Times

_SPLIT = NEGATIVE // 2


class Rises(NamedTuple):
    """One series: n samples with m bucket rises, at its coarsest scale.

    What a series had before it was first heard of is the rise of its first sample. `life` is the
    cumulative count at its last sample.
    """

    labels: Labels
    times: Times
    counts: Floats
    sums: Floats
    zeros: Floats
    scale: int
    bucket_sample: Ints
    bucket_index: Ints
    bucket_delta: Floats
    life: float = 0.0


def rises(series: HistogramSeries) -> Rises:
    """Return the rises of a series; staleness markers are left out."""
    stale = is_stale(series.sums)
    return _without(_rises(_custom(_carried(series, stale))), stale)


def _rises(series: HistogramSeries) -> Rises:
    coarse = int(series.scales.min())
    if series.before is not None and series.before.scale != CUSTOM:
        coarse = min(coarse, series.before.scale)
    doubtful = np.flatnonzero(series.whole)[0 if series.before is not None else 1 :]
    index = _coarser(series, coarse)
    columns = [np.diff(each, prepend=0.0) for each in (series.counts, series.sums, series.zeros)]
    kept = np.ones(len(series.bucket_sample), bool)
    entries = [(series.bucket_sample, index, series.bucket_delta)]
    for sample in doubtful.tolist():
        before = value(series, sample - 1) if sample else series.before
        rise = gained(before or Histogram(), value(series, sample))
        for column, number in zip(columns, (rise.count, rise.sum, rise.zeros), strict=True):
            column[sample] = number
        kept &= series.bucket_sample != sample
        entries.append(_entries(rise, sample, coarse))
    entries[0] = (entries[0][0][kept], index[kept], series.bucket_delta[kept])
    sample, index, delta = (np.concatenate(each) for each in zip(*entries, strict=True))
    order = np.argsort(sample, kind="stable")
    return Rises(
        series.labels,
        series.times,
        columns[0],
        columns[1],
        columns[2],
        coarse,
        sample[order],
        index[order],
        delta[order],
        float(series.counts[-1]),
    )


def value(series: HistogramSeries, sample: int) -> Histogram:
    """Return the whole value of one sample."""
    begun = int(np.flatnonzero(series.whole[: sample + 1])[-1])
    low, high = np.searchsorted(series.bucket_sample, [begun, sample + 1])
    index, place = np.unique(series.bucket_index[low:high], return_inverse=True)
    counts = np.bincount(place, series.bucket_delta[low:high], len(index))
    pairs = [pair for pair in zip(index.tolist(), counts.tolist(), strict=True) if pair[1]]
    return Histogram(
        float(series.counts[sample]),
        float(series.sums[sample]),
        float(series.zeros[sample]),
        {index: count for index, count in pairs if index > _SPLIT},
        {NEGATIVE - index: count for index, count in pairs if index < _SPLIT},
        int(series.scales[sample]),
        float(series.thresholds[sample]),
        series.bounds,
        series.gauge,
    )


def _carried(series: HistogramSeries, stale: Bools) -> HistogramSeries:
    """Return the series with the sums of stale samples those of the samples before."""
    if not stale.any():
        return series
    at = np.maximum.accumulate(np.where(stale, -1, np.arange(len(stale))))
    first = series.before.sum if series.before is not None else 0.0
    return series._replace(sums=np.where(at < 0, first, series.sums[at]))


def _without(found: Rises, stale: Bools) -> Rises:
    """Leave samples out that rose by nothing."""
    if not stale.any():
        return found
    place = np.cumsum(~stale) - 1
    return found._replace(
        times=found.times[~stale],
        counts=found.counts[~stale],
        sums=found.sums[~stale],
        zeros=found.zeros[~stale],
        bucket_sample=place[found.bucket_sample],
    )


def _custom(series: HistogramSeries) -> HistogramSeries:
    """Return custom buckets as exponential ones: each goes where its upper bound lies."""
    if not series.bounds and not (series.scales == CUSTOM).any():
        return series
    before = series.before
    places = _places(series.bounds)
    return series._replace(
        scales=np.full(len(series.times), SCALE),
        bucket_index=places[np.minimum(series.bucket_index, len(places) - 1)],
        before=before and _exponential(before, places),
        bounds=(),
    )


def _exponential(histogram: Histogram, places: Ints) -> Histogram:
    positive: dict[int, float] = {}
    for index, count in histogram.positive.items():
        place = int(places[min(index, len(places) - 1)])
        positive[place] = positive.get(place, 0) + count
    return histogram._replace(positive=positive, scale=SCALE, bounds=())


def _places(bounds: tuple[float, ...]) -> Ints:
    finite = [max(bound, 2.0**-1000) for bound in bounds if bound < np.inf] or [1.0]
    return np.array([bucket_index(bound) for bound in [*finite, finite[-1]]], np.int64)


def _coarser(series: HistogramSeries, scale: int) -> Ints:
    index = series.bucket_index
    shift = (series.scales - scale)[series.bucket_sample]
    if not shift.any():
        return index
    negative = index < _SPLIT
    return np.where(negative, NEGATIVE - ((NEGATIVE - index) >> shift), index >> shift)


def _entries(rise: Histogram, sample: int, scale: int) -> tuple[Ints, Ints, Floats]:
    shift = rise.scale - scale
    index = [NEGATIVE - (i >> shift) for i in rise.negative] + [i >> shift for i in rise.positive]
    delta = [*rise.negative.values(), *rise.positive.values()]
    owner = np.full(len(index), sample, np.int64)
    return owner, np.array(index, np.int64), np.array(delta, np.float64)
