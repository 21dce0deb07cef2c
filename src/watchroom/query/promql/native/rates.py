"""rate, increase, delta, irate and idelta of histograms."""

import numpy as np

from watchroom.query.promql.native.algebra import combined
from watchroom.query.promql.native.layout import Layout, Mask
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, divided, joined, scaled
from watchroom.query.promql.native.reconcile import coarsen
from watchroom.query.promql.native.resets import resets
from watchroom.query.promql.native.samples import Samples, rows, values
from watchroom.query.promql.native.windows import Windows, range_sums
from watchroom.storage.contract import Floats, Ints


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
    before = (start - (ends - windows.span)) / 1000.0
    before = np.where(before >= 1.1 * mean, mean / 2, before)
    if counter:
        before = np.minimum(before, _to_zero(samples.counts[low], part.counts, sampled, before))
    after = (ends - end) / 1000.0
    after = np.where(after >= 1.1 * mean, mean / 2, after)
    factor = (sampled + before + after) / sampled
    return scaled(part, factor / (windows.span / 1000.0) if per_second else factor)


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
    for place in np.flatnonzero(~within).tolist():
        window = int(first[place]), int(last[place])
        parts += _across(samples, *window, steps[place : place + 1], fell, counter, notes)
    return joined(part._replace(gauge=True) for part in parts)


def _within(samples: Samples, first: Ints, last: Ints, steps: Ints, fell: Mask) -> Part:
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


def _across(
    samples: Samples,
    first: int,
    last: int,
    step: Ints,
    fell: Mask,
    counter: bool,
    notes: set[Note],
) -> list[Part]:
    """Return the gain of one window whose samples differ in layout, at their coarsest scale."""
    begun = bool(fell[first + 1])
    if not _compatible(samples, first + begun, last, counter):
        notes.add(Note.LAYOUTS)
        return []
    inner = samples.scale[first + begun : last + 1]
    scale = int(inner.min() if counter else min(inner[0], inner[-1]))
    gained = coarsen(_row(samples, last, step), scale)
    base = _row(samples, first + begun, step)
    gained = _plus(gained, _emptied(base) if begun else base, -1.0, notes)
    for later in range(first + begun + 1, last + 1):
        if fell[later]:
            gained = _plus(gained, _row(samples, later - 1, step), 1.0, notes)
    return [gained]


def _compatible(samples: Samples, first: int, last: int, counter: bool) -> bool:
    custom = samples.custom[first : last + 1]
    return bool((custom == custom[0]).all() if counter else custom[0] == custom[-1])


def _row(samples: Samples, at: int, step: Ints) -> Part:
    (part,) = rows(samples, np.array([at]), step)
    return part


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
