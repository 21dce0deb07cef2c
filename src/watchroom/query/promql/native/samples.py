"""The samples of one histogram series in time order, and their values where they are wanted."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from watchroom.model.stale import is_stale
from watchroom.query.promql.native.layout import Layout, union
from watchroom.query.promql.native.part import Part
from watchroom.storage.contract import Bools, Floats, HistogramSeries, Ints, Times


class Run(NamedTuple):
    """Raw samples of one layout, `whole.size` of them from the raw place `first` on.

    `sample`, `column` and `delta` are the bucket entries: at a whole sample its buckets, at another
    one what it adds to the sample before.
    """

    first: int
    layout: Layout
    gauge: bool
    axis: Ints
    whole: Bools
    sample: Ints
    column: Ints
    delta: Floats


class Samples(NamedTuple):
    """n samples of one series, without its stale markers.

    Sample i stands at the raw place `place[i]`, which belongs to the run `run[i]`.
    """

    times: Times
    counts: Floats
    sums: Floats
    zeros: Floats
    place: Ints
    run: Ints
    runs: Sequence[Run]

    @property
    def gauge(self) -> Bools:
        return np.array([run.gauge for run in self.runs], np.bool_)[self.run]

    @property
    def custom(self) -> Bools:
        return np.array([run.layout.custom for run in self.runs], np.bool_)[self.run]

    @property
    def scale(self) -> Ints:
        return np.array([run.layout.scale for run in self.runs], np.int64)[self.run]


def collect(series: Sequence[HistogramSeries]) -> tuple[Samples, Times]:
    """Return the samples of series with the same labels, and the times of the stale markers."""
    times = np.concatenate([each.times for each in series])
    sums = np.concatenate([each.sums for each in series])
    order = np.argsort(times, kind="stable")
    owner = np.repeat(np.arange(len(series)), [len(each.times) for each in series])[order]
    stale = is_stale(sums[order])
    runs = _runs(series, owner, order, stale)
    lengths = [len(run.whole) for run in runs]
    alive = np.flatnonzero(~stale)
    samples = Samples(
        times[order][alive],
        np.concatenate([each.counts for each in series])[order][alive].astype(np.float64),
        sums[order][alive],
        np.concatenate([each.zeros for each in series])[order][alive].astype(np.float64),
        alive,
        np.repeat(np.arange(len(runs)), lengths)[alive],
        runs,
    )
    return samples, times[order][stale]


def of_parts(parts: Sequence[Part], times: Times) -> Samples:
    """Return the rows of one series as samples; `times[s]` is the time of step `s`."""
    steps = np.concatenate([part.steps for part in parts])
    order = np.argsort(steps, kind="stable")
    owner = np.repeat(np.arange(len(parts)), [len(part.steps) for part in parts])[order]
    row = np.concatenate([np.arange(len(part.steps)) for part in parts])[order]
    cuts = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(order)] if len(order) else [0]
    runs = [_run_of_rows(parts[owner[low]], row[low:high], low) for low, high in pairwise(cuts)]
    return Samples(
        times[steps[order]],
        np.concatenate([part.counts for part in parts])[order],
        np.concatenate([part.sums for part in parts])[order],
        np.concatenate([part.zeros for part in parts])[order],
        np.arange(len(order)),
        np.repeat(np.arange(len(runs)), [len(run.whole) for run in runs]),
        runs,
    )


def values(samples: Samples, wanted: Ints) -> Floats:
    """Return the buckets [k, B] of k distinct samples of one run, ascending."""
    run = samples.runs[int(samples.run[wanted[0]])]
    return _values(run, samples.place[wanted] - run.first)


def rows(samples: Samples, wanted: Ints, steps: Ints) -> list[Part]:
    """Return samples, ascending and perhaps more than once, as parts at the given steps."""
    found = []
    for number in np.unique(samples.run[wanted]).tolist():
        mine = np.flatnonzero(samples.run[wanted] == number)
        distinct, back = np.unique(wanted[mine], return_inverse=True)
        run = samples.runs[number]
        at = wanted[mine]
        found.append(
            Part(
                0,
                run.layout,
                run.gauge,
                steps[mine],
                run.axis,
                values(samples, distinct)[back],
                samples.counts[at],
                samples.sums[at],
                samples.zeros[at],
            )
        )
    return found


def _values(run: Run, wanted: Ints) -> Floats:
    """Return the buckets of wanted raw samples, counted from the run's first.

    Entries between two wanted samples are added to the later one, unless a whole sample follows
    them; then the rows between whole samples are accumulated.
    """
    height, width = len(wanted), len(run.axis)
    if not width:
        return np.zeros((height, 0))
    segment = np.cumsum(run.whole)
    row = np.searchsorted(wanted, np.arange(len(run.whole)))
    used = row < height
    used[used] = segment[used] == segment[wanted[row[used]]]
    sample, column, delta = run.sample, run.column, run.delta
    if not used.all():
        inside = used[sample]
        sample, column, delta = sample[inside], column[inside], delta[inside]
    sums = np.bincount((row * width)[sample] + column, delta, height * width)
    table = np.asarray(sums, np.float64).reshape(height, width)
    cuts = [0, *(np.flatnonzero(np.diff(segment[wanted])) + 1).tolist(), height]
    for low, high in pairwise(cuts):
        if high - low > 1:
            np.cumsum(table[low:high], axis=0, out=table[low:high])
    return table


def _runs(series: Sequence[HistogramSeries], owner: Ints, order: Ints, stale: Bools) -> list[Run]:
    """Cut the raw samples where the layout changes; a stale marker has that of its neighbour."""
    if not len(order):
        return []
    known = np.maximum.accumulate(np.where(stale, 0, np.arange(len(order))))
    scales = np.concatenate([each.scales for each in series])[order][known]
    thresholds = np.concatenate([each.thresholds for each in series])[order][known]
    differs = (np.diff(scales) != 0) | (np.diff(thresholds) != 0) | (np.diff(owner) != 0)
    cuts = [0, *(np.flatnonzero(differs) + 1).tolist(), len(order)]
    starts = np.concatenate(([0], np.cumsum([len(each.times) for each in series])))
    local = order - starts[owner]
    interleaved = np.count_nonzero(np.diff(owner)) >= len(series)
    split = [_complete(each) for each in series] if interleaved else series
    return [
        _run(
            split[owner[low]],
            Layout(int(scales[low]), float(thresholds[low]), series[owner[low]].bounds),
            int(local[low]),
            high - low,
            low,
        )
        for low, high in pairwise(cuts)
    ]


def _run(series: HistogramSeries, layout: Layout, start: int, length: int, first: int) -> Run:
    """Return the samples from `start` on of one series as a run at the raw place `first`."""
    low, high = np.searchsorted(series.bucket_sample, [start, start + length]).tolist()
    index, column = _axis(series.bucket_index[low:high])
    return Run(
        first,
        layout,
        series.gauge,
        index,
        series.whole[start : start + length],
        (series.bucket_sample[low:high] - start).astype(np.int32),  # half of what a query holds
        column.astype(np.int32),
        np.asarray(series.bucket_delta[low:high], np.float64),
    )


def _axis(entries: Ints) -> tuple[Ints, Ints]:
    """Return the distinct indexes, ascending, and the place of each entry among them."""
    axis = union([entries, entries[:0]])
    low = int(axis[0]) if len(axis) else 0
    if len(axis) and int(axis[-1]) - low < 1 << 18:
        place = np.zeros(int(axis[-1]) - low + 1, np.int64)
        place[axis - low] = np.arange(len(axis))
        return axis, place[entries - low]
    return axis, np.searchsorted(axis, entries)


def _complete(series: HistogramSeries) -> HistogramSeries:
    """Return the series with every sample whole, so that others may stand between them."""
    if series.whole.all() or not len(series.times):
        return series
    index, column = _axis(series.bucket_index)
    run = Run(
        0, Layout(0), series.gauge, index, series.whole, series.bucket_sample, column,
        np.asarray(series.bucket_delta, np.float64),
    )  # fmt: skip
    table = _values(run, np.arange(len(series.times)))
    sample, place = np.nonzero(table)
    return series._replace(
        whole=np.ones(len(series.times), np.bool_),
        bucket_sample=sample,
        bucket_index=index[place],
        bucket_delta=table[sample, place],
    )


def _run_of_rows(part: Part, row: Ints, first: int) -> Run:
    table = part.buckets[row]
    sample, column = np.nonzero(table)
    whole = np.ones(len(row), np.bool_)
    return Run(
        first, part.layout, part.gauge, part.axis, whole, sample, column, table[sample, column]
    )
