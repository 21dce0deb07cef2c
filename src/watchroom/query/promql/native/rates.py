"""rate, increase, delta, irate and idelta of histograms."""

from typing import NamedTuple

import numpy as np

from watchroom.query.promql.native.algebra import combined
from watchroom.query.promql.native.layout import Layout
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, divided, joined, scaled, take
from watchroom.query.promql.native.reconcile import coarsen
from watchroom.query.promql.native.resets import resets
from watchroom.query.promql.native.samples import Samples, rows, values
from watchroom.query.promql.native.windows import Windows, range_sums
from watchroom.storage.contract import Bools, Floats, Ints


def extrapolated(
    samples: Samples, windows: Windows, notes: set[Note], *, counter: bool, per_second: bool
) -> list[Part]:
    """Return the increase or the difference over each window, extrapolated to its edges."""
    steps = np.flatnonzero(windows.number >= 2)
    first, last = windows.low[steps], windows.high[steps] - 1
    _check_kind(samples, first, last, counter, notes)
    parts = _differences(samples, first, last, steps, counter, notes)
    return [_stretched(part, samples, windows, counter, per_second) for part in parts]


def instantaneous(
    samples: Samples, windows: Windows, notes: set[Note], *, counter: bool
) -> list[Part]:
    """Return the difference of the last two samples of each window; of a counter, per second."""
    steps = np.flatnonzero(windows.number >= 2)
    last = windows.high[steps] - 1
    _check_kind(samples, last - 1, last, counter, notes)
    parts = _differences(samples, last - 1, last, steps, counter, notes)
    if not counter:
        return parts
    apart = np.diff(samples.times, prepend=0) / 1000.0
    return [divided(part, apart[windows.high[part.steps] - 1]) for part in parts]


def _check_kind(samples: Samples, first: Ints, last: Ints, counter: bool, notes: set[Note]) -> None:
    """Note where a function of counters meets a gauge, or one of gauges a counter."""
    gauge = samples.gauge
    if counter and gauge.any():
        seen = np.concatenate(([0], np.cumsum(gauge)))
        if (seen[last + 1] > seen[first]).any():
            notes.add(Note.NOT_COUNTER)
    if not counter and not (gauge[first] & gauge[last]).all():
        notes.add(Note.NOT_GAUGE)


def _stretched(
    part: Part, samples: Samples, windows: Windows, counter: bool, per_second: bool
) -> Part:
    """Return differences stretched to the edges of their windows, as Prometheus does it.

    An edge farther from its sample than 1.1 times the mean distance of samples counts as half that
    distance, and a counter is not stretched beyond the time where its count would be zero.
    """
    low, high = windows.low[part.steps], windows.high[part.steps]
    start, end = samples.times[low], samples.times[high - 1]
    ends = windows.ends[part.steps]
    sampled = (end - start) / 1000.0  # whole ms until here: as seconds the times are inexact
    mean = sampled / (high - low - 1)
    span = windows.span[part.steps]
    before = (start - (ends - span)) / 1000.0
    before = np.where(before >= 1.1 * mean, mean / 2, before)
    if counter:
        before = np.minimum(before, _to_zero(samples.counts[low], part.counts, sampled, before))
    after = (ends - end) / 1000.0
    after = np.where(after >= 1.1 * mean, mean / 2, after)
    factor = (sampled + before + after) / sampled
    return scaled(part, factor / (span / 1000.0) if per_second else factor)


def _to_zero(count: Floats, gained: Floats, sampled: Floats, otherwise: Floats) -> Floats:
    """Return how long before its first sample a counter would have been zero."""
    rises = (gained > 0) & (count >= 0)
    return np.where(rises, sampled * (count / np.where(rises, gained, 1.0)), otherwise)


def _differences(
    samples: Samples, first: Ints, last: Ints, steps: Ints, counter: bool, notes: set[Note]
) -> list[Part]:
    """Return what was gained from the first to the last sample of each step, as gauges."""
    fell = resets(samples) if counter else np.zeros(len(samples.times), np.bool_)
    within = samples.run[first] == samples.run[last]
    parts = []
    for run in np.unique(samples.run[first[within]]).tolist():
        at = np.flatnonzero(within & (samples.run[first] == run))
        parts.append(_within(samples, first[at], last[at], steps[at], fell))
    apart = np.flatnonzero(~within)
    if len(apart):
        singles = _singles(samples, first[apart], last[apart], fell, counter)
        for place in apart.tolist():
            step = steps[place : place + 1]
            window = int(first[place]), int(last[place])
            parts += [each._replace(steps=step) for each in _across(singles, *window, notes)]
    return joined(part._replace(gauge=True) for part in parts)


def _within(samples: Samples, first: Ints, last: Ints, steps: Ints, fell: Bools) -> Part:
    """Return the gains of windows that lie in one run.

    What was reached before each reset is added; a first sample right before one is left out.
    """
    begun = fell[first + 1]
    falls = np.flatnonzero(fell[: int(last.max()) + 1])
    falls = falls[falls > int(first.min())]
    low = np.searchsorted(falls, first + begun, side="right")
    high = np.searchsorted(falls, last, side="right")
    wanted = np.unique(np.concatenate((first, last, falls - 1)))
    table = values(samples, wanted)
    run = samples.runs[int(samples.run[first[0]])]

    def gains(column: Floats) -> Floats:
        found = column[np.searchsorted(wanted, last)]
        found[~begun] -= column[np.searchsorted(wanted, first[~begun])]
        if len(falls):
            found += range_sums(column[np.searchsorted(wanted, falls - 1)], low, high)
        return found

    return Part(
        0,
        run.layout,
        run.gauge,
        steps,
        run.axis,
        gains(table),
        gains(samples.counts[wanted]),
        gains(samples.sums[wanted]),
        gains(samples.zeros[wanted]),
    )


class _Singles(NamedTuple):
    """What windows over several runs are calculated from: some of the samples, one row each."""

    rows: dict[int, Part]
    scale: Ints
    custom: Bools
    fell: Bools
    counter: bool


def _singles(samples: Samples, first: Ints, last: Ints, fell: Bools, counter: bool) -> _Singles:
    """Return the samples at the ends of the windows first .. last, and before their resets."""
    inside = np.zeros(len(samples.times) + 1, np.int64)
    np.add.at(inside, first, 1)
    np.add.at(inside, last, -1)
    falls = np.flatnonzero(fell)
    falls = falls[np.cumsum(inside)[falls - 1] > 0]
    wanted = np.unique(np.concatenate((first, first + fell[first + 1], last, falls - 1)))
    single = {
        int(at): take(part, slice(row, row + 1))
        for part in rows(samples, wanted, wanted)
        for row, at in enumerate(part.steps)
    }
    return _Singles(single, samples.scale, samples.custom, fell, counter)


def _across(singles: _Singles, first: int, last: int, notes: set[Note]) -> list[Part]:
    """Return the gain of one window whose samples differ in layout, at their coarsest scale."""
    fell = singles.fell
    begun = bool(fell[first + 1])
    custom = singles.custom[first + begun : last + 1]
    if custom[0] != custom[-1] or (singles.counter and (custom != custom[0]).any()):
        notes.add(Note.LAYOUTS)
        return []
    scales = singles.scale[first + begun : last + 1]
    scale = int(scales.min() if singles.counter else min(scales[0], scales[-1]))
    base = singles.rows[first + begun]
    gained = coarsen(singles.rows[last], scale)
    gained = _plus(gained, _emptied(base) if begun else base, -1.0, notes)
    for later in (np.flatnonzero(fell[first + begun + 1 : last + 1]) + first + begun + 1).tolist():
        gained = _plus(gained, singles.rows[later - 1], 1.0, notes)
    return [gained]


def _emptied(part: Part) -> Part:
    """Return a histogram of nothing, with the layout of another but no zero bucket."""
    none = np.zeros(1)
    layout = Layout(part.layout.scale, 0.0, part.layout.bounds)
    return Part(0, layout, True, part.steps, part.axis[:0], np.zeros((1, 0)), none, none, none)


def _plus(left: Part, right: Part, sign: float, notes: set[Note]) -> Part:
    if left.layout.bounds != right.layout.bounds:
        notes.add(Note.BOUNDS)
    (found,) = combined(left, right, sign)
    return found
