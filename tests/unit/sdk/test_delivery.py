"""Delivery: order, backoff, refusals; and the connection against a real listener."""

import http.server
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchroom.runtime.backoff import Backoff
from watchroom.runtime.clock import ManualClock
from watchroom.sdk.delivery import Answer, Delivery, Http
from watchroom.sdk.spool import Spool
from watchroom.wire.batch import CONTENT_TYPE

TAKEN, REFUSED, AWAY = Answer(taken=True), Answer(refused=True), Answer()


class Script:
    """A transport that answers as it was told, then takes everything."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[bytes] = []

    def post(self, body: bytes, timeout: float) -> Answer:
        self.seen.append(body)
        return self.answers.pop(0) if self.answers else TAKEN

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path, "own", 1 << 20)
    yield spool
    spool.close()


def delivery(transport: Script, spool: Spool, clock: ManualClock) -> Delivery:
    return Delivery(transport, spool, clock.monotonic, Backoff(1.0, 8.0, draw=lambda: 1.0))


def test_what_waits_goes_first_and_nothing_overtakes_it(spool: Spool, clock: ManualClock) -> None:
    server = Script(AWAY)
    sender = delivery(server, spool, clock)
    sender.deliver(b"1", 1.0)
    sender.deliver(b"2", 1.0)
    assert server.seen == [b"1"]
    clock.advance(1.0)
    sender.deliver(b"3", 1.0)
    assert server.seen == [b"1", b"1", b"2", b"3"]
    assert spool.oldest() is None
    assert sender.outcomes == {"sent": 1, "replayed": 2, "failed": 1, "refused": 0}


def test_a_failed_replay_keeps_the_order(spool: Spool, clock: ManualClock) -> None:
    server = Script(AWAY, TAKEN, AWAY)
    sender = delivery(server, spool, clock)
    for body in (b"1", b"2", b"3"):
        sender.deliver(body, 1.0)
    clock.advance(1.0)
    sender.deliver(b"4", 1.0)
    clock.advance(60.0)
    sender.deliver(None, 1.0)
    assert server.seen == [b"1", b"1", b"2", b"2", b"3", b"4"]


def test_attempts_grow_rarer(spool: Spool, clock: ManualClock) -> None:
    server = Script(*[AWAY] * 100)
    sender = delivery(server, spool, clock)
    tried = []
    for second in range(40):
        before = len(server.seen)
        sender.deliver(b"x", 1.0)
        if len(server.seen) > before:
            tried.append(second)
        clock.advance(1.0)
    assert tried == [0, 1, 3, 7, 15, 23, 31, 39]


def test_the_server_may_ask_for_more_time(spool: Spool, clock: ManualClock) -> None:
    server = Script(Answer(wait=30.0))
    sender = delivery(server, spool, clock)
    sender.deliver(b"1", 1.0)
    clock.advance(29.0)
    sender.deliver(b"2", 1.0)
    assert server.seen == [b"1"]
    clock.advance(1.0)
    sender.deliver(b"3", 1.0)
    assert server.seen == [b"1", b"1", b"2", b"3"]


def test_what_is_refused_for_good_holds_up_nobody(spool: Spool, clock: ManualClock) -> None:
    server = Script(AWAY, REFUSED)
    sender = delivery(server, spool, clock)
    sender.deliver(b"bad", 1.0)
    clock.advance(1.0)
    sender.deliver(b"good", 1.0)
    assert server.seen == [b"bad", b"bad", b"good"]
    assert sender.outcomes["refused"] == 1


def test_the_last_delivery_waits_for_no_backoff(spool: Spool, clock: ManualClock) -> None:
    server = Script(AWAY)
    sender = delivery(server, spool, clock)
    sender.deliver(b"1", 1.0)
    sender.deliver(b"2", 0.5, last=True)
    assert server.seen == [b"1", b"1", b"2"]


class Door(http.server.BaseHTTPRequestHandler):
    """Answers with what the server was given, and notes what came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        status, headers, answer = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        server.seen = []  # type: ignore[attr-defined]
        server.answer = (200, {}, b'{"accepted": 1}')  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def connection(door: http.server.ThreadingHTTPServer, path: str = "") -> Http:
    return Http(f"http://127.0.0.1:{door.server_address[1]}{path}")


def test_a_batch_is_posted_and_packed_when_large(door: http.server.ThreadingHTTPServer) -> None:
    http = connection(door, "/below/a/prefix/")
    assert http.post(b"small", 5.0) == TAKEN
    assert http.post(b"large" * 1000, 5.0) == TAKEN
    http.close()
    (path, headers, body), (_, packed_headers, packed) = door.seen  # type: ignore[attr-defined]
    assert (path, headers["Content-Type"], body) == (
        "/below/a/prefix/ingest",
        CONTENT_TYPE,
        b"small",
    )
    assert packed_headers["Content-Encoding"] == "deflate"
    assert zlib.decompress(packed) == b"large" * 1000


@pytest.mark.parametrize(
    ("status", "headers", "answer", "expected"),
    [
        (200, {}, b"<html>a proxy's page</html>", AWAY),
        (200, {}, b'"hello"', AWAY),
        (200, {}, b"\xff\xfe", AWAY),
        (200, {}, b"[" * 100_000, AWAY),
        (400, {}, b"{}", REFUSED),
        (413, {}, b"{}", REFUSED),
        (503, {"Retry-After": "7"}, b"{}", Answer(wait=7.0)),
        (507, {"Retry-After": "99999"}, b"{}", Answer(wait=300.0)),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"{}", AWAY),
        (500, {}, b"", AWAY),
        (302, {"Location": "/elsewhere"}, b"", AWAY),
    ],
)
def test_every_answer_has_a_meaning(
    door: http.server.ThreadingHTTPServer,
    status: int,
    headers: dict[str, str],
    answer: bytes,
    expected: Answer,
) -> None:
    door.answer = (status, headers, answer)  # type: ignore[attr-defined]
    http = connection(door)
    assert http.post(b"batch", 5.0) == expected
    http.close()


def test_a_connection_that_broke_is_made_anew(door: http.server.ThreadingHTTPServer) -> None:
    http = connection(door)
    assert http.post(b"1", 5.0) == TAKEN
    assert http._connection is not None
    assert http._connection.sock is not None
    http._connection.sock.close()
    assert http.post(b"2", 5.0) == AWAY
    assert http.post(b"2", 5.0) == TAKEN
    http.close()


@pytest.mark.parametrize("url", ["127.0.0.1:8003", "ftp://host", "http://", "nonsense"])
def test_an_address_that_is_none_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(ValueError, match="it looks like http://host:8003"):
        Http(url)
