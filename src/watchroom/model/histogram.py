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

_NONE: Mapping[int, int] = MappingProxyType({})


class Histogram(NamedTuple):
    """A cumulative distribution. Buckets map an index to how many values fell into it."""

    count: int = 0  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    sum: float = 0.0
    zeros: int = 0
    positive: Mapping[int, int] = _NONE
    negative: Mapping[int, int] = _NONE
    scale: int = SCALE


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
    if shift < 0:
        raise ValueError(f"scale {scale} is finer than {histogram.scale}: detail cannot be made up")
    return histogram._replace(
        positive=_shift(histogram.positive, shift),
        negative=_shift(histogram.negative, shift),
        scale=scale,
    )


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """Return the sum of distributions, at the coarsest of their scales."""
    parts = list(histograms)
    if not parts:
        return Histogram()
    scale = min(part.scale for part in parts)
    count, total, zeros = 0, 0.0, 0
    positive: dict[int, int] = {}
    negative: dict[int, int] = {}
    for part in (coarsen(each, scale) for each in parts):
        count += part.count
        total += part.sum
        zeros += part.zeros
        _add(positive, part.positive)
        _add(negative, part.negative)
    return Histogram(count, total, zeros, positive, negative, scale)


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
    seen, last = 0, (0, 0)
    for sign, index, count in _ascending(histogram):
        while count and len(found) < len(wanted):
            rank = wanted[len(found)] * histogram.count
            if seen + count < rank:
                break
            low, high = _bounds(sign, index, histogram.scale)
            found.append(_interpolate(low, high, (rank - seen) / count))
        seen += count
        last = (sign, index)
    top = _bounds(*last, histogram.scale)[1]
    return found + [top] * (len(wanted) - len(found))


def _shift(buckets: Mapping[int, int], shift: int) -> dict[int, int]:
    merged: dict[int, int] = {}
    for index, count in buckets.items():
        merged[index >> shift] = merged.get(index >> shift, 0) + count
    return merged


def _add(into: dict[int, int], buckets: Mapping[int, int]) -> None:
    for index, count in buckets.items():
        into[index] = into.get(index, 0) + count


def _ascending(histogram: Histogram) -> Iterator[tuple[int, int, int]]:
    """Yield the sign, index and count of each bucket from the lowest values to the highest."""
    for index in sorted(histogram.negative, reverse=True):
        yield -1, index, histogram.negative[index]
    if histogram.zeros:
        yield 0, 0, histogram.zeros
    for index in sorted(histogram.positive):
        yield 1, index, histogram.positive[index]


def _bounds(sign: int, index: int, scale: int) -> tuple[float, float]:
    low, high = bucket_bounds(index, scale) if sign else (0.0, 0.0)
    return (-high, -low) if sign < 0 else (low, high)


def _interpolate(low: float, high: float, fraction: float) -> float:
    if low == 0.0 or high == 0.0:
        return low + (high - low) * fraction
    magnitude = abs(low) * (abs(high) / abs(low)) ** fraction
    return math.copysign(magnitude, low)
