"""Exponential histograms: mergeable distributions with a bounded relative error.

The layout is OpenTelemetry's exponential histogram (the same numbers as a Prometheus native
histogram, whose bucket indexes are one higher): at scale `s` the base is 2^(2^-s), and bucket `i`
holds the values in (base^i, base^(i+1)]. A quantile read at the geometric middle of its bucket is
off by at most sqrt(base) - 1, which is 0.54 % at the default scale 6.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

SCALE = 6
"""The scale the SDK records at: 64 buckets per doubling."""

CUSTOM = -53
"""The scale that means custom bounds, as in Prometheus."""

_NONE: Mapping[int, int] = MappingProxyType({})


class Histogram(NamedTuple):
    """A distribution, cumulative unless it is a gauge. Buckets map an index to a count.

    Counts are whole numbers where values were counted, and may be fractions where a calculation
    made them. `zeros` counts what lies within `threshold` of zero. With the scale CUSTOM, bucket
    `i` of `positive` holds the values in (bounds[i - 1], bounds[i]], the last what lies above.
    """

    count: float = 0  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    sum: float = 0.0
    zeros: float = 0
    positive: Mapping[int, float] = _NONE
    negative: Mapping[int, float] = _NONE
    scale: int = SCALE
    threshold: float = 0.0
    bounds: tuple[float, ...] = ()
    gauge: bool = False


def bucket_index(magnitude: float, scale: int = SCALE) -> int:
    """Return the bucket of a magnitude > 0."""
    return math.ceil(math.log2(magnitude) * 2.0**scale) - 1


def bucket_bounds(index: int, scale: int = SCALE) -> tuple[float, float]:
    """Return the open lower and the closed upper bound of a bucket."""
    step = 2.0**-scale
    return 2.0 ** (index * step), 2.0 ** ((index + 1) * step)


def coarsen(histogram: Histogram, scale: int) -> Histogram:
    """Return the same distribution at a lower scale; exact, since buckets only merge."""
    shift = histogram.scale - scale
    if shift == 0:
        return histogram
    if CUSTOM in (histogram.scale, scale):
        raise ValueError("custom bounds and exponential buckets have no scale in common")
    if shift < 0:
        raise ValueError(f"scale {scale} is finer than {histogram.scale}: detail cannot be made up")
    return histogram._replace(
        positive=_shift(histogram.positive, shift),
        negative=_shift(histogram.negative, shift),
        scale=scale,
    )


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """Return the sum of distributions, at the coarsest of their scales and the widest threshold.

    Raises:
        ValueError: custom bounds that differ, or custom bounds and exponential buckets.
    """
    parts = list(histograms)
    if not parts:
        return Histogram()
    scale = min(part.scale for part in parts)
    if any(part.bounds != parts[0].bounds for part in parts):
        raise ValueError("histograms of different custom bounds cannot be merged")
    threshold = max(part.threshold for part in parts)
    count: float = 0
    zeros: float = 0
    total = 0.0
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    for part in (_widened(coarsen(each, scale), threshold) for each in parts):
        count += part.count
        total += part.sum
        zeros += part.zeros
        _add(positive, part.positive)
        _add(negative, part.negative)
    gauge = all(part.gauge for part in parts)
    return Histogram(
        count, total, zeros, positive, negative, scale, threshold, parts[0].bounds, gauge
    )


def gained(before: Histogram, after: Histogram) -> Histogram:
    """Return what `after` added to `before`; where anything fell, it began anew: all of it."""
    if before.bounds != after.bounds or (before.scale == CUSTOM) != (after.scale == CUSTOM):
        return after
    scale = min(before.scale, after.scale)
    threshold = max(before.threshold, after.threshold)
    new = _widened(coarsen(after, scale), threshold)
    old = _widened(coarsen(before, scale), threshold)
    positive = _minus(new.positive, old.positive)
    negative = _minus(new.negative, old.negative)
    lowest = min(min(positive.values(), default=0), min(negative.values(), default=0))
    if new.count < old.count or new.zeros < old.zeros or lowest < 0:
        return new
    return new._replace(
        count=new.count - old.count,
        sum=new.sum - old.sum,
        zeros=new.zeros - old.zeros,
        positive=positive,
        negative=negative,
    )


def quantile(histogram: Histogram, q: float) -> float:
    """Return the q-quantile, 0 <= q <= 1; NaN of an empty histogram.

    Interpolates exponentially inside the bucket, as Prometheus does for native histograms.
    """
    return quantiles(histogram, (q,))[0]


def quantiles(histogram: Histogram, wanted: Sequence[float]) -> list[float]:
    """Return several quantiles, asked for in ascending order, in one pass over the buckets."""
    for q in wanted:
        if not 0.0 <= q <= 1.0:
            raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
    if histogram.count == 0:
        return [math.nan] * len(wanted)
    found: list[float] = []
    seen, last = 0.0, (0, 0)
    linear = histogram.scale == CUSTOM
    for sign, index, count in _ascending(histogram):
        while count and len(found) < len(wanted):
            rank = wanted[len(found)] * histogram.count
            if seen + count < rank:
                break
            low, high = _bounds(histogram, sign, index)
            found.append(_interpolate(low, high, (rank - seen) / count, linear))
        seen += count
        last = (sign, index)
    top = _bounds(histogram, *last)[1]
    return found + [top] * (len(wanted) - len(found))


def _shift(buckets: Mapping[int, float], shift: int) -> dict[int, float]:
    merged: dict[int, float] = {}
    for index, count in buckets.items():
        merged[index >> shift] = merged.get(index >> shift, 0) + count
    return merged


def _widened(histogram: Histogram, threshold: float) -> Histogram:
    """Return the same with a wider zero bucket: what begins within it goes into it."""
    if threshold <= histogram.threshold or histogram.scale == CUSTOM:
        return histogram
    zeros = histogram.zeros
    sides = []
    for side in (histogram.positive, histogram.negative):
        inside = {i for i in side if bucket_bounds(i, histogram.scale)[0] < threshold}
        zeros += sum(side[index] for index in inside)
        sides.append({index: count for index, count in side.items() if index not in inside})
    return histogram._replace(
        zeros=zeros, positive=sides[0], negative=sides[1], threshold=threshold
    )


def _add(into: dict[int, float], buckets: Mapping[int, float]) -> None:
    for index, count in buckets.items():
        into[index] = into.get(index, 0) + count


def _minus(after: Mapping[int, float], before: Mapping[int, float]) -> dict[int, float]:
    changes = {
        index: after.get(index, 0) - before.get(index, 0) for index in after.keys() | before.keys()
    }
    return {index: change for index, change in changes.items() if change}


def _ascending(histogram: Histogram) -> Iterator[tuple[int, int, float]]:
    """Yield the sign, index and count of each bucket from the lowest values to the highest."""
    for index in sorted(histogram.negative, reverse=True):
        yield -1, index, histogram.negative[index]
    if histogram.zeros:
        yield 0, 0, histogram.zeros
    for index in sorted(histogram.positive):
        yield 1, index, histogram.positive[index]


def _bounds(histogram: Histogram, sign: int, index: int) -> tuple[float, float]:
    if histogram.scale == CUSTOM:
        return _custom_bounds(histogram.bounds, index)
    if not sign:
        low = -histogram.threshold if histogram.negative else 0.0
        return low, histogram.threshold if histogram.positive or not histogram.negative else 0.0
    low, high = bucket_bounds(index, histogram.scale)
    return (-high, -low) if sign < 0 else (low, high)


def _custom_bounds(bounds: Sequence[float], index: int) -> tuple[float, float]:
    """Return a custom bucket's bounds; the open ones end where the last known bound lies."""
    last = bounds[-1] if bounds else 0.0
    high = bounds[index] if index < len(bounds) else last
    low = bounds[index - 1] if index else min(0.0, high)
    return low, high


def _interpolate(low: float, high: float, fraction: float, linear: bool) -> float:
    if linear or low * high <= 0.0:
        return low + (high - low) * fraction
    magnitude = abs(low) * (abs(high) / abs(low)) ** fraction
    return math.copysign(magnitude, low)
