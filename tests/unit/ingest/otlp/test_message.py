"""The answers of OTLP in both encodings."""

import json

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)

from watchroom.ingest.otlp.message import JSON, PROTOBUF, reply, status


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
