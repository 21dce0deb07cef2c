"""Delivery: a batch goes to the server, or waits in the spool until it can."""

import http.client
import json
import zlib
from collections.abc import Callable
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from watchroom.runtime.backoff import Backoff
from watchroom.sdk.spool import Spool
from watchroom.wire.batch import CONTENT_TYPE

_PACK_ABOVE = 2048
_PER_ROUND = 200


class Answer(NamedTuple):
    """What became of one attempt: taken, refused for good, or to be tried again."""

    taken: bool = False
    refused: bool = False
    wait: float = 0.0


class Transport(Protocol):
    """Sends one body."""

    def post(self, body: bytes, timeout: float) -> Answer:
        """Send a batch and say what became of it. Never raises."""

    def close(self) -> None:
        """Close the connection."""


class Http:
    """Batches over one kept connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"the server's address is {url!r}; it looks like http://host:8003")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path.rstrip("/") + "/ingest"
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes, timeout: float) -> Answer:
        headers = {"Content-Type": CONTENT_TYPE}
        if len(body) > _PACK_ABOVE:
            body = zlib.compress(body, 1)
            headers["Content-Encoding"] = "deflate"
        try:
            connection = self._connected(timeout)
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            answer = _answer(response, response.read(65536))
        except (OSError, http.client.HTTPException, ValueError, RecursionError):
            answer = Answer()
        if not answer.taken:
            self.close()
        return answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self, timeout: float) -> http.client.HTTPConnection:
        if self._connection is None:
            make = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._connection = make(self._host, self._port, timeout=timeout)
        self._connection.timeout = timeout
        if self._connection.sock is not None:
            self._connection.sock.settimeout(timeout)
        return self._connection


def _answer(response: http.client.HTTPResponse, body: bytes) -> Answer:
    if response.status == 200:
        reply = json.loads(body)
        return Answer(taken=isinstance(reply, dict) and "accepted" in reply)
    if response.status in {400, 413, 415, 422}:
        return Answer(refused=True)
    try:
        return Answer(wait=min(300.0, float(response.headers.get("Retry-After") or 0.0)))
    except ValueError:
        return Answer()


class Delivery:
    """Batches in order: what waits goes first, and nothing overtakes it."""

    def __init__(
        self,
        transport: Transport,
        spool: Spool,
        monotonic: Callable[[], float],
        backoff: Backoff | None = None,
    ) -> None:
        self._transport = transport
        self._spool = spool
        self._monotonic = monotonic
        self._backoff = backoff or Backoff()
        self._not_before = 0.0
        self.outcomes = {"sent": 0, "replayed": 0, "failed": 0, "refused": 0}

    def deliver(self, body: bytes | None, timeout: float, *, last: bool = False) -> None:
        """Send what waits and then `body`, within the timeout per batch; or keep it all.

        The last delivery before the exit does not wait for a backoff to pass.
        """
        if self._monotonic() < self._not_before and not last:
            if body is not None:
                self._spool.add(body)
            return
        ready = self._replay(timeout)
        if ready and (body is None or self._attempt(body, timeout, "sent")):
            return
        if body is not None:
            self._spool.add(body)

    def _replay(self, timeout: float) -> bool:
        """Send the oldest that wait; return whether none is left."""
        for _ in range(_PER_ROUND):
            body = self._spool.oldest()
            if body is None:
                return True
            if not self._attempt(body, timeout, "replayed"):
                return False
            self._spool.remove_oldest()
        return self._spool.oldest() is None

    def _attempt(self, body: bytes, timeout: float, outcome: str) -> bool:
        """Return whether the batch is done with: taken, or refused for good."""
        answer = self._transport.post(body, timeout)
        if answer.taken or answer.refused:
            self._backoff.reset()
            self.outcomes["refused" if answer.refused else outcome] += 1
            return True
        self.outcomes["failed"] += 1
        self._not_before = self._monotonic() + max(answer.wait, self._backoff.next())
        return False

    def close(self) -> None:
        """Close the connection and the spool."""
        self._transport.close()
        self._spool.close()
