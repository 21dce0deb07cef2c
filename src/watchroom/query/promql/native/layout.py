"""Bucket layouts: scale, zero threshold and custom bounds, and the bounds of their buckets."""

from typing import NamedTuple

import numpy as np

from watchroom.model.histogram import CUSTOM
from watchroom.storage.contract import NEGATIVE, Floats, Ints

SPLIT = NEGATIVE // 2
"""Stored indexes below it are of negative values, those above of positive ones."""

NEARLY = 1.0 - 2.0**-40
"""Bounds computed in two ways may differ in their last bits; buckets are far wider than this."""

_MOST = float(np.finfo(np.float64).max)


class Layout(NamedTuple):
    """What must be equal for buckets to be added one by one.

    At the scale CUSTOM bucket `i` holds the values in (bounds[i - 1], bounds[i]]; the first is open
    to -Inf, the last to +Inf, and there is no zero bucket.
    """

    scale: int
    threshold: float = 0.0
    bounds: tuple[float, ...] = ()

    @property
    def custom(self) -> bool:
        return self.scale == CUSTOM


def magnitudes(index: Ints, scale: int) -> tuple[Floats, Floats]:
    """Return the near and the far bound of exponential buckets, without their sign.

    The largest finite number belongs to the last bucket before the one of the infinities.
    """
    place = np.where(index > SPLIT, index, NEGATIVE - index)
    step = 2.0**-scale
    with np.errstate(over="ignore"):
        near, far = np.exp2(place * step), np.exp2((place + 1) * step)
    last = (place + 1) * step == 1024.0
    return np.where(place * step == 1024.0, _MOST, near), np.where(last, _MOST, far)


def limits(layout: Layout, index: Ints) -> tuple[Floats, Floats]:
    """Return the lower and the upper bound of buckets, cut off where the zero bucket begins."""
    if layout.custom:
        edges = np.array([-np.inf, *layout.bounds, np.inf])
        return edges[index], edges[index + 1]
    near, far = magnitudes(index, layout.scale)
    near = np.maximum(near, layout.threshold)
    far = np.maximum(far, layout.threshold)
    positive = index > SPLIT
    return np.where(positive, near, -far), np.where(positive, far, -near)


def coarser(index: Ints, shift: int) -> Ints:
    """Return the buckets that hold the given ones at a scale lower by `shift`."""
    return np.where(index > SPLIT, index >> shift, NEGATIVE - ((NEGATIVE - index) >> shift))


def shared(left: tuple[float, ...], right: tuple[float, ...]) -> tuple[float, ...]:
    """Return the custom bounds that both have."""
    wanted = set(right)
    return tuple(bound for bound in left if bound in wanted)


def rebound(bounds: tuple[float, ...], fewer: tuple[float, ...], index: Ints) -> Ints:
    """Return the buckets between fewer custom bounds that hold the given ones."""
    edges = np.array([*bounds, np.inf])
    return np.searchsorted(np.array(fewer), edges[index])


def merged(index: Ints, columns: Floats) -> tuple[Ints, Floats]:
    """Return the distinct of ascending indexes and the sums of their columns [n, B]."""
    if not len(index):
        return index, columns
    first = np.flatnonzero(np.concatenate(([True], index[1:] != index[:-1])))
    if len(first) == len(index):
        return index, columns
    return index[first], np.add.reduceat(columns, first, axis=1)


def union(axes: list[Ints]) -> Ints:
    """Return the distinct indexes of several axes, ascending."""
    first = axes[0]
    if all(axis is first or np.array_equal(axis, first) for axis in axes[1:]):
        return first
    every = np.concatenate(axes)
    low, high = int(every.min(initial=0)), int(every.max(initial=0))
    if high - low > 1 << 18:
        return np.unique(every)
    present = np.zeros(high - low + 1, np.bool_)
    present[every - low] = True
    return np.flatnonzero(present) + low


def placed(columns: Floats, index: Ints, axis: Ints) -> Floats:
    """Return columns [n, B] on a wider axis, zero where there was no bucket."""
    if index is axis or (len(index) == len(axis) and np.array_equal(index, axis)):
        return columns
    wide = np.zeros((len(columns), len(axis)))
    wide[:, np.searchsorted(axis, index)] = columns
    return wide
