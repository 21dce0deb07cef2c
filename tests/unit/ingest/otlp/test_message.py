"""The messages of OTLP in both encodings, honest and not."""

import json

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from tests.unit.ingest.otlp.requests import gauge, request

from watchroom.ingest.otlp.message import JSON, PROTOBUF, Malformed, decode, reply, status


def test_protobuf() -> None:
    sent = request(gauge("a", 1.0))
    assert decode(sent.SerializeToString(), PROTOBUF) == sent


def test_json_with_what_is_unknown() -> None:
    sent = request(gauge("a", 1.0))
    text = json.loads(json_format.MessageToJson(sent))
    text["new"] = {"field": 1}
    assert decode(json.dumps(text).encode(), JSON) == sent


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
        decode(body, JSON)


@pytest.mark.parametrize("body", [b"\x0a", b"\x0a\xff\xff\xff\xff\x0f", b"hello", b"\x0b" * 500])
def test_protobuf_that_is_no_request(body: bytes) -> None:
    with pytest.raises(Malformed, match="in protobuf"):
        decode(body, PROTOBUF)


def test_replies() -> None:
    assert reply(0, "", PROTOBUF) == b""
    assert reply(0, "", JSON) == b"{}"
    partial = ExportMetricsServiceResponse.FromString(reply(3, "why", PROTOBUF)).partial_success
    assert (partial.rejected_data_points, partial.error_message) == (3, "why")
    assert json.loads(reply(3, "why", JSON)) == {
        "partialSuccess": {"rejectedDataPoints": "3", "errorMessage": "why"}
    }


def test_status() -> None:
    assert json.loads(status(400, "why", JSON)) == {"code": 3, "message": "why"}
    long = "x" * 300
    assert status(503, long, PROTOBUF) == b"\x08\x0e\x12\xac\x02" + long.encode()
