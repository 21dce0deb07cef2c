"""Requests taken apart: honest ones whole, others refused before they cost anything."""

import json
import tracemalloc

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from tests.unit.ingest.otlp.requests import DELTA, at, attributes, gauge, request, summed

from watchroom.ingest.otlp.message import JSON, PROTOBUF, Malformed
from watchroom.ingest.otlp.pieces import Piece, pieces
from watchroom.ingest.remote.draft import TooMany

MIB = 1 << 20


def several() -> ExportMetricsServiceRequest:
    """Return a request of two resources."""
    made = request(gauge("a", 1.0), summed("b", 2.0, temporality=DELTA))
    made.MergeFrom(request(gauge("c", 3.0), resource={"service.name": "other"}))
    made.resource_metrics[0].scope_metrics[0].schema_url = "https://schema"
    return made


def check(found: list[Piece]) -> None:
    assert [(each.number, each.metric.name) for each in found] == [(0, "a"), (0, "b"), (1, "c")]
    assert [each.schema for each in found] == ["https://schema", "https://schema", ""]
    assert found[0].scope.name == "lib"
    assert found[2].resource.attributes[0].value.string_value == "other"
    assert found[1].metric.sum.aggregation_temporality == DELTA


def test_protobuf() -> None:
    check(list(pieces(several().SerializeToString(), PROTOBUF)))


def test_json_with_what_is_unknown() -> None:
    text = json.loads(json_format.MessageToJson(several()))
    text["new"] = {"field": 1}
    check(list(pieces(json.dumps(text).encode(), JSON)))


def large(points: int, size: int = 0) -> pb.Metric:
    """Return a metric of many points."""
    metric = pb.Metric(name="large", unit="s", description="Large.")
    metric.sum.aggregation_temporality = DELTA
    metric.sum.is_monotonic = True
    for number in range(points):
        point = metric.sum.data_points.add(time_unix_nano=at(0), as_int=number)
        attributes(point.attributes, {"number": number, "text": "x" * size})
    return metric


def test_a_large_metric_comes_in_parts() -> None:
    sent = large(20_000)
    found = list(pieces(request(sent, gauge("a", 1.0)).SerializeToString(), PROTOBUF))
    parts = [each.metric for each in found[:-1]]
    assert len(parts) > 2
    whole = pb.Metric()
    whole.CopyFrom(parts[0])
    for part in parts[1:]:
        assert (part.name, part.unit, part.sum.is_monotonic) == ("large", "s", True)
        whole.sum.data_points.extend(part.sum.data_points)
    assert whole == sent
    assert found[-1].metric.name == "a"


def test_one_huge_point_is_refused() -> None:
    with pytest.raises(TooMany, match="a data point has at most 262144 bytes"):
        list(pieces(request(large(1, 300_000)).SerializeToString(), PROTOBUF))


def nested(*fields: int, content: bytes) -> bytes:
    """Return content within messages, the outermost first."""
    for field in reversed(fields):
        size, head = len(content), bytearray((field << 3 | 2,))
        while size > 127:
            head.append(size & 127 | 128)
            size >>= 7
        head.append(size)
        content = bytes(head) + content
    return content


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a\x00" * (2 * MIB),
        nested(1, content=b"\x12\x00" * (2 * MIB)),
        nested(1, 2, content=b"\x12\x00" * (2 * MIB)),
        nested(1, 2, 2, 7, content=b"\x0a\x00" * (2 * MIB)),
        nested(1, 2, 2, 7, 1, content=b"\x3a\x00" * (2 * MIB)),
        nested(1, 1, content=b"\x0a\x00" * (2 * MIB)),
    ],
    ids=["resources", "scopes", "metrics", "points", "attributes", "resource attributes"],
)
def test_many_empty_messages_cost_little(body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooMany):
            for _ in pieces(body, PROTOBUF):
                pass
        assert tracemalloc.get_traced_memory()[1] < 24 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"0,"])
def test_many_values_of_json_cost_little(unit: bytes) -> None:
    body = b'{"resourceMetrics":[' + unit * (4 * MIB // len(unit)) + b"0]}"
    tracemalloc.start()
    try:
        with pytest.raises(TooMany, match="at most 300000 values"):
            list(pieces(body, JSON))
        assert tracemalloc.get_traced_memory()[1] < MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"7",
        b"\xff\xfe",
        b'{"resourceMetrics": 3}',
        b'{"resourceMetrics": [{"scopeMetrics": {}}]}',
        b'{"resourceMetrics": [{"schemaUrl": "\\ud800"}]}',
        b"[" * 100_000,
        b'{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":'
        + b'{"arrayValue":{"values":[' * 5_000
        + b"]}}" * 5_000
        + b"}]}}]}",
    ],
)
def test_json_that_is_no_request(body: bytes) -> None:
    with pytest.raises(Malformed, match="in JSON"):
        list(pieces(body, JSON))


@pytest.mark.parametrize("body", [b"\x0a", b"\x0a\xff\xff\xff\xff\x0f", b"hello", b"\x0b" * 500])
def test_protobuf_that_is_no_request(body: bytes) -> None:
    with pytest.raises(Malformed, match="in protobuf"):
        list(pieces(body, PROTOBUF))
