"""Exponential histograms over the windows of a grid: sums, means, quantiles, display bins.

A distribution is kept as increments, so that a window is a sum, exact to the last count.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels
from watchroom.query.plan import Edges, Grid, cut
from watchroom.query.rises import Rises
from watchroom.storage.contract import NEGATIVE, Floats, Ints, Times

_SPLIT = NEGATIVE // 2
"""Stored indexes below it are of negative values, those above of positive ones."""

_DENSE = 1 << 22
"""Cells up to which summing into a dense table beats sorting."""


class Distributions(NamedTuple):
    """n histogram series end to end, with their bucket increments in the same order.

    `bucket_sample` points into `times`; bucket indexes are as stored (see the store's contract).
    """

    labels: tuple[Labels, ...]
    scales: Ints
    starts: Ints
    times: Times
    counts: Floats
    sums: Floats
    zeros: Floats
    bucket_sample: Ints
    bucket_index: Ints
    bucket_delta: Floats


class Windows(NamedTuple):
    """One distribution per window: `buckets[w, k]` values fell into the bucket `indexes[k]`."""

    counts: Floats
    sums: Floats
    zeros: Floats
    indexes: Ints
    buckets: Floats
    scale: int


class Bins(NamedTuple):
    """Whole buckets merged for display: `counts[w, k]` values between edges k and k + 1."""

    edges: Floats
    counts: Ints


def pack(series: Sequence[Rises]) -> Distributions:
    """Return the series as one."""
    series = [each for each in series if len(each.times)]
    lengths = [len(each.times) for each in series]
    starts = np.zeros(len(series) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    none, empty = np.zeros(0, np.int64), np.zeros(0)
    shifts = np.repeat(starts[:-1], [len(each.bucket_sample) for each in series])
    return Distributions(
        tuple(each.labels for each in series),
        np.array([each.scale for each in series], np.int64),
        starts,
        np.concatenate([each.times for each in series] or [none]),
        np.concatenate([each.counts for each in series] or [empty]),
        np.concatenate([each.sums for each in series] or [empty]),
        np.concatenate([each.zeros for each in series] or [empty]),
        np.concatenate([each.bucket_sample for each in series] or [none]) + shifts,
        np.concatenate([each.bucket_index for each in series] or [none]),
        np.concatenate([each.bucket_delta for each in series] or [empty]),
    )


def window_sums(distributions: Distributions, grid: Grid) -> Windows:
    """Return the union of all the series, window by window, at the coarsest of their scales."""
    edges = cut(grid)
    bins = np.searchsorted(edges.edges, distributions.times) - 1
    inside = (bins >= 0) & (bins < len(edges.edges) - 1)
    scale, index = _at_one_scale(distributions)
    kept = inside[distributions.bucket_sample]
    indexes, columns = _columns(index[kept])
    return Windows(
        _binned(bins[inside], distributions.counts[inside], edges),
        _binned(bins[inside], distributions.sums[inside], edges),
        _binned(bins[inside], distributions.zeros[inside], edges),
        indexes,
        _binned_buckets(
            bins[distributions.bucket_sample[kept]] * len(indexes) + columns,
            distributions.bucket_delta[kept],
            edges,
            len(indexes),
        ),
        scale,
    )


def window_counts(distributions: Distributions, grid: Grid) -> Floats:
    """Return how many values fell into each window, without looking at the buckets."""
    edges = cut(grid)
    bins = np.searchsorted(edges.edges, distributions.times) - 1
    inside = (bins >= 0) & (bins < len(edges.edges) - 1)
    return _binned(bins[inside], distributions.counts[inside], edges)


def mean(windows: Windows) -> Floats:
    """Return the exact mean of each window, NaN where it is empty."""
    counts = np.where(windows.counts > 0, windows.counts, np.nan)
    return windows.sums / counts


def quantile(windows: Windows, q: float) -> Floats:
    """Return the q-quantile of each window, NaN where it is empty.

    The same numbers as `model.histogram.quantile`: exponential interpolation within the bucket.
    """
    if not 0.0 <= q <= 1.0:
        raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
    low, high, counts = _with_zeros(windows)
    if not counts.shape[1]:
        return np.full(len(windows.counts), np.nan)
    rank = q * windows.counts
    reached = np.cumsum(counts, axis=1)
    column = np.argmax((reached >= rank[:, None]) & (counts > 0), axis=1)
    row = np.arange(len(counts))
    inside = counts[row, column]
    seen = reached[row, column] - inside
    fraction = (rank - seen) / np.where(inside > 0, inside, np.nan)
    values = _interpolate(low[column], high[column], fraction)
    return np.where(windows.counts > 0, values, np.nan)


def rebin(windows: Windows, most: int = 60) -> Bins:
    """Return at most `most` geometric bins; buckets are merged, never split.

    Values at or below zero share the first bin.
    """
    positive = windows.indexes > _SPLIT
    low, high = _bounds(windows)
    below = windows.buckets[:, ~positive].sum(axis=1) + windows.zeros
    wide = most - 1 if below.any() else most
    edges, counts = _geometric(windows, positive, wide)
    if below.any() or not len(edges):
        bottom = low[~positive].min(initial=0.0)
        top = edges[0] if len(edges) else high[~positive].max(initial=0.0)
        edges = np.concatenate(([bottom, top], edges[1:]))
        counts = np.column_stack((below, counts))
    return Bins(edges, counts.astype(np.int64))


def collapse(windows: Windows) -> Windows:
    """Return the union of disjoint windows as one."""
    return windows._replace(
        counts=windows.counts.sum(keepdims=True),
        sums=windows.sums.sum(keepdims=True),
        zeros=windows.zeros.sum(keepdims=True),
        buckets=windows.buckets.sum(axis=0, keepdims=True),
    )


def histograms(series: Sequence[Rises], after: int) -> list[Histogram]:
    """Return what each series gained after a time, as the model's histograms."""
    if not series:
        return []
    recent = [_after(each, after) for each in series]
    owner = np.repeat(np.arange(len(recent)), [len(each.bucket_index) for each in recent])
    owners, indexes, gained = _summed(
        owner,
        np.concatenate([each.bucket_index for each in recent]),
        np.concatenate([each.bucket_delta for each in recent]),
    )
    cuts = np.searchsorted(owners, np.arange(len(recent) + 1)).tolist()
    index, count = indexes.tolist(), gained.astype(np.int64).tolist()
    return [
        _histogram(each, index[low:high], count[low:high])
        for each, (low, high) in zip(recent, pairwise(cuts), strict=True)
    ]


def _after(series: Rises, after: int) -> Rises:
    """Return the later part of a series; its bucket samples are left as they were."""
    first = int(series.times.searchsorted(after, side="right"))
    if not first:
        return series
    bucket = int(series.bucket_sample.searchsorted(first))
    return series._replace(
        times=series.times[first:],
        counts=series.counts[first:],
        sums=series.sums[first:],
        zeros=series.zeros[first:],
        bucket_index=series.bucket_index[bucket:],
        bucket_delta=series.bucket_delta[bucket:],
    )


def _summed(owner: Ints, index: Ints, delta: Floats) -> tuple[Ints, Ints, Floats]:
    """Return the distinct pairs of owner and index in order, and the sum of each."""
    if not len(index):
        return owner, index, delta
    base = int(index.min())
    span = int(index.max()) - base + 1
    keys = owner * span + (index - base)
    size = (int(owner[-1]) + 1) * span
    if size > _DENSE:
        distinct, place = np.unique(keys, return_inverse=True)
        sums = _weighed(place, delta, len(distinct))
    else:
        dense = _weighed(keys, delta, size)
        distinct = np.flatnonzero(dense)
        sums = dense[distinct]
    return distinct // span, distinct % span + base, sums


def _histogram(series: Rises, indexes: list[int], counts: list[int]) -> Histogram:
    totals = (int(series.counts.sum()), float(series.sums.sum()), int(series.zeros.sum()))
    if not indexes or indexes[0] > _SPLIT:
        return Histogram(*totals, dict(zip(indexes, counts, strict=True)), {}, series.scale)
    pairs = list(zip(indexes, counts, strict=True))
    positive = {index: count for index, count in pairs if index > _SPLIT}
    negative = {NEGATIVE - index: count for index, count in pairs if index < _SPLIT}
    return Histogram(*totals, positive, negative, series.scale)


def _at_one_scale(distributions: Distributions) -> tuple[int, Ints]:
    index = distributions.bucket_index
    if not len(distributions.scales):
        return 0, index
    scale = int(distributions.scales.min())
    if scale == int(distributions.scales.max()):
        return scale, index
    owner = np.repeat(np.arange(len(distributions.labels)), np.diff(distributions.starts))
    shift = (distributions.scales - scale)[owner[distributions.bucket_sample]]
    coarse = np.where(index > _SPLIT, index >> shift, NEGATIVE - ((NEGATIVE - index) >> shift))
    return scale, coarse


def _columns(index: Ints) -> tuple[Ints, Ints]:
    """Return the distinct indexes, ascending, and for each index its place among them."""
    if not len(index):
        return index, index
    low, high = int(index.min()), int(index.max())
    if high - low > 1 << 18:
        return np.unique(index, return_inverse=True)
    present = np.bincount(index - low, minlength=high - low + 1) > 0
    place = np.cumsum(present) - 1
    return np.flatnonzero(present) + low, place[index - low]


def _binned(bins: Ints, weights: Floats, edges: Edges) -> Floats:
    return _windowed(_weighed(bins, weights, len(edges.edges) - 1), edges)


def _binned_buckets(keys: Ints, deltas: Floats, edges: Edges, width: int) -> Floats:
    if not width:
        return np.zeros((len(edges.low), 0))
    rows = len(edges.edges) - 1
    return _windowed(_weighed(keys, deltas, rows * width).reshape(rows, width), edges)


def _weighed(places: Ints, weights: Floats, length: int) -> Floats:
    """Return the sum of the weights at each place; whole numbers are exact up to 2^53."""
    return np.asarray(np.bincount(places, weights, length), np.float64)


def _windowed(binned: Floats, edges: Edges) -> Floats:
    if edges.disjoint:
        return binned[edges.low]
    sums = np.zeros((len(binned) + 1, *binned.shape[1:]))
    np.cumsum(binned, axis=0, out=sums[1:])
    return sums[edges.high] - sums[edges.low]


def _bounds(windows: Windows) -> tuple[Floats, Floats]:
    """Return the bounds of each bucket; those of negative values mirror the positive ones."""
    width = 2.0**-windows.scale
    positive = windows.indexes > _SPLIT
    index = np.where(positive, windows.indexes, NEGATIVE - windows.indexes)
    near, far = np.exp2(index * width), np.exp2((index + 1) * width)
    return np.where(positive, near, -far), np.where(positive, far, -near)


def _with_zeros(windows: Windows) -> tuple[Floats, Floats, Floats]:
    low, high = _bounds(windows)
    if not windows.zeros.any():
        return low, high, windows.buckets
    at = int(np.searchsorted(windows.indexes, _SPLIT))
    return (
        np.insert(low, at, 0.0),
        np.insert(high, at, 0.0),
        np.insert(windows.buckets, at, windows.zeros, axis=1),
    )


def _interpolate(low: Floats, high: Floats, fraction: Floats) -> Floats:
    nonzero = low != 0.0
    ratio = np.where(nonzero, np.abs(high) / np.where(nonzero, np.abs(low), 1.0), 0.0)
    return low * ratio**fraction


def _geometric(
    windows: Windows, positive: np.ndarray[tuple[int], np.dtype[np.bool_]], most: int
) -> tuple[Floats, Floats]:
    indexes = windows.indexes[positive]
    if not len(indexes):
        return np.zeros(0), np.zeros((len(windows.counts), 0))
    first, span = int(indexes[0]), int(indexes[-1] - indexes[0]) + 1
    merged = -(-span // most)
    bins = -(-span // merged)
    place = (indexes - first) // merged
    counts = np.zeros((bins, len(windows.counts)))
    np.add.at(counts, place, windows.buckets[:, positive].T)
    edges = np.exp2((first + np.arange(bins + 1) * merged) * 2.0**-windows.scale)
    return edges, counts.T
