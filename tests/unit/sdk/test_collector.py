"""The collector: the figures of the last minute, without a server."""

import threading

import pytest

from watchroom.model.report import report
from watchroom.runtime.clock import ManualClock
from watchroom.sdk.collector import MetricsCollector


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def collector(clock: ManualClock) -> MetricsCollector:
    return MetricsCollector("shop", clock=clock)


def test_it_speaks_the_fields_of_metrics_current(
    collector: MetricsCollector, clock: ManualClock
) -> None:
    empty = report([], now=clock.now(), seconds=60)
    found = collector.get_current_metrics()
    assert found.keys() == empty.keys()
    for group in ("api_metrics", "model_metrics", "system_metrics", "cache_metrics"):
        assert found[group].keys() == empty[group].keys()  # type: ignore[literal-required]


def test_requests_are_counted_and_timed(collector: MetricsCollector) -> None:
    for number in range(100):
        collector.record_request("/buy", 10.0 + number, 500 if number < 4 else 200, method="GET")
    collector.record_request("/buy", 5.0, 200, error=ValueError("no"), method="GET")
    api = collector.get_current_metrics()["api_metrics"]
    assert (api["requests_total"], api["errors_total"]) == (101, 5)
    assert api["error_rate_percent"] == pytest.approx(500 / 101)
    assert api["avg_response_time_ms"] == pytest.approx((sum(range(10, 110)) + 5) / 101)
    assert api["p95_response_time_ms"] == pytest.approx(104, rel=0.01)
    assert [(row["endpoint"], row["requests_total"]) for row in api["endpoints"]] == [("/buy", 101)]


def test_the_window_moves_on_and_totals_stay(
    collector: MetricsCollector, clock: ManualClock
) -> None:
    collector.record_request("/buy", 10.0, 200)
    for _ in range(20):
        clock.advance(5.0)
        collector.record_cache("features", hit=True)
    api = collector.get_current_metrics()["api_metrics"]
    assert (api["requests_per_minute"], api["requests_total"]) == (0.0, 1)
    assert collector.get_current_metrics()["cache_metrics"]["total_hits"] == 20


def test_a_late_outcome_joins_its_prediction(collector: MetricsCollector) -> None:
    for predicted, actual in ((10.0, 12.0), (20.0, 19.0), (30.0, 30.0)):
        token = collector.record_prediction("price", predicted, confidence=0.5)
        assert collector.record_outcome(token, actual)
        assert not collector.record_outcome(token, actual)
    models = collector.get_current_metrics()["model_metrics"]
    assert (models["predictions_count"], models["avg_mae"]) == (3, pytest.approx(1.0, rel=0.01))
    mean = (12 + 19 + 30) / 3
    spread = sum((actual - mean) ** 2 for actual in (12, 19, 30))
    assert models["models"][0]["r2"] == pytest.approx(1 - 5 / spread)


def test_a_caller_may_know_only_the_error(collector: MetricsCollector) -> None:
    collector.record_prediction("price", mae=4.0)
    models = collector.get_current_metrics()["model_metrics"]
    assert models["avg_mae"] == pytest.approx(4.0, rel=0.01)


def test_nothing_it_is_given_raises(collector: MetricsCollector) -> None:
    collector.record_request("/buy", "slow", 200)  # type: ignore[arg-type]
    collector.record_prediction("price", "dear")  # type: ignore[arg-type]
    collector.record_cache("features", size_bytes="big")  # type: ignore[arg-type]
    assert collector.record_outcome("nonsense", 1.0) is False
    collector.get_current_metrics()


def test_threads_record_and_read_at_once(collector: MetricsCollector) -> None:
    def record(number: int) -> None:
        for turn in range(500):
            collector.record_request(f"/{number}/{turn % 50}", 1.0 + turn, 200)
            if turn % 100 == 0:
                collector.get_current_metrics()

    threads = [threading.Thread(target=record, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert collector.get_current_metrics()["api_metrics"]["requests_total"] == 2000
