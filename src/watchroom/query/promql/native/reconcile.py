"""Histograms of different layouts meet: the rules by which one layout comes to hold both."""

import numpy as np

from watchroom.query.promql.native.layout import (
    NEARLY,
    coarser,
    magnitudes,
    merged,
    rebound,
    shared,
    union,
)
from watchroom.query.promql.native.part import Part, on_axis, take
from watchroom.storage.contract import Bools, Floats, Ints


def coarsen(part: Part, scale: int) -> Part:
    """Return the part at a lower or equal scale; exact, since buckets only merge."""
    shift = part.layout.scale - scale
    if shift == 0:
        return part
    index, buckets = merged(coarser(part.axis, shift), part.buckets)
    return part._replace(layout=part.layout._replace(scale=scale), axis=index, buckets=buckets)


def narrow(part: Part, bounds: tuple[float, ...]) -> Part:
    """Return a part of custom bounds with some of its bounds only."""
    if bounds == part.layout.bounds:
        return part
    index, buckets = merged(rebound(part.layout.bounds, bounds, part.axis), part.buckets)
    return part._replace(layout=part.layout._replace(bounds=bounds), axis=index, buckets=buckets)


def widen(part: Part, threshold: float) -> list[Part]:
    """Return the part with a zero bucket that reaches the threshold at least.

    In rows where the threshold would cut a populated bucket, the zero bucket takes it in whole, and
    the threshold of those rows becomes the bucket's far bound.
    """
    near, far = magnitudes(part.axis, part.layout.scale)
    cut = (near < threshold * NEARLY) & (far > threshold / NEARLY)
    populated = (part.buckets[:, cut] != 0.0).any(axis=1)
    if not populated.any():
        return [_widened(part, threshold, near)]
    reached = float(far[cut].max())
    whole = [_widened(take(part, populated), reached, near)]
    if populated.all():
        return whole
    return [*whole, _widened(take(part, ~populated), threshold, near)]


def _widened(part: Part, threshold: float, near: Floats) -> Part:
    inside = near < threshold * NEARLY
    return part._replace(
        layout=part.layout._replace(threshold=threshold),
        zeros=part.zeros + part.buckets[:, inside].sum(axis=1),
        axis=part.axis[~inside],
        buckets=part.buckets[:, ~inside],
    )


def matched(left: Part, right: Part) -> list[tuple[Part, Part]]:
    """Return two parts of the same steps as pairs of one layout and one index axis.

    Zero buckets come first and at each part's own scale, as in Prometheus. Both parts are custom,
    or none is.
    """
    if left.layout == right.layout:
        axis = union([left.axis, right.axis])
        return [(on_axis(left, axis), on_axis(right, axis))]
    if left.layout.custom:
        bounds = shared(left.layout.bounds, right.layout.bounds)
        return matched(narrow(left, bounds), narrow(right, bounds))
    if left.layout.threshold < right.layout.threshold:
        return [
            pair
            for part in widen(left, right.layout.threshold)
            for pair in matched(part, _beside(right, part))
        ]
    if right.layout.threshold < left.layout.threshold:
        return [(mine, other) for other, mine in matched(right, left)]
    scale = min(left.layout.scale, right.layout.scale)
    return matched(coarsen(left, scale), coarsen(right, scale))


def _beside(part: Part, other: Part) -> Part:
    """Return the rows of a part at the steps of another."""
    if len(part.steps) == len(other.steps):
        return part
    return take(part, np.searchsorted(part.steps, other.steps))


def same(left: Part, right: Part) -> Bools:
    """Say of which rows of the same steps every number is equal, bit for bit."""
    if left.layout != right.layout:
        return np.zeros(len(left.steps), np.bool_)
    axis = union([left.axis, right.axis])
    equal = (on_axis(left, axis).buckets == on_axis(right, axis).buckets).all(axis=1)
    for mine, other in (
        (left.counts, right.counts),
        (left.sums, right.sums),
        (left.zeros, right.zeros),
    ):
        equal &= bits(mine) == bits(other)
    return np.asarray(equal, np.bool_)


def bits(values: Floats) -> Ints:
    """Return the bits of floats, by which one NaN is equal to itself."""
    return np.ascontiguousarray(values, np.float64).view(np.int64)
