import threading
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.sdk.instruments import Counter, Distribution, Gauge
from watchroom.sdk.registry import Registry
from watchroom.wire.batch import Distribution as Wire


def values(registry: Registry, name: str) -> dict[tuple[str, ...], float]:
    found = {}
    for metric in registry.collect():
        if metric.name == name:
            for point in metric.points:
                number = point.value.count if isinstance(point.value, Wire) else point.value
                found[tuple(point.values)] = number
    return found


def test_counters_add_up_ones_and_amounts() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total", ("queue",))
    counter.inc("mail")
    counter.inc("mail")
    counter.add(2.5, "mail")
    counter.add(2.5, "mail")
    counter.inc("print")
    assert values(registry, "jobs_total") == {("mail",): 7.0, ("print",): 1.0}


def test_a_gauge_keeps_the_newest_value() -> None:
    registry = Registry()
    gauge = registry.instrument(Gauge, "depth")
    gauge.set(3)
    gauge.set(-1.5)
    assert values(registry, "depth") == {(): -1.5}


def test_only_what_changed_is_sent_and_now_and_then_all() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total")
    counter.inc()
    assert values(registry, "jobs_total") == {(): 1.0}
    sent = [values(registry, "jobs_total") for _ in range(15)]
    assert sent[:14] == [{}] * 14
    assert sent[14] == {(): 1.0}


def test_the_first_point_of_a_series_is_fresh() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total")
    fresh = []
    for _ in range(2):
        counter.inc()
        metrics = [metric for metric in registry.collect() if metric.name == "jobs_total"]
        fresh.append(metrics[0].points[0].fresh)
    assert fresh == [True, False]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_are_dropped_and_counted(value: float) -> None:
    registry = Registry()
    registry.instrument(Distribution, "size").record(value)
    registry.instrument(Gauge, "depth").set(value)
    assert values(registry, "watchroom_sdk_dropped_total") == {("bad_value",): 2.0}


def test_a_full_buffer_drops_and_counts() -> None:
    registry = Registry(buffer_size=10)
    counter = registry.instrument(Counter, "jobs_total")
    for _ in range(25):
        counter.inc()
    dropped = registry.instrument(Counter, "watchroom_sdk_dropped_total", ("reason",))
    registry.drain()
    assert counter.cells[()].value == 10
    assert dropped.cells[("buffer_full",)].value == 15


def test_half_a_buffer_asks_for_a_drain() -> None:
    woken: list[int] = []
    registry = Registry(buffer_size=10, wake=lambda: woken.append(1))
    counter = registry.instrument(Counter, "jobs_total")
    for _ in range(8):
        counter.inc()
    assert woken == [1]


def test_series_past_the_limit_fold_and_totals_stay_exact() -> None:
    registry = Registry(series_limit=5)
    counter = registry.instrument(Counter, "hits_total", ("user",))
    for user in range(50):
        counter.inc(f"user-{user}")
    found = values(registry, "hits_total")
    assert sum(found.values()) == 50
    assert len(found) <= 6
    assert found[("other",)] >= 45


def test_a_wrong_number_of_label_values_is_counted() -> None:
    registry = Registry()
    registry.instrument(Counter, "jobs_total", ("queue",)).inc("a", "b")
    assert values(registry, "watchroom_sdk_dropped_total") == {("label_count",): 1.0}


@pytest.mark.parametrize(
    ("name", "labels"), [("no spaces", ()), ("x_total", ("job",)), ("x_total", ("__name__",))]
)
def test_names_that_do_not_fit_are_refused(name: str, labels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="fit"):
        Registry().instrument(Counter, name, labels)


def test_one_name_is_one_kind_with_one_set_of_labels() -> None:
    registry = Registry()
    registry.instrument(Counter, "jobs_total", ("queue",))
    with pytest.raises(ValueError, match="jobs_total is a counter"):
        registry.instrument(Gauge, "jobs_total", ("queue",))
    with pytest.raises(ValueError, match="queue"):
        registry.instrument(Counter, "jobs_total", ("host",))


def test_off_records_nothing_now_and_later() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total")
    registry.off()
    counter.inc()
    registry.instrument(Distribution, "size").record(1.0)
    assert registry.collect() == []


def test_threads_lose_nothing() -> None:
    registry = Registry(buffer_size=1_000_000)
    counter = registry.instrument(Counter, "jobs_total", ("thread",))
    stop = threading.Event()

    def drain() -> None:
        while not stop.is_set():
            registry.drain()

    def record(name: str) -> None:
        for _ in range(5_000):
            counter.inc(name)

    drainer = threading.Thread(target=drain)
    workers = [threading.Thread(target=record, args=(f"t{number}",)) for number in range(8)]
    for thread in (drainer, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    stop.set()
    drainer.join()
    registry.drain()
    assert {cell.value for cell in counter.cells.values()} == {5_000.0}
    assert len(counter.cells) == 8


@given(st.lists(st.floats(-1e9, 1e9), max_size=200))
def test_a_distribution_counts_every_value(numbers: list[float]) -> None:
    registry = Registry()
    histogram = registry.instrument(Distribution, "size")
    for number in numbers:
        histogram.record(number)
    registry.drain()
    if numbers:
        found = histogram.cells[()].histogram()
        buckets = sum(found.positive.values()) + sum(found.negative.values()) + found.zeros
        assert found.count == len(numbers) == buckets
        assert found.sum == pytest.approx(sum(numbers), abs=1e-3)


def test_drops_are_counted_exactly_however_many() -> None:
    registry = Registry()
    registry.dropped("buffer_full", 5_000)
    registry.dropped("buffer_full")
    assert values(registry, "watchroom_sdk_dropped_total") == {("buffer_full",): 5_001.0}


def test_off_may_be_said_twice() -> None:
    registry = Registry()
    registry.off()
    registry.off()
    assert registry.collect() == []


def test_what_is_no_number_or_no_label_costs_nothing_else() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total", ("queue",))
    histogram = registry.instrument(Distribution, "size")
    gauge = registry.instrument(Gauge, "depth")
    bad: list[object] = [None, "7", 10**400]
    for value in bad:
        counter.add(value, "mail")  # type: ignore[arg-type]
        histogram.record(value)  # type: ignore[arg-type]
        gauge.set(value)  # type: ignore[arg-type]
    counter.inc(["mail"])  # type: ignore[arg-type]
    counter.inc("mail")
    histogram.record(2.0)
    gauge.set(3.0)
    registry.drain()
    assert counter.cells[("mail",)].value == 1.0
    assert histogram.cells[()].count == 1
    assert gauge.cells[()].value == 3.0
    drops = values(registry, "watchroom_sdk_dropped_total")
    assert drops == {("bad_value",): 9.0, ("bad_label",): 1.0}


def test_other_bounds_hold_for_instruments_made_before() -> None:
    registry = Registry(buffer_size=4, series_limit=100)
    counter = registry.instrument(Counter, "jobs_total", ("queue",))
    registry.bound(100, 3)
    for number in range(10):
        counter.inc(str(number))
    assert values(registry, "jobs_total") == {
        ("0",): 1.0,
        ("1",): 1.0,
        ("2",): 1.0,
        ("other",): 7.0,
    }


def test_what_was_off_records_again() -> None:
    registry = Registry()
    before = registry.instrument(Counter, "jobs_total")
    registry.off()
    before.inc()
    between = registry.instrument(Counter, "mails_total")
    registry.on()
    before.inc()
    between.add(2)
    found = {metric.name: metric.points[0].value for metric in registry.collect()}
    assert found == {"jobs_total": 1.0, "mails_total": 2.0}


def test_drops_keep_their_reason_where_series_have_no_room() -> None:
    registry = Registry(series_limit=1)
    counter = registry.instrument(Counter, "jobs_total", ("queue",))
    counter.inc("mail")
    counter.inc("print")
    told = [values(registry, "watchroom_sdk_dropped_total") for _ in range(3)]
    assert told == [{("series_limit_folded",): 1.0}, {}, {}]


def test_a_known_series_is_bounded_too_and_starts_anew_with_each_drain() -> None:
    woken: list[int] = []
    registry = Registry(buffer_size=10, wake=lambda: woken.append(1))
    histogram = registry.instrument(Distribution, "size", ("queue",))
    for _ in range(3):
        registry.drain()
        for _ in range(25):
            histogram.record(1.0, "mail")
    registry.drain()
    assert histogram.cells[("mail",)].count == 30
    assert len(woken) == 3
    assert values(registry, "watchroom_sdk_dropped_total") == {("buffer_full",): 45.0}


def test_a_known_counter_counts_on_however_much_comes() -> None:
    registry = Registry(buffer_size=10)
    counter = registry.instrument(Counter, "jobs_total", ("queue",))
    totals = []
    for times in (1, 100, 0, 7):
        for _ in range(times):
            counter.inc("mail")
        totals.append(values(registry, "jobs_total").get(("mail",)))
    assert totals == [1.0, 101.0, None, 108.0]


def test_a_bad_value_makes_no_series() -> None:
    registry = Registry()
    registry.instrument(Counter, "jobs_total").add(-1)
    registry.instrument(Distribution, "size").record(float("nan"))
    assert {metric.name for metric in registry.collect()} == {"watchroom_sdk_dropped_total"}


def test_threads_lose_no_value_of_a_known_series() -> None:
    registry = Registry(buffer_size=1_000_000)
    histogram = registry.instrument(Distribution, "size")
    workers = [
        threading.Thread(target=lambda: [histogram.record(1.0) for _ in range(5_000)])
        for _ in range(8)
    ]
    for thread in workers:
        thread.start()
    while any(thread.is_alive() for thread in workers):
        registry.drain()
    registry.drain()
    assert histogram.cells[()].count == 40_000


class Odd:
    """A value and a label that fail in every way."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __float__(self) -> float:
        raise RuntimeError("no number")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")


def test_numbers_of_other_libraries_are_numbers() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total")
    histogram = registry.instrument(Distribution, "size")
    gauge = registry.instrument(Gauge, "depth")
    numbers = [
        np.float64(1.5),
        np.float32(2.5),
        np.int64(3),
        Decimal("1.5"),
        True,
        np.array([2.0])[0],
    ]
    for _ in range(2):
        for number in numbers:
            counter.add(number)  # type: ignore[arg-type]
            histogram.record(number)  # type: ignore[arg-type]
            gauge.set(number)  # type: ignore[arg-type]
        registry.drain()
    cell = histogram.cells[()]
    assert (cell.count, cell.sum, counter.cells[()].value) == (12, 23.0, 23.0)
    assert {type(each) for each in (cell.sum, counter.cells[()].value)} == {float}
    assert all(encode_points(registry))


def encode_points(registry: Registry) -> list[bytes]:
    return [msgspec.msgpack.encode(metric) for metric in registry.collect()]


def test_what_fails_in_every_way_costs_its_neighbours_nothing() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "jobs_total", ("queue",))
    histogram = registry.instrument(Distribution, "size")
    odd = Odd()
    for _ in range(2):
        counter.inc("mail")
        counter.inc(odd)  # type: ignore[arg-type]
        counter.add(odd, "mail")  # type: ignore[arg-type]
        histogram.record(1.0)
        histogram.record(odd)  # type: ignore[arg-type]
        histogram.record(np.array([1.0, 2.0]))  # type: ignore[arg-type]
        counter.add(2.0, "mail")
        registry.drain()
    assert counter.cells[("mail",)].value == 6.0
    assert histogram.cells[()].count == 2
    drops = values(registry, "watchroom_sdk_dropped_total")
    assert drops == {("bad_value",): 6.0, ("bad_label",): 2.0}


def test_a_label_that_is_no_unicode_is_carried_all_the_same() -> None:
    registry = Registry()
    counter = registry.instrument(Counter, "files_total", ("name",))
    for _ in range(2):
        counter.inc("caf\udce9.txt")
        registry.drain()
    assert {each: cell.value for each, cell in counter.cells.items()} == {("caf?.txt",): 2.0}
    assert all(encode_points(registry))


def test_a_noisy_metric_leaves_room_to_the_others() -> None:
    registry = Registry(series_limit=100)
    noisy = registry.instrument(Counter, "noisy_total", ("user",))
    calm = registry.instrument(Counter, "calm_total", ("queue",))
    for number in range(500):
        noisy.inc(str(number))
    registry.drain()
    for queue in ("mail", "print"):
        calm.inc(queue)
    assert values(registry, "calm_total") == {("mail",): 1.0, ("print",): 1.0}
    assert sum(cell.value for cell in noisy.cells.values()) == 500
