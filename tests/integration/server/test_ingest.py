"""The native door in, over HTTP."""

import gzip
import socket
import zlib
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from tests.integration.conftest import Server, batch, encoded

from watchroom.model.kind import Kind
from watchroom.wire.batch import CONTENT_TYPE, Batch, Metric, Point, encode


def error(answer: httpx.Response) -> str:
    """Return the code of an error, which has the one shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "hint"}
    return str(body["error"]["code"])


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
def test_a_batch_is_taken_once(server: Server, encoding: str) -> None:
    body = encoded(1, service=f"once-{encoding}", points=3)
    packed = {"identity": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body)}
    first = server.post(packed[encoding], Content_Encoding=encoding)
    assert first.status_code == 200
    assert first.json() == {"accepted": 3, "duplicate": False, "rejected": []}
    again = server.post(packed[encoding], Content_Encoding=encoding)
    assert again.json()["duplicate"] is True
    events = server.get("/events", service=f"once-{encoding}", name="mark").json()["events"]
    assert len(events) == 1


def test_what_is_refused_is_named_and_the_rest_kept(server: Server) -> None:
    good = batch(1, service="partly")
    bad = Metric("bad name", Kind.GAUGE, "", "", [], [Point([], 1.0)])
    reply = server.post(encode(msgspec.structs.replace(good, metrics=[*good.metrics, bad]))).json()
    assert reply["accepted"] == 1
    assert len(reply["rejected"]) == 1
    assert "bad name" in reply["rejected"][0]


def test_a_service_appears(server: Server) -> None:
    server.post(encoded(1, service="newcomer"))
    names = [each["service"] for each in server.get("/services").json()["services"]]
    assert "newcomer" in names


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_bombs_cost_little(server: Server, encoding: str) -> None:
    plain = bytes(512 << 20)
    bomb = gzip.compress(plain, 9) if encoding == "gzip" else zlib.compress(plain, 9)
    del plain
    server.post(encoded(1, service="warm"))
    before = server.resident()
    for _ in range(3):
        answer = server.post(bomb, Content_Encoding=encoding)
        assert answer.status_code == 413
        assert error(answer) == "too_large"
    assert server.resident() - before < 32 << 20


def test_endless_bodies_are_cut(server: Server) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(1 << 20)

    before = server.resident()
    try:
        answer = httpx.post(
            f"{server.url}/ingest", content=endless(), headers={"Content-Type": CONTENT_TYPE}
        )
        assert answer.status_code == 413
    except (httpx.WriteError, httpx.ReadError):
        pass  # the server may hang up while the client still sends
    assert server.resident() - before < 32 << 20
    assert server.get("/health").status_code == 200


def test_a_lying_length_is_refused_before_it_is_read(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            f"POST /ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"Content-Length: {10**15}\r\n\r\n".encode()
        )
        assert connection.recv(1024).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not msgpack",
        b"\x91" * 100_000,
        b"\xdd\xff\xff\xff\xff",
        b"\x81\xa7version\x63",
        encoded(1)[:-3],
    ],
    ids=["empty", "text", "deep", "long", "version", "cut"],
)
def test_malformed_bodies(server: Server, body: bytes) -> None:
    answer = server.post(body)
    assert answer.status_code == 400
    assert error(answer) == "bad_batch"


def changed(**fields: object) -> Batch:
    return msgspec.structs.replace(batch(1), **fields)


@pytest.mark.parametrize(
    "wrong",
    [
        changed(id=""),
        changed(service=""),
        changed(instance="x" * 300),
        changed(time=0),
        changed(time=-1),
        changed(time=1 << 50),
        changed(version=99),
    ],
)
def test_batches_that_cannot_be(server: Server, wrong: Batch) -> None:
    answer = server.post(encode(wrong))
    assert answer.status_code == 400
    assert error(answer) == "bad_batch"


def test_other_types_and_encodings(server: Server) -> None:
    assert error(server.post(b"{}", Content_Type="application/json")) == "unsupported_media_type"
    assert error(server.post(encoded(1), Content_Encoding="br")) == "unknown_encoding"
    assert server.post(gzip.compress(encoded(1))[:-5], Content_Encoding="gzip").status_code == 400
