"""Range functions over one series that has histograms, and perhaps floats beside them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from watchroom.query.promql.native.mixed import newer, older, pairs, together
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, kept
from watchroom.query.promql.native.rates import extrapolated, instantaneous
from watchroom.query.promql.native.resets import changes, resets
from watchroom.query.promql.native.samples import Samples
from watchroom.query.promql.native.windows import (
    Windows,
    averaged,
    cut,
    first,
    flagged,
    last,
    summed,
)
from watchroom.storage.contract import Bools, Floats, Times


class Range(NamedTuple):
    """The windows of one series: over its histograms, and over its floats, which may be none."""

    samples: Samples
    windows: Windows
    times: Times
    values: Floats
    floats: Windows

    @property
    def both(self) -> Bools:
        """The windows that hold histograms and floats."""
        return np.asarray((self.windows.number > 0) & (self.floats.number > 0), np.bool_)


class Outcome(NamedTuple):
    """What a function makes of one series.

    `parts` are its histograms. `hidden` are the steps [T] at which what it makes of the floats
    alone does not count. `values` [T] stand instead where they are not NaN.
    """

    parts: list[Part]
    hidden: Bools
    values: Floats | None = None


Function = Callable[[Range, set[Note]], Outcome]


def ranged(samples: Samples, times: Times, values: Floats, ends: Times, span: Times | int) -> Range:
    """Return the windows (end - span, end] of a series without its stale markers, times in ms."""
    windows, floats = cut(samples.times, ends, span), cut(times, ends, span)
    return Range(samples, windows, times, values, floats)


def evaluate(name: str, series: Range, notes: set[Note]) -> Outcome:
    """Return what the range function of a name makes of a series.

    Functions without a meaning for histograms ignore them, and say so if there are floats, too.
    """
    if function := FUNCTIONS.get(name):
        return function(series, notes)
    if series.both.any():
        notes.add(Note.IGNORED_IN_RANGE)
    return Outcome([], np.zeros(len(series.windows.ends), np.bool_))


def _rate(series: Range, notes: set[Note]) -> Outcome:
    return _alone(series, extrapolated(*_of(series, notes), counter=True, per_second=True), notes)


def _increase(series: Range, notes: set[Note]) -> Outcome:
    return _alone(series, extrapolated(*_of(series, notes), counter=True, per_second=False), notes)


def _delta(series: Range, notes: set[Note]) -> Outcome:
    return _alone(series, extrapolated(*_of(series, notes), counter=False, per_second=False), notes)


def _sum(series: Range, notes: set[Note]) -> Outcome:
    return _alone(series, summed(*_of(series, notes)), notes)


def _mean(series: Range, notes: set[Note]) -> Outcome:
    return _alone(series, averaged(*_of(series, notes)), notes)


def _irate(series: Range, notes: set[Note]) -> Outcome:
    return _last_two(series, instantaneous(*_of(series, notes), counter=True), notes)


def _idelta(series: Range, notes: set[Note]) -> Outcome:
    return _last_two(series, instantaneous(*_of(series, notes), counter=False), notes)


def _last(series: Range, notes: set[Note]) -> Outcome:  # noqa: ARG001  # one shape for all
    wins = newer(series.windows, series.samples.times, series.floats, series.times)
    return Outcome(kept(last(series.samples, series.windows), wins[None, :]), wins)


def _first(series: Range, notes: set[Note]) -> Outcome:  # noqa: ARG001
    wins = older(series.windows, series.samples.times, series.floats, series.times)
    return Outcome(kept(first(series.samples, series.windows), wins[None, :]), wins)


def _count(series: Range, notes: set[Note]) -> Outcome:  # noqa: ARG001
    return _numbers(series, (series.windows.number + series.floats.number).astype(np.float64))


def _present(series: Range, notes: set[Note]) -> Outcome:  # noqa: ARG001
    return _numbers(series, np.ones(len(series.windows.ends)))


def _resets(series: Range, notes: set[Note]) -> Outcome:  # noqa: ARG001
    fell = np.diff(series.values, prepend=np.inf) < 0
    return _flags(series, resets(series.samples), fell)


def _changes(series: Range, notes: set[Note]) -> Outcome:  # noqa: ARG001
    before, now = np.roll(series.values, 1), series.values
    differs = (before != now) & ~(np.isnan(before) & np.isnan(now))
    return _flags(series, changes(series.samples), differs)


FUNCTIONS: dict[str, Function] = {
    "rate": _rate,
    "increase": _increase,
    "delta": _delta,
    "irate": _irate,
    "idelta": _idelta,
    "sum_over_time": _sum,
    "avg_over_time": _mean,
    "last_over_time": _last,
    "first_over_time": _first,
    "count_over_time": _count,
    "present_over_time": _present,
    "resets": _resets,
    "changes": _changes,
}
"""The range functions that mean something for histograms."""


def _of(series: Range, notes: set[Note]) -> tuple[Samples, Windows, set[Note]]:
    return series.samples, series.windows, notes


def _alone(series: Range, parts: list[Part], notes: set[Note]) -> Outcome:
    """Return the parts of those windows that hold nothing but histograms."""
    both = series.both
    if both.any():
        notes.add(Note.MIXED)
    return Outcome(kept(parts, ~both[None, :]), both)


def _last_two(series: Range, parts: list[Part], notes: set[Note]) -> Outcome:
    kinds = pairs(series.windows, series.samples.times, series.floats, series.times)
    if kinds.mixed.any():
        notes.add(Note.MIXED)
    return Outcome(kept(parts, kinds.histograms[None, :]), ~kinds.floats)


def _flags(series: Range, flags: Bools, float_flags: Bools) -> Outcome:
    times, found = together(series.samples.times, flags, series.times, float_flags)
    ends, span = series.windows.ends, series.windows.span
    return _numbers(series, flagged(found, cut(times, ends, span)))


def _numbers(series: Range, values: Floats) -> Outcome:
    some = series.windows.number + series.floats.number > 0
    return Outcome([], np.zeros(len(values), np.bool_), np.where(some, values, np.nan))
