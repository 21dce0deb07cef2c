"""The engine's answers over known facts."""

import json
from typing import Any

import pytest

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram, bucket_index
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels, labels
from watchroom.query.engine import Engine
from watchroom.query.errors import QueryError
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import Store, Write

START = 1_700_000_000.0


def told(store: Store, *facts: tuple[Labels, float, float | Histogram], **more: Any) -> None:
    """Write facts: labels, seconds after START, value."""
    floats = [(who, START + at, value) for who, at, value in facts if isinstance(value, float)]
    store.append(
        Write(
            "",
            [who for who, _, _ in floats],
            [round(at * 1000) for _, at, _ in floats],
            [value for _, _, value in floats],
            [
                (who, round((START + at) * 1000), value)
                for who, at, value in facts
                if isinstance(value, Histogram)
            ],
            **more,
        )
    ).result()


def of(name: str, instance: str = "h:1", **pairs: str) -> Labels:
    return labels(name, {"job": "shop", "instance": instance, **pairs})


def requests(status: str = "200", instance: str = "h:1", route: str = "/buy") -> Labels:
    name = "http_server_request_duration_seconds"
    keys = {"http_route": route, "http_request_method": "GET", "http_response_status_code": status}
    return of(name, instance, **keys)


def spread(count: int, value: float = 0.1) -> Histogram:
    return Histogram(count, count * value, 0, {bucket_index(value): count})


def test_current_adds_up_processes_and_windows(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    clock.advance(200)
    told(store, (requests(), 100.0, spread(40)), (requests(), 190.0, spread(100)))
    told(store, (requests("500"), 139.0, Histogram()), (requests("500"), 150.0, spread(20, 0.4)))
    told(store, (requests(instance="h:2"), 195.0, spread(20)))
    api = engine.current()["api_metrics"]
    assert api["requests_per_minute"] == 100
    assert api["requests_total"] == 140
    assert api["errors_total"] == 20
    assert api["error_rate_percent"] == 20
    assert api["avg_response_time_ms"] == pytest.approx(160)
    assert api["p50_response_time_ms"] == pytest.approx(100, rel=0.01)
    assert api["p99_response_time_ms"] == pytest.approx(400, rel=0.01)
    assert [row["endpoint"] for row in api["endpoints"]] == ["/buy"]


def test_where_nothing_is_known_nothing_is_claimed(engine: Engine) -> None:
    body = engine.current()
    assert body["services"] == []
    for group in ("api_metrics", "model_metrics", "system_metrics", "cache_metrics"):
        values = [value for value in body[group].values() if not isinstance(value, list)]  # type: ignore[literal-required]
        assert set(values) == {None}


def test_a_series_that_comes_back_after_a_gap_counts_only_what_is_new(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    clock.advance(2000)
    told(store, (of("ml_predictions_total", model="m"), 900.0, 5000.0))
    told(store, (of("ml_predictions_total", model="m"), 1990.0, 5012.0))
    model = engine.current()["model_metrics"]
    assert model["predictions_per_minute"] == 12
    assert model["predictions_count"] == 5012


def test_only_live_processes_count_as_the_system(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    clock.advance(200)
    for instance, at in (("h:1", 195.0), ("h:2", 150.0)):
        told(store, (of("process_resident_memory_bytes", instance), at, 3e6))
        told(store, (of("process_uptime_seconds", instance), at, 100.0))
        told(store, (of("process_cpu_seconds_total", instance), at - 50, 10.0))
        told(store, (of("process_cpu_seconds_total", instance), at, 40.0))
    system = engine.current()["system_metrics"]
    assert system["memory_usage_mb"] == 3
    assert system["cpu_percent"] == 50
    assert [each["instance"] for each in system["processes"]] == ["h:1"]


def test_summary_counts_within_its_range(store: Store, engine: Engine, clock: ManualClock) -> None:
    clock.advance(4000)
    for at, count in ((100.0, 7), (1000.0, 10), (3900.0, 30)):
        told(store, (requests(), at, spread(count)), (requests("503"), at, spread(count)))
    body = engine.summary("1h")
    assert body["api_metrics"]["requests_total"] == 46
    assert body["failing_endpoints"][0]["errors_total"] == 23
    assert body["slowest_endpoints"][0]["endpoint"] == "/buy"
    assert (body["from"], body["to"]) == (START + 400, START + 4000)


def test_history_cuts_exactly_and_leaves_gaps(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    clock.advance(400)
    for at, count in ((35.0, 0), (45.0, 6), (59.0, 9), (75.0, 30)):
        told(store, (requests(), at, spread(count)))
    found = engine.history("requests_per_minute", start=START - 40, end=START + 200, step="20s")
    assert found["unit"] == "1/min"
    assert all(time % 20 == 0 for time in found["times"])
    values = found["series"][0]["values"]
    assert sum(value for value in values if value is not None) * 20 / 60 == 30
    assert values[0] is None
    assert values[-1] is None
    assert 0 in values


def test_history_splits_and_selects(store: Store, engine: Engine, clock: ManualClock) -> None:
    clock.advance(100)
    told(store, (requests(), 50.0, spread(9)), (requests("500"), 50.0, spread(1)))
    told(store, (requests(route="/pay"), 50.0, spread(4)))
    split = engine.history("requests_per_minute", range="2m", step="1m", by=["endpoint"])
    assert [line["labels"] for line in split["series"]] == [
        {"endpoint": "/buy"},
        {"endpoint": "/pay"},
    ]
    failed = engine.history("error_rate_percent", range="2m", by=["endpoint"])
    assert max(v for v in failed["series"][0]["values"] if v is not None) == 10
    paid = engine.history("requests_per_minute", range="2m", step="1m", where=["endpoint=/pay"])
    assert 4 in paid["series"][0]["values"]


def test_stored_metrics_answer_by_their_kind(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    clock.advance(120)
    kinds = [Metadata("jobs_total", Kind.COUNTER), Metadata("depth", Kind.GAUGE, "items")]
    told(
        store,
        (of("jobs_total"), 30.0, 0.0),
        (of("jobs_total"), 70.0, 90.0),
        (of("depth", queue="a"), 70.0, 4.0),
        (of("depth", queue="b"), 70.0, 6.0),
        metadata=kinds,
    )
    rate = engine.history("jobs_total", range="2m", step="30s")["series"][0]["values"]
    assert 3 in rate
    assert len(engine.history("depth", range="2m")["series"]) == 2
    folded = engine.history("depth", range="2m", by=["service"])
    assert folded["unit"] == "items"
    assert folded["series"][0]["values"][-1] == 5


@pytest.mark.parametrize(
    ("question", "code", "hint"),
    [
        ({"metric": "request_per_minute"}, "unknown_metric", "requests_per_minute"),
        ({"metric": "mae", "range": "yesterday"}, "bad_range", "1h30m"),
        ({"metric": "mae", "range": "7d", "step": "1s"}, "too_many_points", "60s"),
        ({"metric": "mae", "step": "10ms"}, "bad_step", "second"),
        ({"metric": "mae", "start": 10, "end": 5}, "bad_range", "swap"),
        ({"metric": "mae", "by": ["end-point"]}, "bad_label", "endpoint"),
        ({"metric": "mae", "where": ["model"]}, "bad_where", "="),
    ],
)
def test_bad_questions_are_told_what_is_right(
    engine: Engine, question: dict[str, Any], code: str, hint: str
) -> None:
    with pytest.raises(QueryError) as caught:
        engine.history(**question)
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_too_many_curves_are_refused(store: Store, engine: Engine, clock: ManualClock) -> None:
    clock.advance(60)
    told(store, *[(requests(route=f"/{i}"), 30.0, spread(1)) for i in range(201)])
    with pytest.raises(QueryError, match="201 curves"):
        engine.history("requests_per_minute", range="5m", by=["endpoint"])


def test_distribution_is_exact(store: Store, engine: Engine, clock: ManualClock) -> None:
    clock.advance(300)
    told(store, (requests(), 100.0, spread(50, 0.02)), (requests("500"), 200.0, spread(5, 2.0)))
    found = engine.distribution(range="5m", step="60s")
    assert found["count"] == sum(found["total"]) == 55
    assert len(found["bounds"]) == len(found["total"]) + 1 <= 61
    assert [sum(row) for row in found["counts"]].count(0) == len(found["times"]) - 2
    assert found["p50"] == pytest.approx(20, rel=0.01)
    assert found["p99"] == pytest.approx(2000, rel=0.01)
    assert engine.distribution("confidence")["p50"] is None


def test_predictions_say_how_many_there_were(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    clock.advance(60)
    made = [
        Event(
            "prediction.outcome",
            round((START + i) * 1000),
            {"model": "m", "predicted": i, "actual": i + 1, "seen": 30},
            job="shop",
        )
        for i in range(1, 11)
    ]
    told(store, events=made)
    found = engine.predictions("m")
    assert (found["seen"], found["sampled"], len(found["points"])) == (30, True, 10)
    assert found["points"][0] == {
        "time": START + 1,
        "predicted": 1,
        "actual": 2,
        "confidence": None,
    }
    assert len(engine.events(limit=3)["events"]) == 3
    assert engine.predictions("other")["points"] == []


def test_services_are_live_until_they_fall_silent(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    told(store, (of("process_start_time_seconds"), 10.0, START - 50))
    told(store, (labels("depth", {"job": "bare", "instance": "x:2"}), 10.0, 1.0))
    clock.advance(20)
    assert [each["status"] for each in engine.services()["services"]] == ["live", "live"]
    clock.advance(60)
    bare, shop = sorted(engine.services()["services"], key=lambda each: each["service"])
    assert shop["status"] == bare["status"] == "stale"
    assert shop["instances"][0]["first_seen"] == START - 50


def test_answers_are_ready_for_json(store: Store, engine: Engine, clock: ManualClock) -> None:
    clock.advance(60)
    told(store, (requests(), 30.0, spread(3)))
    answers = [
        engine.current(),
        engine.summary("7d"),
        engine.history("p95_response_time_ms", range="10m"),
        engine.distribution(range="10m"),
        engine.services(),
    ]
    assert all(json.loads(json.dumps(each, allow_nan=False)) == each for each in answers)
