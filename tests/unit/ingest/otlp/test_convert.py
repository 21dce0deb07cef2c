"""What a request makes of each kind of metric."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from tests.unit.ingest.otlp.requests import (
    DELTA,
    NOW,
    at,
    attributes,
    exponential,
    gauge,
    histogram,
    request,
    summed,
)

from watchroom.ingest.limits import Limits
from watchroom.ingest.otlp.convert import Converter
from watchroom.ingest.otlp.deltas import Changes, Totals
from watchroom.ingest.otlp.draft import Draft
from watchroom.ingest.otlp.message import PROTOBUF
from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.ingest.otlp.pieces import pieces
from watchroom.ingest.refusals import Refusals
from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.model.kind import Kind
from watchroom.model.labels import NAME, Labels
from watchroom.model.stale import marks_stale

Convert = Callable[..., Draft]


def nothing(_labels: Labels) -> float:
    return 0.0


def converter(options: OtlpOptions | None = None, level: Any = nothing) -> Convert:
    made, totals = Converter(Limits(), options or OtlpOptions(), level), Totals()

    def convert(*metrics: pb.Metric, keep: bool = True, **given: Any) -> Draft:
        changes = Changes(totals)
        sent = pieces(request(*metrics, **given).SerializeToString(), PROTOBUF)
        draft = made.convert(sent, NOW, changes, Refusals(), hexed=False)
        if keep:
            changes.keep()
        return draft

    return convert


def text(labels: Labels) -> str:
    pairs = dict(labels)
    name = pairs.pop(NAME)
    return name + "".join(f" {key}={value}" for key, value in pairs.items() if key != "job")


def samples(draft: Draft) -> list[tuple[str, int, float]]:
    """Return series without their job, seconds since NOW, and values."""
    return [
        (text(labels), time - NOW, value)
        for labels, time, value in zip(draft.series, draft.times, draft.values, strict=True)
    ]


def test_gauge() -> None:
    draft = converter()(gauge("queue.size", 3.0, "By", worker="a", shard=7, full=True, load=0.5))
    assert samples(draft) == [
        ("queue_size_bytes full=true load=0.5 shard=7 worker=a", 0, 3.0),
    ]
    assert dict(draft.series[0])["job"] == "shop"
    told = draft.metadata["queue_size_bytes"]
    assert (told.kind, told.unit, told.help) == (Kind.GAUGE, "By", "Told.")


def test_cumulative_sums_are_kept_as_they_are() -> None:
    draft = converter()(summed("orders", 5.0), summed("open", -2.0, rises=False))
    assert samples(draft) == [("orders_total", 0, 5.0), ("open", 0, -2.0)]
    assert [each.kind for each in draft.metadata.values()] == [Kind.COUNTER, Kind.GAUGE]


def test_deltas_are_added_up_from_a_zero() -> None:
    convert = converter()
    first = convert(summed("orders", 5.0, temporality=DELTA, start=-10, time=0))
    second = convert(summed("orders", 2.0, temporality=DELTA, start=0, time=10))
    assert samples(first) == [("orders_total", -9_999, 0.0), ("orders_total", 0, 5.0)]
    assert samples(second) == [("orders_total", 10_000, 7.0)]


def test_a_delta_sent_again_counts_once() -> None:
    convert = converter()
    convert(summed("orders", 5.0, temporality=DELTA))
    again = convert(summed("orders", 5.0, temporality=DELTA))
    assert samples(again) == []
    assert not again.refusals
    assert samples(convert(summed("orders", 1.0, temporality=DELTA, start=0, time=1))) == [
        ("orders_total", 1000, 6.0)
    ]


def test_a_delta_counts_only_when_the_store_has_it() -> None:
    convert = converter()
    convert(summed("orders", 5.0, temporality=DELTA), keep=False)
    assert samples(convert(summed("orders", 5.0, temporality=DELTA)))[-1][2] == 5.0


def test_a_delta_that_overlaps_is_refused() -> None:
    convert = converter()
    convert(summed("orders", 5.0, temporality=DELTA, start=-10, time=0))
    draft = convert(summed("orders", 5.0, temporality=DELTA, start=-5, time=5))
    assert samples(draft) == []
    assert draft.refusals.total() == 1
    assert "send them in order" in draft.refusals.sentences()[0]


def test_a_sum_that_falls_by_deltas_goes_on_from_the_stored_level() -> None:
    convert = converter(level=lambda _labels: 40.0)
    draft = convert(summed("open", -2.0, temporality=DELTA, rises=False))
    assert samples(draft) == [("open", 0, 38.0)]


def test_histogram_makes_the_classic_series() -> None:
    draft = converter()(histogram("wait", [1, 2, 3], [0.5, 10.0], 9.0))
    assert samples(draft) == [
        ("wait_seconds_sum", 0, 9.0),
        ("wait_seconds_count", 0, 6.0),
        ("wait_seconds_bucket le=0.5", 0, 1.0),
        ("wait_seconds_bucket le=10", 0, 3.0),
        ("wait_seconds_bucket le=+Inf", 0, 6.0),
    ]
    assert draft.metadata["wait_seconds"].kind is Kind.HISTOGRAM


def test_histogram_deltas() -> None:
    convert = converter()
    convert(histogram("wait", [1, 0], [0.5], 1.0, temporality=DELTA))
    draft = convert(histogram("wait", [1, 2], [0.5], 4.0, temporality=DELTA, start=0, time=1))
    assert [value for _, _, value in samples(draft)] == [5.0, 4.0, 2.0, 4.0]
    anew = convert(histogram("wait", [1, 2], [0.9], 4.0, temporality=DELTA, start=1, time=2))
    assert [value for _, _, value in samples(anew)] == [0.0] * 4 + [4.0, 3.0, 1.0, 3.0]


def test_histogram_without_buckets() -> None:
    draft = converter()(histogram("wait", [], [], 0.0))
    assert [name for name, _, _ in samples(draft)] == [
        "wait_seconds_sum",
        "wait_seconds_count",
        "wait_seconds_bucket le=+Inf",
    ]


def test_histogram_with_custom_bounds() -> None:
    convert = converter(OtlpOptions(convert_histograms_to_nhcb=True))
    draft = convert(histogram("wait", [1, 0, 3], [0.5, 10.0], 9.0))
    (labels, time, made), *others = draft.histograms
    assert (text(labels), time, others, draft.series) == ("wait_seconds", NOW, [], [])
    assert made == Histogram(4, 9.0, 0, {0: 1, 2: 3}, {}, CUSTOM, 0.0, (0.5, 10.0))


def test_exponential_histogram() -> None:
    draft = converter()(exponential("wait", [1, 0, 2], offset=-1, zeros=4))
    ((labels, time, made),) = draft.histograms
    assert (text(labels), time) == ("wait", NOW)
    assert made == Histogram(7, 1.5, 4, {-1: 1, 1: 2}, {}, 3, 0.25)


def test_exponential_histogram_finer_than_is_kept() -> None:
    draft = converter()(exponential("wait", [1, 1, 1, 1], scale=10, offset=8))
    made = draft.histograms[0][2]
    assert (made.scale, dict(made.positive)) == (8, {2: 4})


def test_exponential_deltas() -> None:
    convert = converter()
    first = convert(exponential("wait", [1, 2], temporality=DELTA))
    second = convert(exponential("wait", [1, 0, 5], temporality=DELTA, start=0, time=1, scale=2))
    (_, began, zero), (_, _, one) = first.histograms
    assert (began, zero.count, one.count) == (NOW - 9_999, 0, 3)
    ((_, _, both),) = second.histograms
    assert (both.count, both.scale, dict(both.positive)) == (9, 2, {0: 4, 2: 5})


def test_summary() -> None:
    metric = pb.Metric(name="wait", unit="s")
    point = metric.summary.data_points.add(time_unix_nano=at(0), count=4, sum=2.0)
    point.quantile_values.add(quantile=0.5, value=0.1)
    point.quantile_values.add(quantile=1, value=0.9)
    draft = converter()(metric)
    assert samples(draft) == [
        ("wait_seconds_sum", 0, 2.0),
        ("wait_seconds_count", 0, 4.0),
        ("wait_seconds quantile=0.5", 0, 0.1),
        ("wait_seconds quantile=1", 0, 0.9),
    ]
    assert draft.metadata["wait_seconds"].kind is Kind.SUMMARY


@pytest.mark.parametrize(
    "metric",
    [
        gauge("a", 1.0),
        summed("a", 1.0),
        summed("a", 1.0, temporality=DELTA),
        histogram("a", [1, 2], [1.0], 1.0),
        histogram("a", [1, 2], [1.0], 1.0, temporality=DELTA),
        exponential("a", [1]),
        exponential("a", [1], temporality=DELTA),
    ],
    ids=lambda metric: str(metric.WhichOneof("data")),
)
def test_no_recorded_value_ends_every_series(metric: pb.Metric) -> None:
    getattr(metric, str(metric.WhichOneof("data"))).data_points[0].flags = 1
    draft = converter()(metric)
    values = [*draft.values, *(each[2].sum for each in draft.histograms)]
    assert values
    assert all(map(marks_stale, values))


def test_who_sent() -> None:
    resource = {
        "service.name": "cart",
        "service.namespace": "shop",
        "service.instance.id": "a:1",
        "host.name": "h1",
    }
    draft = converter()(gauge("a", 1.0), resource=resource)
    assert draft.series == [
        (("__name__", "a"), ("instance", "a:1"), ("job", "shop/cart")),
        (
            ("__name__", "target_info"),
            ("host_name", "h1"),
            ("instance", "a:1"),
            ("job", "shop/cart"),
        ),
    ]
    assert draft.values[1] == 1.0


def test_nobody_in_particular_has_no_target_info() -> None:
    draft = converter()(gauge("a", 1.0), resource={"host.name": "h1"})
    assert draft.series == [(("__name__", "a"),)]


def test_promoted_attributes() -> None:
    options = OtlpOptions(
        promote_resource_attributes=("host.name",),
        promote_scope_metadata=True,
        keep_identifying_resource_attributes=True,
    )
    draft = converter(options)(gauge("a", 1.0), resource={"service.name": "x", "host.name": "h"})
    assert [text(each) for each in draft.series] == [
        "a host_name=h otel_scope_name=lib otel_scope_version=1.0",
        "target_info host_name=h service_name=x",
    ]


def test_exemplars() -> None:
    metric = histogram("wait", [1, 2], [0.5], 3.0)
    point = metric.histogram.data_points[0]
    example = point.exemplars.add(
        as_double=0.75, time_unix_nano=at(-1), trace_id=bytes(15) + b"\x01", span_id=b"\xab" * 8
    )
    attributes(example.filtered_attributes, {"user.id": "7"})
    draft = converter()(metric)
    ((series, labels, time, value),) = draft.exemplars
    assert text(series) == "wait_seconds_bucket le=+Inf"
    assert labels == (("span_id", "ab" * 8), ("trace_id", "0" * 31 + "1"), ("user_id", "7"))
    assert (time, value) == (NOW - 1000, 0.75)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda _metric, point: point.ClearField("bucket_counts"), "one bucket more"),
        (lambda _metric, point: point.explicit_bounds.__setitem__(0, 10.0), "bounds ascend"),
        (lambda _metric, point: point.explicit_bounds.__setitem__(0, math.nan), "bounds ascend"),
        (lambda _metric, point: setattr(point, "count", 1), "not less than"),
        (lambda _metric, point: setattr(point, "time_unix_nano", at(3600)), "not in the future"),
        (
            lambda metric, _point: setattr(metric.histogram, "aggregation_temporality", 0),
            "temporality",
        ),
        (lambda metric, _point: setattr(metric, "name", "x" * 300), "at most 256 bytes"),
    ],
)
def test_one_bad_metric_leaves_the_others(
    spoil: Callable[[pb.Metric, Any], object], reason: str
) -> None:
    bad = histogram("wait", [1, 2, 3], [0.5, 1.0], 9.0)
    spoil(bad, bad.histogram.data_points[0])
    draft = converter()(bad, gauge("good", 1.0))
    assert samples(draft) == [("good", 0, 1.0)]
    assert draft.refusals.total() == 1
    assert reason in draft.refusals.sentences()[0]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda point: setattr(point, "scale", -5), "scale is at least"),
        (lambda point: setattr(point, "zero_threshold", -1.0), "zero threshold"),
        (lambda point: setattr(point.positive, "offset", 1 << 30), "beyond every number"),
        (lambda point: point.positive.bucket_counts.extend([0] * 20_000), "at most 10000 buckets"),
        (lambda point: setattr(point, "zero_count", 1 << 40), "not less than"),
    ],
)
def test_exponential_histograms_that_lie(spoil: Callable[[Any], object], reason: str) -> None:
    bad = exponential("wait", [1, 2])
    spoil(bad.exponential_histogram.data_points[0])
    draft = converter()(bad)
    assert draft.histograms == []
    assert reason in draft.refusals.sentences()[0]
