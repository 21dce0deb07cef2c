"""Classic histograms: series of cumulative buckets that the label `le` tells apart."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.model.labels import NAME, Labels, value_of
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import kept, presence
from watchroom.query.promql.quantiles import slices
from watchroom.query.promql.values import Vector, nameless
from watchroom.storage.contract import Bools, Floats

TOLERANCE = 1e-12
"""Differences this small are errors of rounding, and no decrease."""

_SMALLEST = 2.2250738585072014e-308

FORCED = (
    "input to histogram_quantile needed to be fixed for monotonicity (see "
    "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)

Reading: TypeAlias = Callable[[Floats, Floats, Sequence[Floats], Annotations], Floats]
"""From distinct ascending bounds [B], counts [B, n] and parameters [n] each to one value [n] each.
The last bound is +Inf; there are none at all where that one is missing."""

_Told: TypeAlias = Callable[[Floats, Floats, Sequence[Floats]], Floats]


class Buckets(NamedTuple):
    """One histogram: its labels, and rows of the vector in the order of their bounds."""

    labels: Labels
    rows: Sequence[int]
    bounds: tuple[float, ...]


def read(
    vector: Vector, reading: Reading, said: Annotations, budget: Budget, *parameters: Floats
) -> Vector:
    """Return one value per histogram and step, NaN where it has no bucket +Inf.

    The parameters have one entry per step.
    """
    histograms = list(buckets(vector, said))
    shape = (len(histograms), vector.values.shape[1])
    values, present = np.full(shape, np.nan), np.zeros(shape, np.bool_)

    def told(bounds: Floats, counts: Floats, each: Sequence[Floats]) -> Floats:
        budget.check()
        return reading(bounds, counts, each, said)

    for bounds, places, rows in _alike(histograms):
        there = vector.present[rows]
        present[places] = there.any(axis=1)
        values[places] = _read(np.array(bounds), vector.values[rows], there, told, parameters)
    return Vector([each.labels for each in histograms], values, present)


def buckets(vector: Vector, said: Annotations) -> Iterator[Buckets]:
    """Yield the histograms of a vector; series without a bound are none."""
    found: defaultdict[Labels, list[tuple[float, int]]] = defaultdict(list)
    for row, labels in enumerate(vector.labels):
        bound = bound_of(labels)
        if bound is not None:
            found[_without_bound(labels)].append((bound, row))
        elif vector.present[row].any():
            said.warn(
                'bucket label "le" is missing or has a malformed value of '
                f'"{value_of(labels, "le")}" for metric name "{value_of(labels, NAME)}"'
            )
    for labels, pairs in found.items():
        pairs.sort()
        yield Buckets(
            nameless(labels), [row for _, row in pairs], tuple(bound for bound, _ in pairs)
        )


def apart(vector: Vector, said: Annotations) -> Vector:
    """Return a vector without what is a classic and a native histogram at the same step."""
    if not vector.parts:
        return vector
    native = {vector.labels[part.series]: part.series for part in vector.parts}
    pairs = [
        (row, native[rest])
        for row, labels in enumerate(vector.labels)
        if bound_of(labels) is not None and (rest := _without_bound(labels)) in native
    ]
    there = presence(vector.parts, vector.present.shape)
    both = np.zeros_like(there)
    for row, partner in pairs:
        both[partner] |= vector.present[row] & there[partner]
    present = vector.present.copy()
    for row, partner in pairs:
        present[row] &= ~both[partner]
    for row in np.flatnonzero(both.any(axis=1)).tolist():
        said.of_histograms({Note.CLASSIC}, metric=value_of(vector.labels[row], NAME))
    return vector._replace(present=present, parts=kept(vector.parts, ~both))


def _without_bound(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] != "le")


def bound_of(labels: Labels) -> float | None:
    """Return the upper bound of a bucket, None where the label `le` is no number."""
    try:
        return float(value_of(labels, "le").replace("_", "x"))
    except ValueError:
        return None


def _alike(
    histograms: Sequence[Buckets],
) -> Iterator[tuple[tuple[float, ...], list[int], list[list[int]]]]:
    """Yield bounds, with the places of the histograms that have them and their rows [n][B]."""
    groups: defaultdict[tuple[float, ...], list[int]] = defaultdict(list)
    for place, each in enumerate(histograms):
        groups[each.bounds].append(place)
    for bounds, places in groups.items():
        yield bounds, places, [list(histograms[place].rows) for place in places]


def _read(
    bounds: Floats, counts: Floats, there: Bools, reading: _Told, parameters: Sequence[Floats]
) -> Floats:
    """Return the readings [n, T] of counts [n, B, T], in which buckets may be missing."""
    values = np.full((counts.shape[0], counts.shape[2]), np.nan)
    each = [np.tile(parameter, len(values)) for parameter in parameters]
    if there.all():
        flat = counts.transpose(1, 0, 2).reshape(len(bounds), -1)
        parts = [
            _coalesced(bounds, flat[:, part], reading, [one[part] for one in each])
            for part in slices(len(bounds), flat.shape[1])
        ]
        return np.concatenate(parts).reshape(values.shape)
    columns = there.transpose(0, 2, 1).reshape(-1, len(bounds))
    patterns, which = np.unique(columns, axis=0, return_inverse=True)
    flat = counts.transpose(0, 2, 1).reshape(-1, len(bounds))
    found = values.reshape(-1)
    for number, pattern in enumerate(patterns):
        if pattern.any():
            cells = which.reshape(-1) == number
            some = [parameter[cells] for parameter in each]
            found[cells] = _coalesced(bounds[pattern], flat[cells][:, pattern].T, reading, some)
    return found.reshape(values.shape)


@np.errstate(all="ignore")
def _coalesced(
    bounds: Floats, counts: Floats, reading: _Told, parameters: Sequence[Floats]
) -> Floats:
    if bounds[-1] != np.inf:
        bounds, counts = bounds[:0], counts[:0]
    first = np.flatnonzero(np.append(True, bounds[1:] != bounds[:-1]))[: len(bounds)]
    if len(first) < len(bounds):
        counts = np.add.reduceat(counts, first, axis=0)
    return reading(bounds[first], counts, parameters)


def monotonic(counts: Floats) -> Bools:
    """Make counts [B, n] never fall, in place; say where they fell by more than rounding."""
    fell = np.zeros(counts.shape[1], np.bool_)
    before = counts[0].copy()
    for row in counts[1:]:
        lower = row < before
        near = _almost_equal(before, row)
        fell |= lower & ~near
        np.copyto(row, before, where=lower | near)
        np.copyto(before, row)
    return fell


def _almost_equal(one: Floats, other: Floats) -> Bools:
    total, apart = np.abs(one) + np.abs(other), np.abs(one - other)
    tiny = (one == 0) | (other == 0) | (total < _SMALLEST)
    relative = apart / np.minimum(total, np.finfo(float).max)
    close = np.where(tiny, apart < TOLERANCE * _SMALLEST, relative < TOLERANCE)
    both: Bools = close | (one == other) | (np.isnan(one) & np.isnan(other))
    return both


def quantile(
    bounds: Floats, counts: Floats, parameters: Sequence[Floats], said: Annotations
) -> Floats:
    """Return the quantile, interpolated in its bucket; the parameter is which.

    In the first bucket from zero, if its bound is positive; above the last finite bound that one.
    """
    (q,) = parameters
    if len(bounds) < 2:
        return _bounded(q, np.full(len(q), np.nan))
    counts = counts.copy()
    if monotonic(counts)[(q >= 0) & (q <= 1)].any():
        said.inform(FORCED)
    total = counts[-1]
    rank = q * total
    reached = counts[:-1] >= rank
    place = np.where(reached.any(axis=0), np.argmax(reached, axis=0), len(bounds) - 1)
    before = np.maximum(place - 1, 0)
    every = np.arange(counts.shape[1])
    start = np.where(place > 0, bounds[before], 0.0)
    seen = np.where(place > 0, counts[before, every], 0.0)
    share = (rank - seen) / (counts[place, every] - seen)
    values = start + (bounds[place] - start) * share
    values = np.where((place == 0) & (bounds[0] <= 0), bounds[0], values)
    values = np.where(place == len(bounds) - 1, bounds[-2], values)
    values = np.where(total == 0, np.nan, values)
    return _bounded(q, values)


def _bounded(q: Floats, values: Floats) -> Floats:
    outside = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, values))
    return np.where(np.isnan(q), np.nan, outside)


def fraction(
    bounds: Floats, counts: Floats, parameters: Sequence[Floats], _: Annotations
) -> Floats:
    """Return the share of observations between two values, the parameters."""
    lower, upper = parameters
    if not len(bounds):
        return np.full(len(lower), np.nan)
    total = counts[-1]
    ranks = [np.minimum(_rank(bounds, counts, value), total) for value in (lower, upper)]
    found = (ranks[1] - ranks[0]) / total
    found = np.where(lower >= upper, 0.0, found)
    return np.where((total == 0) | np.isnan(lower) | np.isnan(upper), np.nan, found)


def _rank(bounds: Floats, counts: Floats, value: Floats) -> Floats:
    """Return how many observations lie below a value; none in the part of an endless bucket."""
    lows = np.concatenate(([0.0 if bounds[0] > 0 else -np.inf], bounds[:-1]))
    seen = np.vstack((np.zeros((1, counts.shape[1])), counts[:-1]))
    place = np.minimum(np.searchsorted(bounds, value, side="right"), len(bounds) - 1)
    every = np.arange(counts.shape[1])
    low, high, before, after = lows[place], bounds[place], seen[place, every], counts[place, every]
    inside = before + (after - before) * (value - low) / (high - low)
    found = np.where(np.isneginf(low), after, inside)
    found = np.where(value <= low, before, found)
    return np.where(value >= bounds[-1], counts[-1], found)
