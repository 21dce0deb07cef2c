"""The engine over the real store: every number agrees with what was recorded."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from watchroom.model.histogram import Histogram, bucket_index
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels, labels
from watchroom.query.engine import Engine
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import Store, Write
from watchroom.storage.embedded import EmbeddedStore

REQUESTS = "http_server_request_duration_seconds"
START = 1_700_000_000
SECONDS = 900


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + SECONDS)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    opened = EmbeddedStore(tmp_path, now=clock.now)
    yield opened
    opened.close()


class Process:
    """Records durations and predictions, and says cumulative values as the SDK does."""

    def __init__(self, instance: str, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._instance = instance
        self._buckets: dict[int, int] = {}
        self._sum = 0.0
        self._predictions = 0.0
        self.durations: list[tuple[int, float]] = []

    def flush(self, store: Store, second: int) -> None:
        for value in self._draw.lognormal(-3, 1, self._draw.integers(0, 9)).tolist():
            index = bucket_index(value)
            self._buckets[index] = self._buckets.get(index, 0) + 1
            self._sum += value
            self._predictions += 1
            self.durations.append((second, value))
        histogram = Histogram(len(self.durations), self._sum, 0, dict(self._buckets))
        time = (START + second) * 1000
        route = {"http_route": "/buy", "http_request_method": "GET"}
        store.append(
            Write(
                f"{self._instance}-{second}",
                [self._labels("ml_predictions_total", model="m")],
                [time],
                [self._predictions],
                [(self._labels(REQUESTS, **route), time, histogram)],
                metadata=[
                    Metadata("ml_predictions_total", Kind.COUNTER),
                    Metadata(REQUESTS, Kind.HISTOGRAM, "s"),
                ],
            )
        ).result(10)

    def _labels(self, name: str, **pairs: str) -> Labels:
        return labels(name, {"job": "shop", "instance": self._instance, **pairs})


@pytest.fixture
def processes(store: Store) -> list[Process]:
    made = [Process("h:1", 1), Process("h:2", 2)]
    for second in range(1, SECONDS + 1, 3):
        for process in made:
            process.flush(store, second)
    return made


def durations(processes: list[Process], after: int = 0) -> list[float]:
    return [value for each in processes for second, value in each.durations if second > after]


def test_the_store_and_the_engine_agree_with_what_was_recorded(
    store: Store, clock: ManualClock, processes: list[Process]
) -> None:
    engine = Engine(store, clock)
    api = engine.current()["api_metrics"]
    recent = durations(processes, SECONDS - 60)
    assert api["requests_total"] == len(durations(processes))
    assert api["requests_per_minute"] == len(recent)
    for q, found in ((0.5, api["p50_response_time_ms"]), (0.95, api["p95_response_time_ms"])):
        exact = np.quantile(recent, q, method="inverted_cdf") * 1000
        assert found == pytest.approx(exact, rel=0.01)
    assert engine.summary("1h")["api_metrics"]["requests_total"] == len(durations(processes))


@pytest.mark.parametrize("step", [7, 15, 60, 300])
@pytest.mark.parametrize("metric", ["requests_per_minute", "predictions_per_minute"])
def test_totals_hold_however_the_steps_cut(
    store: Store, clock: ManualClock, processes: list[Process], step: int, metric: str
) -> None:
    end = START + SECONDS + step
    clock.set(end)
    found = Engine(store, clock).history(metric, start=START - step, end=end, step=f"{step}s")
    values = [each for each in found["series"][0]["values"] if each is not None]
    assert sum(values) * step / 60 == pytest.approx(len(durations(processes)), abs=1e-6)


def test_the_distribution_holds_every_request(
    store: Store, clock: ManualClock, processes: list[Process]
) -> None:
    end = START + SECONDS + 60
    found = Engine(store, clock).distribution(start=START - 60, end=end, step="60s")
    every = durations(processes)
    assert found["count"] == sum(found["total"]) == len(every)
    edges = np.array(found["bounds"]) / 1000
    for k, count in enumerate(found["total"]):
        assert count == sum(edges[k] < value <= edges[k + 1] for value in every)
    for q, ours in ((0.5, found["p50"]), (0.95, found["p95"]), (0.99, found["p99"])):
        assert ours == pytest.approx(np.quantile(every, q, method="inverted_cdf") * 1e3, rel=0.01)


def test_a_quantile_over_time_is_numpys(
    store: Store, clock: ManualClock, processes: list[Process]
) -> None:
    found = Engine(store, clock).history("p95_response_time_ms", range="10m", step="5m")
    for time, ours in zip(found["times"], found["series"][0]["values"], strict=True):
        inside = [
            value
            for each in processes
            for second, value in each.durations
            if time - 300 < START + second <= time
        ]
        exact = np.quantile(inside, 0.95, method="inverted_cdf") * 1000
        assert ours == pytest.approx(exact, rel=0.01)


def test_services_of_a_source_without_process_metrics(
    store: Store, clock: ManualClock, processes: list[Process]
) -> None:
    found = Engine(store, clock).services()["services"]
    assert [each["service"] for each in found] == ["shop"]
    assert [each["instance"] for each in found[0]["instances"]] == ["h:1", "h:2"]
    assert found[0]["status"] == "live"


def test_reading_in_parts_changes_nothing(
    store: Store, clock: ManualClock, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> tuple[object, ...]:
        engine = Engine(store, clock)
        return (
            engine.summary("15m")["api_metrics"]["requests_total"],
            engine.history("p95_response_time_ms", range="15m", step="30s")["series"],
            engine.history("predictions_per_minute", range="15m", step="30s")["series"],
        )

    whole = answers()
    monkeypatch.setattr("watchroom.query.history.BLOCK_SAMPLES", 300)
    monkeypatch.setattr("watchroom.query.current.BLOCK_SAMPLES", 300)
    assert answers() == whole
