"""The operators `</` and `>/`: what of a histogram lies below or above a number."""

import numpy as np

from watchroom.query.promql.native.layout import SPLIT, limits
from watchroom.query.promql.native.part import Part
from watchroom.storage.contract import Floats


@np.errstate(all="ignore")
def trimmed(part: Part, bound: Floats, *, below: bool) -> Part:
    """Return the observations of each row below its bound [R], or above it.

    A bucket that holds the bound is cut by interpolation. The sum becomes an estimate, from the
    middle of what is left of each bucket, in rows that lose anything; so does the count.
    """
    low, high = limits(part.layout._replace(threshold=0.0), part.axis)
    left, middle = _columns(part, low, high, bound[:, None], below)
    zeros, zero_middle = _zero_bucket(part, bound, below)
    lost = ((left != part.buckets) & (part.buckets != 0)).any(axis=1) | (zeros != part.zeros)
    sums = np.where(left != 0, middle * left, 0.0).sum(axis=1)
    sums += np.where(zeros != 0, zero_middle * zeros, 0.0)
    return part._replace(
        buckets=left,
        zeros=zeros,
        counts=np.where(lost, left.sum(axis=1) + zeros, part.counts),
        sums=np.where(lost, sums, part.sums),
    )


def _columns(
    part: Part, low: Floats, high: Floats, bound: Floats, below: bool
) -> tuple[Floats, Floats]:
    """Return what is left of each bucket [R, B], and the middle of what is left."""
    linear = part.layout.custom
    counts = part.buckets
    whole = high <= bound if below else low >= bound
    cut = (low < bound) & (high > bound)
    under = _share_below(low, high, bound, linear)
    share = under if below else 1.0 - under
    begin = low + 0 * bound if below else np.where(cut, bound, low)
    end = np.where(cut, bound, high) if below else high + 0 * bound
    middle = _middle(begin, end, linear)
    for column in np.flatnonzero(np.isinf(low) | np.isinf(high)).tolist():
        share[:, column], at = _open(low[column], high[column], bound[:, 0], below)
        middle[:, column] = np.where(cut[:, column], at, middle[:, column])
    return np.where(whole, counts, np.where(cut, counts * share, 0.0)), middle


def _share_below(low: Floats, high: Floats, bound: Floats, linear: bool) -> Floats:
    if linear:
        return np.asarray((bound - low) / (high - low), np.float64)
    near, far, at = (np.log2(np.abs(each)) for each in (low, high, bound))
    return np.asarray((at - near) / (far - near), np.float64)


def _middle(begin: Floats, end: Floats, linear: bool) -> Floats:
    """Return the middle of buckets: geometric, or arithmetic of custom ones.

    One that is open below counts from zero, or is its upper bound; one open above is its lower.
    """
    middle = (begin + end) / 2.0
    if not linear:
        middle = np.copysign(np.sqrt(np.abs(begin * end)), begin + end)
    middle = np.where(np.isposinf(end), begin, middle)
    middle = np.where(np.isneginf(begin), np.where(end > 0, end / 2.0, end), middle)
    return np.where(np.isinf(begin) & np.isinf(end), 0.0, middle)


def _open(low: float, high: float, bound: Floats, below: bool) -> tuple[Floats, Floats]:
    """Return what is left of a bucket without end that holds the bound, and its middle.

    Where nothing can be said of the values, none are left.
    """
    none = np.zeros(len(bound))
    if np.isneginf(low):
        if np.isposinf(high) or (high <= 0 and not below):
            return none, none
        if high <= 0:
            return np.ones(len(bound)), bound
        share = bound / high if below else 1.0 - bound / high
        middle = bound / 2.0 if below else (bound + high) / 2.0
        inside = bound > 0 if below else bound >= 0
        return np.where(inside, share, 0.0), middle
    return (none, none) if below else (np.ones(len(bound)), bound)


def _zero_bucket(part: Part, bound: Floats, below: bool) -> tuple[Floats, Floats]:
    """Return what is left of the zero bucket, and the middle of it.

    It ends at zero in rows with buckets on one side only.
    """
    above = (part.buckets[:, part.axis > SPLIT] != 0).any(axis=1)
    under = (part.buckets[:, part.axis < SPLIT] != 0).any(axis=1)
    threshold = part.layout.threshold
    low = np.where(above & ~under, 0.0, -threshold)
    high = np.where(under & ~above, 0.0, threshold)
    begin = low if below else np.clip(bound, low, high)
    end = np.clip(bound, low, high) if below else high
    share = np.where(high > low, (end - begin) / (high - low), 0.0)
    whole = (bound >= high) & (bound > low) if below else bound <= low
    left = np.where(part.zeros > 0, part.zeros * np.where(whole, 1.0, share), part.zeros)
    return left, (begin + end) / 2.0
