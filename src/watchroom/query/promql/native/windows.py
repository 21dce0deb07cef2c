"""The windows of range functions over one series: differences, sums and picks of its samples."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from watchroom.query.promql.native.algebra import folded
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, divided, scaled
from watchroom.query.promql.native.samples import Samples, rows, values
from watchroom.storage.contract import Bools, Floats, Ints, Times

_CANCELLED = 1e-3
"""A sum this small beside the sum of magnitudes is added up again, exactly."""


class Windows(NamedTuple):
    """One window (end - span, end] per step, in ms; its samples are low .. high - 1."""

    ends: Times
    span: Times
    low: Ints
    high: Ints

    @property
    def number(self) -> Ints:
        """How many samples each window has."""
        return self.high - self.low


def cut(times: Times, ends: Times, span: Times | int) -> Windows:
    """Return the windows of ascending times."""
    spans = np.broadcast_to(np.asarray(span, np.int64), ends.shape)
    low = np.searchsorted(times, ends - spans, side="right")
    return Windows(ends, spans, low, np.searchsorted(times, ends, side="right"))


def last(samples: Samples, windows: Windows) -> list[Part]:
    """Return the last sample of each window."""
    steps = np.flatnonzero(windows.number)
    return rows(samples, windows.high[steps] - 1, steps)


def first(samples: Samples, windows: Windows) -> list[Part]:
    """Return the first sample of each window."""
    steps = np.flatnonzero(windows.number)
    return rows(samples, windows.low[steps], steps)


def summed(samples: Samples, windows: Windows, notes: set[Note]) -> list[Part]:
    """Return the sum of the samples of each window."""
    steps = len(windows.ends)
    apart = _apart(samples, windows)
    together = windows._replace(low=np.where(apart, windows.high, windows.low))
    parts = [
        part
        for run in range(len(samples.runs))
        if (part := _run_sum(samples, together, run)) is not None
    ]
    found = folded(parts, steps, notes) if len(parts) > 1 else parts
    return found + folded(_in_turn(samples, windows, apart), steps, notes) if apart.any() else found


def _apart(samples: Samples, windows: Windows) -> Bools:
    """Say in which windows the samples have to be added one by one.

    Where both scales and zero buckets differ, the order counts: Prometheus widens a zero bucket to
    the bounds of the scale that the sum has by then.
    """
    found = np.zeros(len(windows.ends), np.bool_)
    if len({run.layout.scale for run in samples.runs}) == 1:
        return found
    if len({run.layout.threshold for run in samples.runs}) == 1:
        return found
    some = windows.number > 1
    found[some] = samples.run[windows.low[some]] != samples.run[windows.high[some] - 1]
    return found


def _in_turn(samples: Samples, windows: Windows, chosen: Bools) -> Iterator[Part]:
    """Yield the first samples of the chosen windows, then the second ones, and so on."""
    steps = np.flatnonzero(chosen)
    for place in range(int(windows.number[steps].max())):
        left = steps[windows.number[steps] > place]
        yield from rows(samples, windows.low[left] + place, left)


def averaged(samples: Samples, windows: Windows, notes: set[Note]) -> list[Part]:
    """Return the mean of the samples of each window, also where their sum would overflow."""
    sums = summed(samples, windows, notes)
    number = windows.number.astype(np.float64)
    if any(np.isinf(part.counts).any() or np.isinf(part.sums).any() for part in sums):
        most = float(number.max())
        shares = summed(_shares(samples, most), windows, notes)
        return [scaled(part, most / number[part.steps]) for part in shares]
    return [divided(part, number[part.steps]) for part in sums]


def flagged(flags: Bools, windows: Windows) -> Floats:
    """Return how many samples of each window are flagged, its first one aside."""
    before = np.concatenate(([0], np.cumsum(flags)))
    since = np.minimum(windows.low + 1, windows.high)
    return (before[windows.high] - before[since]).astype(np.float64)


@np.errstate(over="ignore", invalid="ignore")
def range_sums(table: Floats, low: Ints, high: Ints) -> Floats:
    """Return the sums of the rows low .. high - 1 of a table [n, ...]; zero of no rows."""
    padded = np.concatenate((table, np.zeros((1, *table.shape[1:]))))
    found = np.add.reduceat(padded, np.column_stack((low, high)).ravel(), axis=0)[::2]
    found[high <= low] = 0.0
    return np.asarray(found, np.float64)


def _exact_sums(numbers: Floats, low: Ints, high: Ints) -> Floats:
    """Return range sums of numbers, exactly where large ones cancel out."""
    sums = range_sums(numbers, low, high)
    magnitudes = range_sums(np.abs(numbers), low, high)
    with np.errstate(invalid="ignore"):
        doubtful = (np.abs(sums) < _CANCELLED * magnitudes) & np.isfinite(magnitudes)
    for at in np.flatnonzero(doubtful).tolist():
        sums[at] = math.fsum(numbers[low[at] : high[at]].tolist())
    return sums


def _run_sum(samples: Samples, windows: Windows, run: int) -> Part | None:
    """Return the sums of what each window has of one run."""
    begin, end = np.searchsorted(samples.run, [run, run + 1]).tolist()
    low, high = np.clip(windows.low, begin, end), np.clip(windows.high, begin, end)
    steps = np.flatnonzero(high > low)
    if not len(steps):
        return None
    low, high = low[steps], high[steps]
    base = int(low.min())
    table = values(samples, np.arange(base, int(high.max())))
    source = samples.runs[run]
    return Part(
        0,
        source.layout,
        source.gauge,
        steps,
        source.axis,
        range_sums(table, low - base, high - base),
        _exact_sums(samples.counts, low, high),
        _exact_sums(samples.sums, low, high),
        _exact_sums(samples.zeros, low, high),
    )


def _shares(samples: Samples, divisor: float) -> Samples:
    return samples._replace(
        counts=samples.counts / divisor,
        sums=samples.sums / divisor,
        zeros=samples.zeros / divisor,
        runs=[run._replace(delta=run.delta / divisor) for run in samples.runs],
    )
