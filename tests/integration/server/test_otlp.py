"""Bodies for the door of OpenTelemetry that want to become large: F4."""

import gzip

import httpx
import pytest
from tests.integration.conftest import Server
from tests.unit.ingest.otlp.requests import gauge, request
from tests.unit.ingest.otlp.test_pieces import nested

from watchroom.ingest.otlp.message import JSON, PROTOBUF

MIB = 1 << 20
EMPTY = b"\x12\x00" * (7 * MIB)
HOSTILE = {
    "zeros": (PROTOBUF, bytes(1000 * MIB)),
    "metrics": (PROTOBUF, nested(1, 2, content=EMPTY)),
    "points": (PROTOBUF, nested(1, 2, 2, 7, content=b"\x0a\x00" * (7 * MIB))),
    "buckets": (PROTOBUF, nested(1, 2, 2, 9, 1, content=nested(6, content=bytes(14 * MIB)))),
    "attributes": (PROTOBUF, nested(1, 1, content=EMPTY)),
    "lists": (JSON, b'{"resourceMetrics":[' + b"[]," * (4 * MIB) + b"0]}"),
    "texts": (JSON, b'{"a":"' + b"\\u0000" * (2 * MIB) + b'"'),
}


def post(server: Server, kind: str, body: bytes) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/metrics",
        content=gzip.compress(body, 1),
        headers={"Content-Type": kind, "Content-Encoding": "gzip"},
        timeout=60,
    )


@pytest.mark.slow
def test_hostile_bodies_cost_little(server: Server) -> None:
    assert post(server, PROTOBUF, request(gauge("warm", 1.0)).SerializeToString()).is_success
    assert post(server, JSON, b"{}").is_success
    before = server.resident()
    for name, (kind, body) in HOSTILE.items():
        answer = post(server, kind, body)
        assert answer.status_code in {400, 413}, (name, answer.text)
        grown = (server.resident() - before) >> 20
        assert grown <= 32, (name, grown)
    assert server.get("/health").json()["status"] == "healthy"
