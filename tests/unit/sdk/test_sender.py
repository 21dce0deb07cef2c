"""The sender's batches: times, clocks that step, and parts of what is too large."""

from collections import Counter as Tally
from pathlib import Path
from typing import Any

import pytest

from watchroom.config.settings import values
from watchroom.model.kind import Kind
from watchroom.runtime.clock import ManualClock
from watchroom.sdk import sender
from watchroom.sdk.instruments import Counter, Distribution, Gauge
from watchroom.sdk.predictions import Predictions
from watchroom.sdk.registry import Registry
from watchroom.sdk.sender import Sender, bodies
from watchroom.wire.batch import Batch, Metric, Occurrence, Point, decode


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def made(registry: Registry, clock: ManualClock, tmp_path: Path) -> Sender:
    settings = values({"file": str(tmp_path / "metrics.jsonl")})
    predictions = Predictions(registry, clock.now)
    began = int(clock.now() * 1000)
    return Sender("shop", settings, registry, list, predictions.restart, clock, began)


def points(batch: Batch, name: str) -> list[Any]:
    return [point for metric in batch.metrics if metric.name == name for point in metric.points]


def test_times_ascend_and_ids_differ(made: Sender, clock: ManualClock) -> None:
    batches = [made._batch(), made._batch()]
    clock.advance(1.0)
    batches.append(made._batch())
    assert [each.previous for each in batches[1:]] == [each.time for each in batches[:-1]]
    assert batches[0].time < batches[1].time < batches[2].time
    assert len({each.id for each in batches}) == 3


def test_a_clock_that_steps_back_begins_a_new_line_from_zero(
    made: Sender, registry: Registry, clock: ManualClock
) -> None:
    counter = registry.instrument(Counter, "jobs_total")
    histogram = registry.instrument(Distribution, "size")
    gauge = registry.instrument(Gauge, "depth")
    gauge.set(4.0)
    before = []
    for _ in range(2):
        counter.inc()
        histogram.record(2.0)
        before.append(made._batch())
        clock.advance(1.0)
    clock.set(clock.now() - 3600)
    counter.inc()
    before.append(made._batch())
    counter.inc()
    histogram.record(2.0)
    clock.advance(1.0)
    after = made._batch()
    assert {each.instance for each in before} != {after.instance}
    assert len({each.instance for each in before}) == 1
    assert [each.time for each in before] == sorted(each.time for each in before)
    assert after.time == int(clock.now() * 1000)
    assert after.previous == after.time - 1000
    totals = [points(batch, "jobs_total")[0] for batch in (before[-1], after)]
    assert [(each.value, each.fresh) for each in totals] == [(3.0, False), (1.0, True)]
    assert [points(batch, "size")[0].value.count for batch in (before[1], after)] == [2, 1]


def test_a_step_of_a_moment_begins_nothing(made: Sender, clock: ManualClock) -> None:
    first = made._batch()
    clock.set(clock.now() - 1.0)
    assert {made._batch().instance, made._batch().instance} == {first.instance}


def test_what_is_too_large_goes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LARGEST", 2_000)
    metrics = [
        Metric(f"m{number}", Kind.GAUGE, "", "", ["x"], [Point([str(i)], 1.0) for i in range(150)])
        for number in range(4)
    ]
    whole = Batch(
        id="a-1",
        service="shop",
        instance="h:1",
        time=2,
        previous=1,
        metrics=metrics,
        events=[Occurrence("note", 1, "INFO", {})],
    )
    parts = [decode(body) for body in bodies(whole)]
    assert all(len(body) <= 2_000 for body in bodies(whole))
    assert len({part.id for part in parts}) == len(parts)
    assert sum(len(part.events) for part in parts) == 1
    found = Tally(
        (metric.name, point.values[0])
        for part in parts
        for metric in part.metrics
        for point in metric.points
    )
    assert len(found) == 600
    assert set(found.values()) == {1}
