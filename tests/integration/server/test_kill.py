"""Killed under load, again and again: nothing acknowledged is lost, nothing is doubled."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from tests.integration.conftest import Server, batch

from watchroom.wire.batch import CONTENT_TYPE, encode

KILLS = 20
_SENDERS = 2


class Sender:
    """Sends numbered batches; one without an answer is sent again, as the SDK's spool would."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._numbers = itertools.count()
        self._waiting: tuple[int, bytes] | None = None
        self.acknowledged: list[int] = []

    def run(self, url: str) -> None:
        """Send until the server is gone."""
        with httpx.Client(base_url=url, headers={"Content-Type": CONTENT_TYPE}, timeout=20) as http:
            while self._send(http):
                pass

    def finish(self, url: str) -> None:
        """Send what is still waiting."""
        with httpx.Client(base_url=url, headers={"Content-Type": CONTENT_TYPE}, timeout=20) as http:
            assert self._waiting is None or self._send(http)

    def _send(self, http: httpx.Client) -> bool:
        if self._waiting is None:
            number = next(self._numbers)
            self._waiting = number, encode(batch(number, service=self._service, points=20))
        number, body = self._waiting
        try:
            answer = http.post("/ingest", content=body)
        except httpx.TransportError:
            return False
        assert answer.status_code == 200
        self.acknowledged.append(number)
        self._waiting = None
        return True


@pytest.mark.slow
def test_kill_under_load(start: Callable[..., Server]) -> None:
    draw = random.Random(20)
    senders = [Sender(f"shop-{position}") for position in range(_SENDERS)]
    for _ in range(KILLS):
        server = start()
        threads = [threading.Thread(target=each.run, args=(server.url,)) for each in senders]
        for thread in threads:
            thread.start()
        threads[0].join(draw.uniform(0.05, 0.4))
        server.kill()
        for thread in threads:
            thread.join(30)
    last = start()
    for sender in senders:
        sender.finish(last.url)
    for position, sender in enumerate(senders):
        events = last.get("/events", service=f"shop-{position}", name="mark", limit=10_000).json()[
            "events"
        ]
        seen = Counter(event["payload"]["number"] for event in events)
        wanted = sender.acknowledged[-10_000:]
        assert len(wanted) > KILLS
        assert [number for number in wanted if seen[number] != 1] == []
        assert set(seen.values()) == {1}
        for number in draw.sample(sender.acknowledged, 20):
            body = encode(batch(number, service=f"shop-{position}", points=20))
            assert last.post(body).json()["duplicate"] is True
