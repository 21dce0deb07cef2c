"""Reading a selector's series once for all steps, and finding the value of each step."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from watchroom.model.labels import Labels
from watchroom.model.stale import is_stale
from watchroom.query.promql.language.tree import Selector
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.newest import NEVER
from watchroom.query.promql.native.newest import newest as native_newest
from watchroom.query.promql.native.part import Part, kept, moved
from watchroom.query.promql.native.samples import Samples, collect, of_parts
from watchroom.query.promql.values import Vector, empty
from watchroom.query.promql.windows import edges
from watchroom.storage.contract import (
    Aggregate,
    Bools,
    Floats,
    FloatSeries,
    HistogramSeries,
    Ints,
    Store,
    Times,
)

BLOCK = 1 << 18
"""Samples worked on at a time: they stay in the cache, and the budget is asked between them."""


class Bundle(NamedTuple):
    """k float series with the same n sample times: `rows` are their places among all series."""

    rows: Sequence[int]
    times: Times
    values: Sequence[Floats]


class Histograms(NamedTuple):
    """The histograms of the series `row`, and the times of its staleness markers among them."""

    row: int
    samples: Samples
    stale: Times


class Selection(NamedTuple):
    """What a selector found."""

    labels: Sequence[Labels]
    bundles: Sequence[Bundle]
    histograms: Sequence[Histograms] = ()


class RangeVector(NamedTuple):
    """Series with their samples over windows (end - span, end], one for each step; span is [T].

    There are no staleness markers among the samples.
    """

    labels: Sequence[Labels]
    bundles: Sequence[Bundle]
    steps: Times
    ends: Times
    span: Times
    histograms: Sequence[Histograms] = ()


def select(
    store: Store,
    budget: Budget,
    selector: Selector,
    start: int,
    end: int,
    aggregate: Aggregate = "last",
) -> Selection:
    """Return the series of a selector with samples in (start, end]."""
    budget.check()
    budget.hold(len(store.series(selector.matchers, start, end)), 0)
    found = store.select(selector.matchers, start, end, budget.read, aggregate)
    series = [each for each in found if isinstance(each, FloatSeries)]
    labels = [each.labels for each in series]
    native = [each for each in found if isinstance(each, HistogramSeries)]
    if not native:
        return Selection(labels, bundled(series))
    rows = {each: row for row, each in enumerate(labels)}
    histograms = list(_collected(native, rows, budget))
    return Selection(list(rows), bundled(series), histograms)


def _collected(
    series: Sequence[HistogramSeries], rows: dict[Labels, int], budget: Budget
) -> Iterator[Histograms]:
    """Yield the histograms of each set of labels, and give those without floats a row."""
    groups: defaultdict[Labels, list[HistogramSeries]] = defaultdict(list)
    for each in series:
        groups[each.labels].append(each)
    for labels, group in groups.items():
        budget.check()
        yield Histograms(rows.setdefault(labels, len(rows)), *collect(group))


def bundled(series: Iterable[FloatSeries]) -> list[Bundle]:
    """Return the series grouped by the identity of their times."""
    groups: defaultdict[int, list[tuple[int, FloatSeries]]] = defaultdict(list)
    for row, each in enumerate(series):
        groups[id(each.times)].append((row, each))
    return [
        Bundle([row for row, _ in group], group[0][1].times, [each.values for _, each in group])
        for group in groups.values()
    ]


def newest(
    selection: Selection, ends: Times, lookback: Times, budget: Budget
) -> tuple[Vector, Floats]:
    """Return the newest sample of each series at each step, and the time [k, T] of it in ms.

    There is none after a staleness marker, and none that is `lookback` old or older.
    """
    series, steps = len(selection.labels), len(ends)
    budget.hold(series, steps)
    vector = empty(steps)._replace(
        labels=selection.labels,
        values=np.full((series, steps), np.nan),
        present=np.zeros((series, steps), np.bool_),
    )
    times = np.zeros((series, steps))
    for bundle in selection.bundles:
        low, high = edges(bundle.times, ends, lookback)
        steps_with = np.flatnonzero(high > low)
        if len(steps_with):
            _place_newest(bundle, high[steps_with] - 1, steps_with, vector, times, budget)
    parts = [
        part
        for each in selection.histograms
        for part in _newest_histograms(each, ends, lookback, vector, times)
    ]
    return vector._replace(parts=parts), times


def _newest_histograms(
    histograms: Histograms, ends: Times, lookback: Times, vector: Vector, times: Floats
) -> list[Part]:
    """Return the newest histograms of a series; where they are newer, its floats do not count."""
    row = histograms.row
    parts, when = native_newest(histograms.samples, histograms.stale, ends, lookback)
    wins = (when > times[row]) | ((when > NEVER) & (times[row] == 0.0))
    vector.present[row, wins] = False
    times[row, wins] = when[wins]
    return moved(kept(parts, wins[None, :]), row)


def _place_newest(
    bundle: Bundle, places: Ints, steps: Ints, vector: Vector, times: Floats, budget: Budget
) -> None:
    everywhere = len(steps) == vector.values.shape[1]
    where: slice | Ints = slice(None) if everywhere else steps
    when = bundle.times[places]
    for row, samples in zip(bundle.rows, bundle.values, strict=True):
        budget.check()
        found = samples[places]
        vector.values[row, where] = found
        vector.present[row, where] = ~is_stale(found)
        times[row, where] = when


def ranged(selection: Selection, steps: Times, ends: Times, span: Times) -> RangeVector:
    """Return the selection as a range vector; markers are left out."""
    bundles = [part for bundle in selection.bundles for part in _alive(bundle)]
    return RangeVector(selection.labels, bundles, steps, ends, span, selection.histograms)


def _alive(bundle: Bundle) -> Iterator[Bundle]:
    """Yield the bundle without markers: one for each set of times that is left."""
    with np.errstate(all="ignore"):
        odd = [place for place, values in enumerate(bundle.values) if _has_nan(values)]
    marks = {place: mark for place in odd if (mark := is_stale(bundle.values[place])).any()}
    if not marks:
        yield bundle
        return
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for place in range(len(bundle.rows)):
        groups[marks[place].tobytes() if place in marks else b""].append(place)
    whole = np.zeros(len(bundle.times), np.bool_)
    for places in groups.values():
        yield _taken(bundle, places, ~marks.get(places[0], whole))


def _has_nan(values: Floats) -> bool:
    """Say whether there is a NaN: squares add up to one only then, and fast."""
    return math.isnan(values @ values)


def _taken(bundle: Bundle, places: Sequence[int], kept: Bools) -> Bundle:
    rows = [bundle.rows[place] for place in places]
    if kept.all():
        return Bundle(rows, bundle.times, [bundle.values[place] for place in places])
    values = [bundle.values[place][kept] for place in places]
    return Bundle(rows, bundle.times[kept], values)


def resampled(vector: Vector, times: Times, steps: Times, ends: Times, span: Times) -> RangeVector:
    """Return a subquery's vector, evaluated at `times`, as a range vector."""
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for row, present in enumerate(vector.present):
        groups[present.tobytes()].append(row)
    bundles = []
    for rows in groups.values():
        kept = vector.present[rows[0]]
        if kept.any():
            bundles.append(Bundle(rows, times[kept], [vector.values[row][kept] for row in rows]))
    none = times[:0]
    histograms = [
        Histograms(row, of_parts(parts, times), none)
        for row in sorted({part.series for part in vector.parts})
        if (parts := [part for part in vector.parts if part.series == row])
    ]
    return RangeVector(vector.labels, bundles, steps, ends, span, histograms)


def blocks(bundle: Bundle) -> Iterator[tuple[Sequence[int], Floats]]:
    """Yield rows with their values [k, n], few enough at a time to stay in the cache."""
    height = max(1, BLOCK // max(1, len(bundle.times)))
    for low in range(0, len(bundle.rows), height):
        values = bundle.values[low : low + height]
        matrix = values[0][None, :] if len(values) == 1 else _matrix(values)
        yield bundle.rows[low : low + height], matrix


def _matrix(values: Sequence[Floats]) -> Floats:
    """Return arrays of one length as a matrix [k, n]: a view where they lie evenly in memory."""
    base = values[0].base
    places = [each.ctypes.data for each in values] if _alike(values, base) else []
    apart = places[1] - places[0] if places else 0
    even = apart > 0 and places == list(range(places[0], places[-1] + 1, apart))
    if not even or not isinstance(base, np.ndarray):
        return np.stack(values)
    shape, strides = (len(values), len(values[0])), (apart, values[0].itemsize)
    offset = places[0] - base.ctypes.data
    return np.ndarray(shape, np.float64, buffer=base, offset=offset, strides=strides)


def _alike(values: Sequence[Floats], base: object) -> bool:
    """Say whether arrays are unbroken parts of the same memory."""
    return isinstance(base, np.ndarray) and all(
        each.base is base and each.flags.c_contiguous for each in values
    )
