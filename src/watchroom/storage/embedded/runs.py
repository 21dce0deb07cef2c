"""Runs: columns of samples sorted by series, in the order of arrival within a series."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchroom.storage.contract import Floats, Ints, Times

Ids = NDArray[np.int32]

_FAN = 8
"""Runs of one tier that become one run of the next."""
_LARGEST_MERGED = 1 << 17
"""A merge of more samples would be felt between two commits."""


class FloatRun(NamedTuple):
    """Float samples: n values of each column."""

    series: Ids
    times: Times
    values: Floats


class HistogramRun(NamedTuple):
    """Histogram samples: n values of each column, and their buckets one after the other.

    `lengths[i]` buckets belong to sample i; `lives` are cumulative counts, the rest increments.
    """

    series: Ids
    times: Times
    counts: Ints
    sums: Floats
    zeros: Ints
    lives: Ints
    scales: NDArray[np.int8]
    lengths: NDArray[np.int32]
    index: NDArray[np.int32]
    delta: Ints


Run = TypeVar("Run", FloatRun, HistogramRun)


def series_order(series: Ids) -> NDArray[np.intp]:
    """Return the stable order by series; 16-bit ids take NumPy's radix sort."""
    narrow = series.astype(np.uint16) if series.size and series.max() < 1 << 16 else series
    return np.argsort(narrow, kind="stable")


def sorted_floats(run: FloatRun) -> FloatRun:
    """Return the same samples in series order."""
    order = series_order(run.series)
    return FloatRun(*(column[order] for column in run))


def sorted_histograms(run: HistogramRun) -> HistogramRun:
    """Return the same samples in series order, each with its buckets."""
    order = series_order(run.series)
    buckets = bucket_positions(run.lengths, order)
    samples = (column[order] for column in run[:8])
    return HistogramRun(*samples, run.index[buckets], run.delta[buckets])


def bucket_positions(lengths: NDArray[np.int32], samples: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where the buckets of some samples lie, sample after sample."""
    starts = np.cumsum(lengths, dtype=np.intp) - lengths
    taken = lengths[samples]
    before = np.cumsum(taken, dtype=np.intp) - taken
    return np.repeat(starts[samples] - before, taken) + np.arange(taken.sum(), dtype=np.intp)


def merge_floats(runs: Sequence[FloatRun]) -> FloatRun:
    """Return one run of all samples, earlier runs first within a series."""
    return sorted_floats(FloatRun(*map(np.concatenate, zip(*runs, strict=True))))


def merge_histograms(runs: Sequence[HistogramRun]) -> HistogramRun:
    """Return one run of all samples, earlier runs first within a series."""
    return sorted_histograms(HistogramRun(*map(np.concatenate, zip(*runs, strict=True))))


def added(
    runs: tuple[Run, ...], run: Run, merge: Callable[[Sequence[Run]], Run]
) -> tuple[Run, ...]:
    """Return the runs with one more, the youngest merged where enough are of one tier."""
    runs = (*runs, run)
    while True:
        tier = _tier(runs[-1])
        first = len(runs)
        while first and _tier(runs[first - 1]) <= tier:
            first -= 1
        tail = runs[first:]
        if len(tail) < _FAN or sum(len(each.series) for each in tail) > _LARGEST_MERGED:
            return runs
        runs = (*runs[:first], merge(tail))


def _tier(run: FloatRun | HistogramRun) -> int:
    return len(run.series).bit_length() // 3
