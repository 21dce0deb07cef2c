"""From batches to writes."""

import math

import pytest

from watchroom.ingest.convert import Converter
from watchroom.ingest.limits import Limits
from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import labels
from watchroom.wire.batch import Batch, Distribution, Metric, Occurrence, Point, decode, encode

NOW = 1_700_000_000_000
SOURCE = {"job": "shop", "instance": "host:1"}


def batch(*metrics: Metric, events: list[Occurrence] | None = None, previous: int = 0) -> Batch:
    made = Batch(
        id="b1",
        service="shop",
        instance="host:1",
        time=NOW,
        previous=previous or NOW - 1000,
        metrics=list(metrics),
        events=events or [],
    )
    return decode(encode(made))


def counter(
    *points: Point, name: str = "orders_total", names: tuple[str, ...] = ("kind",)
) -> Metric:
    return Metric(name, Kind.COUNTER, "", "Orders.", list(names), list(points))


def test_adds_job_and_instance_and_keeps_metadata() -> None:
    write, refusals = Converter(Limits()).convert(batch(counter(Point(["a"], 3.0))))
    assert write.id == "b1"
    assert write.series == [labels("orders_total", {"kind": "a", **SOURCE})]
    assert (write.times, write.values) == ([NOW], [3.0])
    assert write.metadata == [Metadata("orders_total", Kind.COUNTER, "", "Orders.")]
    assert not refusals


def test_an_empty_label_value_is_an_absent_label() -> None:
    write, _ = Converter(Limits()).convert(batch(counter(Point([""], 3.0))))
    assert write.series == [labels("orders_total", SOURCE)]


def test_a_fresh_counter_was_zero_at_the_batch_before() -> None:
    write, _ = Converter(Limits()).convert(batch(counter(Point(["a"], 3.0, True))))
    assert write.times == [NOW - 1000, NOW]
    assert write.values == [0.0, 3.0]
    assert write.series[0] is write.series[1]


@pytest.mark.parametrize("previous", [-5, NOW, NOW + 9])
def test_a_nonsense_previous_becomes_just_before(previous: int) -> None:
    write, _ = Converter(Limits()).convert(
        batch(counter(Point(["a"], 3.0, True)), previous=previous)
    )
    assert write.times == [NOW - 1, NOW]


def test_a_fresh_gauge_was_not_zero() -> None:
    gauge = Metric("size", Kind.GAUGE, "", "", [], [Point([], 3.0, True), Point([], -2.0)])
    write, _ = Converter(Limits()).convert(batch(gauge))
    assert write.values == [3.0, -2.0]


def test_a_fresh_histogram_was_empty() -> None:
    wire = Distribution(6, 5, 2.5, 1, [1, 4], [1, 2], [0], [1])
    metric = Metric("d", Kind.HISTOGRAM, "s", "", [], [Point([], wire, True)])
    write, refusals = Converter(Limits()).convert(batch(metric))
    series = labels("d", SOURCE)
    assert write.histograms == [
        (series, NOW - 1000, Histogram(scale=6)),
        (series, NOW, Histogram(5, 2.5, 1, {1: 1, 4: 2}, {0: 1}, 6)),
    ]
    assert not refusals


def test_label_tuples_are_made_once() -> None:
    converter = Converter(Limits())
    first, _ = converter.convert(batch(counter(Point(["a"], 1.0))))
    second, _ = converter.convert(batch(counter(Point(["a"], 2.0))))
    assert first.series[0] is second.series[0]
    assert converter.known() == 2


GOOD = Point(["a"], 1.0)


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        (counter(GOOD, name="bad-name"), "metric name"),
        (counter(GOOD, name=""), "metric name"),
        (counter(GOOD, name="x" * 300), "metric name"),
        (counter(GOOD, names=("bad label",)), "label name"),
        (counter(GOOD, names=("__name__",)), "set by the server"),
        (counter(GOOD, names=("job",)), "set by the server"),
        (counter(GOOD, names=("instance",)), "set by the server"),
        (counter(Point(["a", "b"], 1.0), names=("a", "a")), "twice"),
        (counter(Point(["v"] * 65, 1.0), names=tuple(f"l{i}" for i in range(65))), "65 labels"),
        (counter(Point(["a", "b"], 1.0)), "2 label values for 1"),
        (counter(Point(["x" * 1025], 1.0)), "exceeds 1024 bytes"),
        (counter(Point(["é" * 513], 1.0)), "exceeds 1024 bytes"),
        (counter(Point(["a"], math.nan)), "finite"),
        (counter(Point(["a"], math.inf)), "finite"),
        (counter(Point(["a"], -1.0)), "0 or more"),
        (counter(Point(["a"], Distribution(6, 0, 0.0))), "finite number"),
    ],
)
def test_bad_points_are_named_and_the_rest_is_kept(metric: Metric, reason: str) -> None:
    good = counter(Point(["kept"], 7.0), name="kept_total")
    write, refusals = Converter(Limits()).convert(batch(metric, good))
    assert write.values == [7.0]
    assert refusals.total() == 1
    assert reason in refusals.sentences()[0]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.0, "needs a distribution"),
        (Distribution(20, 1, 1.0, 0, [1], [1]), "scale"),
        (Distribution(-5, 1, 1.0, 0, [1], [1]), "scale"),
        (Distribution(6, 1, math.nan, 0, [1], [1]), "sum"),
        (Distribution(6, 2, 1.0, 0, [1], [1]), "count is the sum"),
        (Distribution(6, 0, 1.0, -1, [1], [1]), "count is the sum"),
        (Distribution(6, 1 << 60, 1.0, 1 << 60), "count is the sum"),
        (Distribution(6, 1, 1.0, 0, [1, 2], [1]), "as many"),
        (Distribution(6, 2, 1.0, 0, [2, 1], [1, 1]), "ascend"),
        (Distribution(6, 2, 1.0, 0, [1, 1], [1, 1]), "ascend"),
        (Distribution(6, 0, 1.0, 0, [1, 2], [1, -1]), "not negative"),
        (Distribution(6, 1, 1.0, 0, [1 << 20], [1]), "within"),
    ],
)
def test_lying_histograms_are_refused(value: float | Distribution, reason: str) -> None:
    metric = Metric("d", Kind.HISTOGRAM, "", "", [], [Point([], value)])
    write, refusals = Converter(Limits()).convert(batch(metric))
    assert write.histograms == []
    assert reason in refusals.sentences()[0]


def test_points_beyond_the_limit_are_counted() -> None:
    points = [Point([str(i)], 1.0) for i in range(10)]
    write, refusals = Converter(Limits(points=4)).convert(batch(counter(*points), counter(GOOD)))
    assert len(write.values) == 4
    assert refusals.sentences() == ["a batch holds at most 4 points (7 refused)"]


def test_a_thousand_reasons_stay_few_sentences() -> None:
    metrics = [counter(GOOD, name=f"bad-{i}") for i in range(1000)]
    _, refusals = Converter(Limits()).convert(batch(*metrics))
    assert refusals.total() == 1000
    assert len(refusals.sentences()) == 21


def test_events_are_kept_or_refused_by_name() -> None:
    events = [
        Occurrence("deploy", NOW, "INFO", {"version": 3}),
        Occurrence("", NOW, "INFO", {}),
        Occurrence("deploy", NOW, "LOUD", {}),
        Occurrence("deploy", NOW + 10**9, "INFO", {}),
        Occurrence("deploy", NOW, "INFO", {"blob": "x" * 20_000}),
    ]
    write, refusals = Converter(Limits()).convert(batch(events=events))
    assert write.events == [
        Event("deploy", NOW, {"version": 3}, "INFO", job="shop", instance="host:1")
    ]
    assert refusals.total() == 4


def test_events_beyond_the_limit_are_counted() -> None:
    events = [Occurrence("deploy", NOW, "INFO", {})] * 5
    write, refusals = Converter(Limits(events=2)).convert(batch(events=events))
    assert len(write.events) == 2
    assert refusals.sentences() == ["a batch holds at most 2 events (3 refused)"]
