"""The buckets of a histogram one by one, with the boundary rules of Prometheus' HTTP API."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from watchroom.model.histogram import CUSTOM, Histogram

OPEN_LEFT, OPEN_RIGHT, OPEN, CLOSED = 0, 1, 2, 3
"""Boundary rules: which of its bounds a bucket leaves out."""

_MOST = math.ldexp(1.0 - 2.0**-53, 1024)


class Bucket(NamedTuple):
    """How many values lie between two bounds."""

    rule: int
    low: float
    high: float
    count: float  # type: ignore[assignment]  # hides tuple.count, which nobody wants here


def buckets(histogram: Histogram) -> list[Bucket]:
    """Return the buckets that are not empty, from the lowest values to the highest.

    Counts may be negative in a difference; a zero bucket less than empty is left out, as Prometheus
    does.
    """
    found = _custom(histogram) if histogram.scale == CUSTOM else _exponential(histogram)
    return [bucket for bucket in found if bucket.count]


def bound(index: int, scale: int) -> float:
    """Return the lower bound of an exponential bucket.

    The largest finite number is a bound, too: what lies above it is the bucket of infinity.
    """
    exponent = index * 2.0**-scale
    if exponent >= 1024.0:
        return _MOST if exponent == 1024.0 else math.inf
    return math.pow(2.0, exponent)


def _exponential(histogram: Histogram) -> Iterator[Bucket]:
    threshold = histogram.threshold
    for low, high, count in reversed(list(_side(histogram, histogram.negative))):
        yield Bucket(OPEN_RIGHT, -high, -low, count)
    if histogram.zeros > 0:
        yield Bucket(CLOSED, -threshold, threshold, histogram.zeros)
    for low, high, count in _side(histogram, histogram.positive):
        yield Bucket(OPEN_LEFT, low, high, count)


def _side(histogram: Histogram, side: Mapping[int, float]) -> Iterator[tuple[float, float, float]]:
    """Yield near bound, far bound and count; a bucket begins where the zero bucket ends."""
    for index in sorted(side):
        near = bound(index, histogram.scale)
        yield max(near, histogram.threshold), bound(index + 1, histogram.scale), side[index]


def _custom(histogram: Histogram) -> Iterator[Bucket]:
    edges = (-math.inf, *histogram.bounds, math.inf)
    for index in sorted(histogram.positive):
        rule = OPEN_LEFT if index else CLOSED
        yield Bucket(rule, edges[index], edges[index + 1], histogram.positive[index])
