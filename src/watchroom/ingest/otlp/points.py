"""One data point of each kind, and the samples that it makes."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from watchroom.ingest.naming import Refused
from watchroom.ingest.otlp.deltas import Classic, Delta
from watchroom.ingest.otlp.draft import Draft, Stream
from watchroom.model.histogram import CUSTOM, Histogram, coarsen
from watchroom.model.labels import Labels
from watchroom.model.stale import STALE

COUNT, SUM, BUCKET = "_count", "_sum", "_bucket"
_INFINITE = ("le", "+Inf")
_FINEST, _COARSEST = 8, -4
_MOST_BUCKETS = 10_000
_INDEXES = 1 << 18
_NO_VALUE = 1
"""The flag of a point that says: this stream has no value any more."""


def milliseconds(nanoseconds: int) -> int:
    """Return a time in ms."""
    return nanoseconds // 1_000_000


def span(point: Any) -> Delta:
    """Return when a point began and ended, in ns."""
    return Delta(point.start_time_unix_nano, point.time_unix_nano)


def vanished(point: Any) -> bool:
    """Say whether a point marks the end of its stream."""
    return bool(point.flags & _NO_VALUE)


def began(delta: Delta) -> int:
    """Return the time in ms of the zero that a sum begins at.

    It lies behind the start by one ms: at the start itself stands the last sample of the sum
    before, where this server was started anew.
    """
    end = milliseconds(delta.end)
    start = milliseconds(delta.start) + 1
    return start if delta.start and start < end else end - 1


def number(point: Any) -> float:
    """Return the value of a number point. Raises Refused."""
    kind = point.WhichOneof("value")
    if kind is None:
        raise Refused("a number point has a value, as_double or as_int")
    return float(getattr(point, kind))


def bound_text(bound: float) -> str:
    """Return a bucket's upper bound as its label says it: no exponent, no needless zeros."""
    if math.isinf(bound):
        return "+Inf" if bound > 0 else "-Inf"
    return np.format_float_positional(bound, trim="-")


def classic(point: Any) -> Classic:
    """Return a histogram point. Raises Refused."""
    bounds, counts = tuple(point.explicit_bounds), tuple(point.bucket_counts)
    if not counts and not bounds:
        counts = (point.count,)
    if len(counts) != len(bounds) + 1:
        raise Refused("a histogram has one bucket more than it has bounds")
    if any(not low < high for low, high in pairwise(bounds)):
        raise Refused("a histogram's bounds ascend")
    if sum(counts) > point.count:
        raise Refused("a histogram's count is not less than its buckets hold")
    return Classic(bounds, counts, point.count, point.sum)


def exponential(point: Any) -> Histogram:
    """Return an exponential point at a scale that is kept, from -4 to 8. Raises Refused."""
    positive = _buckets(point.positive)
    negative = _buckets(point.negative)
    if point.zero_count + sum(positive.values()) + sum(negative.values()) > point.count:
        raise Refused("a histogram's count is not less than its buckets hold")
    if point.scale < _COARSEST:
        raise Refused(f"an exponential histogram's scale is at least {_COARSEST}")
    if not 0.0 <= point.zero_threshold < math.inf:
        raise Refused("a histogram's zero threshold is a number of 0 or more")
    histogram = Histogram(
        point.count,
        point.sum,
        point.zero_count,
        positive,
        negative,
        point.scale,
        point.zero_threshold,
    )
    kept = coarsen(histogram, min(point.scale, _FINEST))
    if any(abs(index) >= _INDEXES for index in (*kept.positive, *kept.negative)):
        raise Refused("a bucket lies beyond every number there is")
    return kept


def custom(histogram: Classic) -> Histogram:
    """Return a histogram of explicit bounds as a native one of custom bounds."""
    counts = {index: count for index, count in enumerate(histogram.counts) if count}
    return Histogram(histogram.total, histogram.sum, 0, counts, {}, CUSTOM, 0.0, histogram.bounds)


def add_classic(draft: Draft, stream: Stream, time: int, value: Classic, *, sums: bool) -> None:
    """Add the series of a classic histogram."""
    if sums:
        draft.add(stream.series(SUM), time, value.sum)
    draft.add(stream.series(COUNT), time, float(value.total))
    for labels, count in zip(buckets(stream, value.bounds), accumulate(value.counts), strict=False):
        draft.add(labels, time, float(count))
    draft.add(stream.series(BUCKET, _INFINITE), time, float(value.total))


def buckets(stream: Stream, bounds: Iterable[float]) -> list[Labels]:
    """Return the series of the buckets with an upper bound."""
    return [
        stream.series(BUCKET, ("le", bound_text(bound))) for bound in bounds if bound < math.inf
    ]


def add_summary(draft: Draft, stream: Stream, time: int, point: Any) -> None:
    """Add the series of a summary."""
    draft.add(stream.series(SUM), time, _or_stale(point, point.sum))
    draft.add(stream.series(COUNT), time, _or_stale(point, float(point.count)))
    for each in point.quantile_values:
        labels = stream.series("", ("quantile", bound_text(each.quantile)))
        draft.add(labels, time, _or_stale(point, each.value))


def end_classic(draft: Draft, stream: Stream, time: int, bounds: Sequence[float]) -> None:
    """Mark the series of a classic histogram as ended."""
    for labels in (
        stream.series(SUM),
        stream.series(COUNT),
        stream.series(BUCKET, _INFINITE),
        *buckets(stream, bounds),
    ):
        draft.add(labels, time, STALE)


def exemplar_series(stream: Stream, bounds: Sequence[float]) -> Callable[[float], Labels]:
    """Return what tells the bucket's series of an exemplar's value."""

    def series(value: float) -> Labels:
        bound = next((each for each in bounds if value <= each), math.inf)
        return stream.series(BUCKET, ("le", bound_text(bound)))

    return series


def _or_stale(point: Any, value: float) -> float:
    return STALE if vanished(point) else value


def _buckets(side: Any) -> dict[int, float]:
    counts = side.bucket_counts
    if len(counts) > _MOST_BUCKETS:
        raise Refused(f"an exponential histogram has at most {_MOST_BUCKETS} buckets a side")
    return {side.offset + index: count for index, count in enumerate(counts) if count}
