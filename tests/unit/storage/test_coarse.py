"""Samples that are too old to be kept whole, from the store to PromQL."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import labels
from watchroom.query.promql import coarse
from watchroom.query.promql.engine import PromQL
from watchroom.query.promql.values import Vector
from watchroom.storage.contract import COARSE, EVER, HistogramSeries, Matcher, Write
from watchroom.storage.embedded import EmbeddedStore

NOW = 1_700_000_000.0
DAY = 86_400_000
T = int(NOW * 1000) // DAY * DAY
OLD, NEW = T - 20 * DAY, T - 2 * DAY
STEP = 15_000
GAUGE = labels("temperature", {"job": "a"})
COUNTER = labels("hits_total", {"job": "a"})
HISTOGRAM = labels("latency", {"job": "a"})


def opened(directory: Path) -> EmbeddedStore:
    return EmbeddedStore(
        directory, sync=False, now=lambda: T / 1000, retention_seconds=30 * 86_400.0
    )


def value(number: int) -> float:
    return float((number * 7919) % 101)


def fill(store: EmbeddedStore, start: int, hours: int = 2) -> None:
    times = list(range(start + STEP, start + hours * 3_600_000 + 1, STEP))
    count = len(times)
    gauge = [value(number) for number in range(count)]
    counter = [float(number % 100) for number in range(count)]
    store.append(
        Write(
            "",
            [GAUGE] * count + [COUNTER] * count,
            times * 2,
            gauge + counter,
            [(HISTOGRAM, time, Histogram(n, n * 2.0, 0, {5: n})) for n, time in enumerate(times)],
            metadata=[Metadata("temperature", Kind.GAUGE)],
        )
    ).result()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = opened(tmp_path)
    fill(store, OLD)
    fill(store, NEW)
    store.compact()
    yield store
    store.close()


def gone(store: EmbeddedStore) -> None:
    store.retain(T - 10 * DAY, T - 365 * DAY)


def floats(store: EmbeddedStore, name: str, aggregate: str = "last") -> list[tuple[int, float]]:
    found = store.select([Matcher("__name__", "=", name)], *EVER, None, aggregate)  # type: ignore[arg-type]
    return [
        pair
        for each in found
        for pair in zip(each.times.tolist(), each.values.tolist(), strict=True)  # type: ignore[union-attr]
    ]


def asked(store: EmbeddedStore, text: str, time: int) -> list[float]:
    return [float(each.values[0]) for each in PromQL(store).instant(text, time).series]


ASKED = (
    "temperature",
    "min_over_time(temperature[1h])",
    "max_over_time(temperature[1h])",
    "sum_over_time(temperature[1h])",
    "avg_over_time(temperature[1h])",
    "count_over_time(temperature[1h])",
    "last_over_time(temperature[1h])",
    "sum(temperature)",
    "increase(hits_total[1h])",
    "histogram_count(latency)",
    "histogram_count(increase(latency[1h]))",
)


@pytest.mark.parametrize("text", ASKED)
def test_what_old_samples_were_is_still_known(store: EmbeddedStore, text: str) -> None:
    moment = OLD + 2 * 3_600_000
    before, young = asked(store, text, moment), asked(store, text, NEW + 2 * 3_600_000)
    gone(store)
    # A window of five minutes begins with its first sample, its coarse one is the last.
    tolerance = 0.1 if "increase" in text else 1e-12
    assert before
    assert asked(store, text, moment) == pytest.approx(before, rel=tolerance)
    assert asked(store, text, NEW + 2 * 3_600_000) == young


def test_one_sample_is_left_of_five_minutes(store: EmbeddedStore) -> None:
    before = dict(floats(store, "temperature"))
    gone(store)
    left = floats(store, "temperature")
    old = [(time, sample) for time, sample in left if time < NEW]
    assert [time for time, _ in old] == [OLD + i * COARSE for i in range(1, 25)]
    assert all(before[time] == sample for time, sample in left)
    assert len(left) == len(old) + 480
    counts = [sample for time, sample in floats(store, "temperature", "count") if time < NEW]
    assert counts == [20.0] * 24
    assert {sample for time, sample in floats(store, "temperature", "count") if time > NEW} == {1.0}


def test_a_short_range_reaches_over_two_coarse_samples(store: EmbeddedStore) -> None:
    moment = OLD + 3_600_000 + 100_000
    rate = asked(store, "rate(hits_total[2m])", moment)
    gone(store)
    assert asked(store, "temperature", moment)
    thinned = asked(store, "rate(hits_total[2m])", moment)
    assert thinned
    assert rate
    assert asked(store, "increase(hits_total[2m])", moment)[0] == pytest.approx(thinned[0] * 120)


def test_sums_and_counts_of_a_short_range_are_of_that_range(store: EmbeddedStore) -> None:
    gone(store)
    moment = OLD + 3_600_000
    (whole,) = asked(store, "sum_over_time(temperature[10m])", moment)
    assert asked(store, "count_over_time(temperature[5m])", moment) == [20.0]
    assert asked(store, "sum_over_time(temperature[5m])", moment) == [pytest.approx(whole / 2)]
    assert asked(store, "avg_over_time(temperature[5m])", moment) == [pytest.approx(whole / 40)]


def test_series_that_come_between_two_readings_take_nobodys_place() -> None:
    found = Vector([(("i", "1"),), (("i", "3"),)], np.zeros((2, 2)), np.ones((2, 2), bool))
    again = found._replace(
        labels=[(("i", "0"),), (("i", "1"),), (("i", "2"),)],
        values=np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]),
    )
    values = coarse.valued(found, again).values
    assert values[0].tolist() == [2.0, 2.0]
    assert np.isnan(values[1]).all()


def test_what_is_coarse_outlives_a_restart_and_goes_with_its_own_age(tmp_path: Path) -> None:
    store = opened(tmp_path)
    fill(store, OLD)
    store.seal()
    store.retain(T - 10 * DAY, T - 365 * DAY)
    left = floats(store, "temperature")
    store.close()
    again = opened(tmp_path)
    assert floats(again, "temperature") == left
    assert again.coarse_until() == OLD + 2 * 3_600_000
    again.retain(T - 10 * DAY, T - 365 * DAY)
    assert floats(again, "temperature") == left
    again.retain(T - 10 * DAY, T - 15 * DAY)
    assert floats(again, "temperature") == []
    assert again.series([], *EVER) == []
    assert again.coarse_until() == EVER[0]
    again.close()


def test_histograms_keep_what_they_gained(store: EmbeddedStore) -> None:
    gone(store)
    (found,) = store.select([Matcher("__name__", "=", "latency")], OLD, OLD + DAY)
    assert isinstance(found, HistogramSeries)
    assert found.counts.tolist() == [20.0 * i - 1 for i in range(1, 25)]


def test_deletion_takes_coarse_samples_too(store: EmbeddedStore) -> None:
    gone(store)
    store.delete([Matcher("__name__", "=", "temperature")], OLD, OLD + 3_600_000)
    for aggregate in ("last", "count"):
        old = [time for time, _ in floats(store, "temperature", aggregate) if time < NEW]
        assert old == [OLD + i * COARSE for i in range(13, 25)]
    assert len([time for time, _ in floats(store, "hits_total") if time < NEW]) > 24


def test_the_oldest_samples_go_first_where_there_is_no_room(tmp_path: Path) -> None:
    store = opened(tmp_path)
    random = np.random.default_rng(1)
    for day in range(5):
        times = (T - (5 - day) * DAY + np.arange(1, 20_001) * 4_000).tolist()
        write(store, times, random.random(20_000).tolist())
        store.seal()
    store.retain(T - 30 * DAY, T - 365 * DAY, 400_000)  # random floats take 7 bytes each
    left = floats(store, "temperature")
    by_day = [
        len([time for time, _ in left if 0 < time - (T - (5 - day) * DAY) <= DAY])
        for day in range(5)
    ]
    assert by_day[0] < 300
    assert by_day[-1] == 20_000
    assert by_day == sorted(by_day)
    store.close()


def test_coarse_samples_make_room_too_and_leave_half_to_whole_ones(tmp_path: Path) -> None:
    clock = [T / 1000]
    store = EmbeddedStore(
        tmp_path, sync=False, now=lambda: clock[0], retention_seconds=30 * 86_400.0
    )
    random = np.random.default_rng(1)
    for day in range(20):
        clock[0] = (T + (day + 1) * DAY) / 1000
        times = (T + day * DAY + np.arange(1, 1_441) * 60_000).tolist()
        write(store, times, random.random(1_440).tolist())
        store.seal()
        store.retain(T + (day - 2) * DAY, T - 365 * DAY, 120_000 + day * 1_000)
    store.close()
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        found = database.execute("SELECT coarse, sum(bytes) FROM shelf GROUP BY coarse").fetchall()
    (_, whole), (_, thinned) = sorted(found)
    assert whole + thinned <= 140_000
    assert min(whole, thinned) > 10_000


def write(store: EmbeddedStore, times: Sequence[int], values: Sequence[float]) -> None:
    store.append(Write("", [GAUGE], times, values, owners=np.zeros(len(times), np.int64))).result()
