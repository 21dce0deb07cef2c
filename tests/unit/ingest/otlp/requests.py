"""Requests to export metrics, made short."""

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

NOW = 1_700_000_000_000
"""Milliseconds."""
DELTA, CUMULATIVE = 1, 2


def at(seconds: float) -> int:
    """Return a time near NOW in ns."""
    return (NOW + round(seconds * 1000)) * 1_000_000


def request(
    *metrics: pb.Metric, resource: Mapping[str, str] | None = None
) -> ExportMetricsServiceRequest:
    """Return a request of one resource and one scope."""
    made = ExportMetricsServiceRequest()
    whole = made.resource_metrics.add()
    given = {"service.name": "shop"} if resource is None else resource
    attributes(whole.resource.attributes, given)
    scope = whole.scope_metrics.add()
    scope.scope.name, scope.scope.version = "lib", "1.0"
    scope.metrics.extend(metrics)
    return made


def attributes(into: Any, given: Mapping[str, Any]) -> None:
    """Add attributes to a repeated KeyValue."""
    for key, value in given.items():
        added = into.add(key=key)
        field = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value"}
        setattr(added.value, field[type(value)], value)


def gauge(name: str, value: float, unit: str = "", time: float = 0.0, **given: Any) -> pb.Metric:
    metric = pb.Metric(name=name, unit=unit, description="Told.")
    point = metric.gauge.data_points.add(time_unix_nano=at(time), as_double=value)
    attributes(point.attributes, given)
    return metric


def summed(
    name: str,
    value: float,
    *,
    temporality: int = CUMULATIVE,
    rises: bool = True,
    start: float = -10.0,
    time: float = 0.0,
    unit: str = "",
) -> pb.Metric:
    metric = pb.Metric(name=name, unit=unit)
    metric.sum.aggregation_temporality = temporality
    metric.sum.is_monotonic = rises
    metric.sum.data_points.add(
        start_time_unix_nano=at(start), time_unix_nano=at(time), as_double=value
    )
    return metric


def histogram(
    name: str,
    counts: Iterable[int],
    bounds: Iterable[float],
    total: float,
    *,
    temporality: int = CUMULATIVE,
    start: float = -10.0,
    time: float = 0.0,
) -> pb.Metric:
    counts = list(counts)
    metric = pb.Metric(name=name, unit="s")
    metric.histogram.aggregation_temporality = temporality
    metric.histogram.data_points.add(
        start_time_unix_nano=at(start),
        time_unix_nano=at(time),
        count=sum(counts),
        sum=total,
        bucket_counts=counts,
        explicit_bounds=list(bounds),
    )
    return metric


def exponential(
    name: str,
    counts: Iterable[int],
    *,
    scale: int = 3,
    offset: int = 0,
    zeros: int = 0,
    temporality: int = CUMULATIVE,
    start: float = -10.0,
    time: float = 0.0,
) -> pb.Metric:
    counts = list(counts)
    metric = pb.Metric(name=name)
    metric.exponential_histogram.aggregation_temporality = temporality
    point = metric.exponential_histogram.data_points.add(
        start_time_unix_nano=at(start),
        time_unix_nano=at(time),
        count=sum(counts) + zeros,
        sum=1.5,
        scale=scale,
        zero_count=zeros,
        zero_threshold=0.25,
    )
    point.positive.offset = offset
    point.positive.bucket_counts.extend(counts)
    return metric
