import json
from pathlib import Path
from typing import Any

import msgspec
from google.protobuf import json_format
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, MetricsData

from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind
from watchroom.sdk.otlp import File, lines
from watchroom.wire.batch import Batch, Metric, Occurrence, Point, pack

BEGAN, NOW = 1_700_000_000_000, 1_700_000_060_000


def batch(*metrics: Metric, events: list[Occurrence] | None = None, size: int = 0) -> Batch:
    return Batch(
        id="1",
        service="shop" + "x" * size,
        instance="host:7",
        time=NOW,
        previous=BEGAN,
        metrics=list(metrics),
        events=events or [],
    )


def metrics_of(line: bytes) -> Any:
    """Read a line as OpenTelemetry's own message does; unknown fields are errors."""
    found = json_format.Parse(line, MetricsData()).resource_metrics[0]
    return {metric.name: metric for metric in found.scope_metrics[0].metrics}


def test_opentelemetry_reads_every_kind() -> None:
    distribution = pack(Histogram(6, 12.5, 1, {-3: 2, 0: 2}, {4: 1}))
    (line,) = lines(
        batch(
            Metric("jobs_total", Kind.COUNTER, "1", "jobs", ["queue"], [Point(["mail"], 7.0)]),
            Metric("depth", Kind.GAUGE, "", "", ["queue"], [Point([""], -2.0)]),
            Metric("size", Kind.HISTOGRAM, "By", "", [], [Point([], distribution)]),
        ),
        BEGAN,
    )
    found = metrics_of(line)
    total = found["jobs_total"].sum
    assert total.is_monotonic
    assert (
        total.aggregation_temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    )
    point = total.data_points[0]
    assert (point.as_double, point.attributes[0].value.string_value) == (7.0, "mail")
    assert (point.start_time_unix_nano, point.time_unix_nano) == (BEGAN * 10**6, NOW * 10**6)
    gauge = found["depth"].gauge.data_points[0]
    assert (gauge.as_double, list(gauge.attributes), gauge.start_time_unix_nano) == (-2.0, [], 0)
    size = found["size"].exponential_histogram.data_points[0]
    assert (size.count, size.sum, size.zero_count, size.scale) == (6, 12.5, 1, 6)
    assert (size.positive.offset, list(size.positive.bucket_counts)) == (-3, [2, 0, 0, 2])
    assert (size.negative.offset, list(size.negative.bucket_counts)) == (4, [1])


def test_the_resource_names_the_process() -> None:
    (line,) = lines(batch(Metric("up", Kind.GAUGE, "", "", [], [Point([], 1.0)])), BEGAN)
    resource = json_format.Parse(line, MetricsData()).resource_metrics[0].resource
    assert {each.key: each.value.string_value for each in resource.attributes} == {
        "service.name": "shop",
        "service.instance.id": "host:7",
    }


def test_events_become_log_records() -> None:
    event = Occurrence("model.loaded", NOW, "ERROR", {"size": 3})
    (line,) = lines(batch(events=[event]), BEGAN)
    record = json_format.Parse(line, LogsData()).resource_logs[0].scope_logs[0].log_records[0]
    assert (record.event_name, record.severity_text, record.severity_number) == (
        "model.loaded",
        "ERROR",
        17,
    )
    assert json.loads(record.body.string_value) == {"size": 3}


def test_a_file_is_rotated_by_size_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "metrics.jsonl"
    file = File(path, max_bytes=2_000, keep=2)
    event = Occurrence("note", NOW, "INFO", {})
    for _ in range(12):
        file.write(batch(events=[event], size=400))
    files = sorted(path.parent.iterdir())
    assert [each.name for each in files] == ["metrics.jsonl", "metrics.jsonl.1", "metrics.jsonl.2"]
    assert all(each.stat().st_size <= 2_000 for each in files)
    assert {len(each.read_text().splitlines()) for each in files} == {2}


def test_without_files_to_keep_the_file_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    file = File(path, max_bytes=700, keep=0)
    for _ in range(3):
        file.write(batch(events=[Occurrence("note", NOW, "INFO", {})], size=400))
    assert [each.name for each in tmp_path.iterdir()] == ["metrics.jsonl"]
    assert len(path.read_text().splitlines()) == 1


def test_a_new_instance_begins_its_sums_anew(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    file = File(path, max_bytes=100_000, keep=0)
    sent = batch(Metric("jobs_total", Kind.COUNTER, "", "", [], [Point([], 1.0)]))
    hour = 3_600_000
    for instance, moved in (("h:1-a", 0), ("h:1-a", 1000), ("h:1-b", -hour)):
        file.write(
            msgspec.structs.replace(
                sent, instance=instance, time=NOW + moved, previous=BEGAN + moved
            )
        )
    found = [
        metrics_of(line)["jobs_total"].sum.data_points[0] for line in path.read_bytes().splitlines()
    ]
    starts = [point.start_time_unix_nano // 10**6 - BEGAN for point in found]
    assert starts == [0, 0, -hour]
    assert all(point.start_time_unix_nano < point.time_unix_nano for point in found)
