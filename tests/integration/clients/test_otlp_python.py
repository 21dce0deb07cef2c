"""OpenTelemetry's SDK for Python sends every instrument; what is stored is what was recorded."""

from collections.abc import Callable, Iterator

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import (
    Counter,
    Histogram,
    MeterProvider,
    ObservableCounter,
    ObservableUpDownCounter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from tests.integration.clients.recorded import ROUNDS, check
from tests.integration.clients.stored import stored
from tests.integration.conftest import Server

TRACER = TracerProvider(shutdown_on_exit=False).get_tracer("lib")
FOREVER = float("inf")


def provider(server: Server, temporality: AggregationTemporality) -> MeterProvider:
    exporter = OTLPMetricExporter(
        f"{server.url}/v1/metrics",
        compression=Compression.Gzip,
        preferred_temporality=dict.fromkeys(
            (Counter, UpDownCounter, Histogram, ObservableCounter, ObservableUpDownCounter),
            temporality,
        ),
    )
    views = [
        View(
            instrument_name="wait",
            aggregation=ExplicitBucketHistogramAggregation(boundaries=[1.0, 5.0, 10.0]),
        ),
        View(
            instrument_name="size",
            aggregation=ExponentialBucketHistogramAggregation(max_size=160, max_scale=6),
        ),
    ]
    return MeterProvider(
        metric_readers=[PeriodicExportingMetricReader(exporter, export_interval_millis=FOREVER)],
        resource=Resource(
            {
                "service.name": "cart",
                "service.namespace": "shop",
                "service.instance.id": "one",
                "host.name": "h1",
            }
        ),
        views=views,
        shutdown_on_exit=False,
    )


def observed(values: Iterator[float]) -> Callable[[CallbackOptions], list[Observation]]:
    return lambda _options: [Observation(next(values), {"disk": "a"})]


def record(made: MeterProvider) -> None:
    """Record two rounds with every instrument, each exported."""
    meter = made.get_meter("lib", "1.0")
    orders = meter.create_counter("orders", unit="{order}", description="Orders taken.")
    floating = meter.create_up_down_counter("open.orders")
    wait = meter.create_histogram("wait", unit="s")
    size = meter.create_histogram("size", unit="By")
    level = meter.create_gauge("level", unit="1")
    meter.create_observable_counter("io", [observed(iter([100.0, 250.0, 250.0]))], unit="By")
    meter.create_observable_up_down_counter("queue", [observed(iter([5.0, 2.0, 2.0]))])
    meter.create_observable_gauge("heat", [observed(iter([20.5, 21.5, 21.5]))], unit="Cel")
    for number, values in enumerate(ROUNDS):
        for value in values:
            with TRACER.start_as_current_span("order"):
                wait.record(value, {"route": "/a"})
            orders.add(2, {"kind": "book"})
            size.record(value)
        floating.add(3)
        floating.add(-1)
        level.set(0.25 + number)
        assert made.force_flush()


@pytest.mark.parametrize(
    "temporality", [AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA]
)
def test_every_instrument(
    start: Callable[..., Server], temporality: AggregationTemporality
) -> None:
    server = start()
    made = provider(server, temporality)
    record(made)
    made.shutdown()
    assert server.stop() == 0
    with stored(server.data) as found:
        check(found, deltas=temporality is AggregationTemporality.DELTA)
        examples = found.exemplars("wait_seconds_bucket")
    assert examples
    assert all(len(each["trace_id"]) == 32 and len(each["span_id"]) == 16 for each in examples)
