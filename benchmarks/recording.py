"""The recorders that T1, T2 and T4 compare: ours, two peers, and the floor.

Each is used as its own documentation does: the instrument is kept, the label values are given at
every call. Reading all series out, ready to send, is the drain and belongs to the cost.
"""

import gc
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from benchmarks.harness import Row, compare, cpu, micro, peer, same

from watchroom.sdk.instruments import Counter, Distribution
from watchroom.sdk.registry import Registry
from watchroom.wire.batch import Batch, encode

NAMES = ("method", "route")
TURNS = 20_000
ROUNDS = 15
_SETS = [(method, f"/items/{item}") for method in ("GET", "POST") for item in range(8)]
LABELS = _SETS * (TURNS // len(_SETS))
_random = random.Random(7)
_AGED = [(*labels, _random.lognormvariate(-4.0, 1.0)) for labels in _SETS * 125]
AGED = _AGED * (TURNS // len(_AGED))
"""Label values, and how many seconds ago a block began: mostly 5 to 50 ms. Few enough to stay in a
core's cache, for the loop's own cost is the same for all and says nothing."""


Loop: TypeAlias = Callable[[], None]


class Recorder(NamedTuple):
    """One way to record: the two loops of `TURNS` facts, the drain, what was counted."""

    count: Callable[[], None]
    time: Callable[[], None]
    drain: Callable[[], object]
    counted: Callable[[], float]


def watchroom() -> Recorder:
    registry = Registry(buffer_size=10 * TURNS)
    counter = registry.instrument(Counter, "requests_total", NAMES)
    histogram = registry.instrument(Distribution, "duration_seconds", NAMES)

    def count() -> None:
        inc = counter.inc
        for method, route in LABELS:
            inc(method, route)

    def record() -> None:
        put, clock, started = histogram.record, time.perf_counter, time.perf_counter()
        for method, route, age in AGED:
            put(clock() - started + age, method, route)

    def drain() -> bytes:
        now = time.time_ns() // 1_000_000
        metrics = registry.collect()
        return encode(
            Batch(id="1", service="bench", instance="1", time=now, previous=now, metrics=metrics)
        )

    def counted() -> float:
        return sum(cell.value for cell in counter.cells.values()) + sum(
            cell.count for cell in histogram.cells.values()
        )

    return Recorder(count, record, drain, counted)


def prometheus_client() -> Recorder:
    from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

    registry = CollectorRegistry()
    counter = Counter("requests", "requests", NAMES, registry=registry)
    histogram = Histogram("duration_seconds", "durations", NAMES, registry=registry)

    def count() -> None:
        labels = counter.labels
        for method, route in LABELS:
            labels(method, route).inc()

    def record() -> None:
        labels, clock, started = histogram.labels, time.perf_counter, time.perf_counter()
        for method, route, age in AGED:
            labels(method, route).observe(clock() - started + age)

    def counted() -> float:
        samples = [sample for metric in registry.collect() for sample in metric.samples]
        return sum(each.value for each in samples if each.name.endswith(("_total", "_count")))

    return Recorder(count, record, lambda: generate_latest(registry), counted)


def opentelemetry() -> Recorder:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("bench")
    counter = meter.create_counter("requests")
    histogram = meter.create_histogram("duration", "s")

    def count() -> None:
        add = counter.add
        for method, route in LABELS:
            add(1, {"method": method, "route": route})

    def record() -> None:
        put, clock, started = histogram.record, time.perf_counter, time.perf_counter()
        for method, route, age in AGED:
            put(clock() - started + age, {"method": method, "route": route})

    def counted() -> float:
        read: Any = reader.get_metrics_data()
        metrics = [
            each for scope in read.resource_metrics[0].scope_metrics for each in scope.metrics
        ]
        points = [point for metric in metrics for point in metric.data.data_points]
        return float(sum(getattr(each, "count", None) or each.value for each in points))

    return Recorder(count, record, reader.get_metrics_data, counted)


def floor() -> Recorder:
    """One call into C for a count, one more that reads the clock for a duration."""
    kept: deque[Any] = deque(maxlen=TURNS)

    def count() -> None:
        append = kept.append
        for _method, route in LABELS:
            append(route)

    def record() -> None:
        append, clock, started = kept.append, time.perf_counter, time.perf_counter()
        for _method, _route, age in AGED:
            append(clock() - started + age)

    return Recorder(count, record, kept.clear, lambda: 0.0)


TARGETS = {"prometheus-client": 0.25, "opentelemetry-sdk": 0.10}
RECORDERS: Mapping[str, Callable[[], Recorder]] = {
    "watchroom": watchroom,
    "prometheus-client": prometheus_client,
    "opentelemetry-sdk": opentelemetry,
    "floor": floor,
}


def measured(loop: Callable[[Recorder], Loop]) -> dict[str, Callable[[], float]]:
    """Return the measurement of one loop of each recorder, in CPU seconds per fact.

    All must have counted the same before any time is taken.
    """
    made = {name: make() for name, make in RECORDERS.items()}
    works = {name: _work(loop(each), each.drain) for name, each in made.items()}
    for work in works.values():
        work()
    same({name: each.counted() for name, each in made.items() if name != "floor"})
    return {name: partial(_cost, work) for name, work in works.items()}


def rows(id: str, what: str, floor_is: str, loop: Callable[[Recorder], Loop]) -> list[Row]:  # noqa: A002 - the row's id
    """Measure one loop of each recorder, and return a row for each peer."""
    figures = compare(measured(loop), ROUNDS)
    ours = figures["watchroom"]
    return [
        Row(
            id,
            what,
            micro(ours),
            peer(name),
            micro(figures[name]),
            ours.median / figures[name].median,
            target,
            f"{floor_is} {micro(figures['floor'])}",
        )
        for name, target in TARGETS.items()
    ]


def _work(loop: Callable[[], None], drain: Callable[[], object]) -> Callable[[], None]:
    def work() -> None:
        loop()
        drain()

    return work


def _cost(work: Callable[[], None]) -> float:
    gc.collect()  # nobody pays for another's garbage
    return cpu(work, TURNS)
