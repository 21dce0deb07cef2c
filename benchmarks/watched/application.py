"""One FastAPI application, watched in different ways; `uvicorn` serves it by `served`."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi import FastAPI

_DURATIONS = {"http.server.duration", "http.server.request.duration"}

ROUTE = "/items/{item}"


class Watched(NamedTuple):
    """An application, how to drain what was recorded of it, and how many requests were counted."""

    app: Any
    drain: Callable[[], object]
    counted: Callable[[], float] | None


def plain() -> FastAPI:
    """Return the application by itself."""
    app = FastAPI(openapi_url=None)

    @app.get(ROUTE)
    async def item(item: int) -> dict[str, int]:
        return {"item": item}

    return app


def bare() -> Watched:
    return Watched(plain(), lambda: None, None)


def no_op() -> Watched:
    """The floor: a wrapper around the application and around `send` that does nothing."""

    class NoOp:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            def passed(message: Any) -> Any:
                return send(message)

            await self.app(scope, receive, passed)

    app = plain()
    app.add_middleware(NoOp)
    return Watched(app, lambda: None, None)


def watchroom() -> Watched:
    """Ours; the drain is the batch that the sender makes once a second."""
    from watchroom.sdk import requests
    from watchroom.sdk.middleware.asgi import ASGIMiddleware
    from watchroom.sdk.registry import Registry
    from watchroom.wire.batch import Batch, encode

    registry = Registry()
    instruments = requests.Requests(registry)
    requests.use(instruments)
    app = plain()
    app.add_middleware(ASGIMiddleware)

    def drain() -> bytes:
        metrics = registry.collect()
        return encode(
            Batch(id="1", service="bench", instance="1", time=1, previous=0, metrics=metrics)
        )

    def count() -> float:
        return float(instruments.durations.cells[ROUTE, "GET", "200", ""].count)

    return Watched(app, drain, count)


def instrumentator() -> Watched:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_fastapi_instrumentator import Instrumentator

    registry = CollectorRegistry()
    app = plain()
    Instrumentator(registry=registry).instrument(app)

    def count() -> float:
        labels = {"handler": ROUTE, "method": "GET", "status": "2xx"}
        return registry.get_sample_value("http_requests_total", labels) or 0.0

    return Watched(app, lambda: generate_latest(registry), count)


def opentelemetry() -> Watched:
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Discard(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:  # noqa: ARG002  # the base class names it
            return SpanExportResult.SUCCESS

    reader = InMemoryMetricReader()
    spans = TracerProvider()
    spans.add_span_processor(BatchSpanProcessor(Discard()))
    app = plain()
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=spans, meter_provider=MeterProvider([reader])
    )

    def drain() -> None:
        reader.collect()
        spans.force_flush()

    def count() -> float:
        read: Any = reader.get_metrics_data()
        metrics = [
            each for scope in read.resource_metrics[0].scope_metrics for each in scope.metrics
        ]
        durations = next(each for each in metrics if each.name in _DURATIONS)
        return float(sum(point.count for point in durations.data.data_points))

    return Watched(app, drain, count)


KINDS: dict[str, Callable[[], Watched]] = {
    "bare": bare,
    "no-op": no_op,
    "watchroom": watchroom,
    "prometheus-fastapi-instrumentator": instrumentator,
    "opentelemetry-instrumentation-fastapi": opentelemetry,
}


def served() -> Any:
    """Return the application that the environment names, for `uvicorn --factory`.

    Ours runs as its users have it: its session sends to the server that the environment names.
    """
    kind = os.environ["BENCH_WATCHED"]
    made = KINDS[kind]()
    if kind == "watchroom":
        import watchroom as sdk

        sdk.init("bench")
    return made.app
