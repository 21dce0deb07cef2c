"""Threads for queries: turns, who waits too long, and who goes away."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request

from watchroom.api.prometheus.slots import Slots
from watchroom.query.errors import QueryError


class Client:
    """A request whose client can go away."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.request = Request({"type": "http"}, self._receive)
        self._read = False

    async def _receive(self) -> dict[str, Any]:
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
async def slots() -> AsyncIterator[Slots]:
    made = Slots(1)
    yield made
    await asyncio.to_thread(made.close)


class Work:
    """Work that lasts until it is let go or canceled."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.may_end = threading.Event()
        self.canceled = False

    def __call__(self, canceled: threading.Event) -> str:
        self.began.set()
        while not self.may_end.wait(0.001):
            if canceled.is_set():
                self.canceled = True
                raise QueryError("canceled", "told to stop")
        return "done"


async def test_work_is_done_in_another_thread(slots: Slots) -> None:
    found = await slots.run(Client().request, lambda _: threading.current_thread().name, 10.0)
    assert found.startswith("query")
    assert slots.statistics() == {
        "asked": 1,
        "timeouts": 0,
        "canceled": 0,
        "waiting": 0,
        "running": 0,
    }


async def test_an_error_comes_through(slots: Slots) -> None:
    def fail(_canceled: threading.Event) -> None:
        raise QueryError("execution", "no")

    with pytest.raises(QueryError, match="no"):
        await slots.run(Client().request, fail, 10.0)
    assert await slots.run(Client().request, lambda _: 1, 10.0) == 1


async def test_who_waits_too_long_is_told_so(slots: Slots) -> None:
    work = Work()
    first = asyncio.create_task(slots.run(Client().request, work, 10.0))
    await asyncio.to_thread(work.began.wait)
    with pytest.raises(QueryError, match="query timed out in query queue") as caught:
        await slots.run(Client().request, lambda _: 1, 0.01)
    assert caught.value.code == "timeout"
    assert "query_concurrency" in caught.value.hint
    work.may_end.set()
    assert await first == "done"
    assert await slots.run(Client().request, lambda _: 1, 10.0) == 1


async def test_whose_client_goes_away_is_canceled(slots: Slots) -> None:
    client, work = Client(), Work()
    asked = asyncio.create_task(slots.run(client.request, work, 10.0))
    await asyncio.to_thread(work.began.wait)
    client.gone.set()
    with pytest.raises(QueryError, match="went away"):
        await asked
    assert await slots.run(Client().request, lambda _: 2, 10.0) == 2
    assert work.canceled


async def test_whose_client_goes_away_while_waiting_takes_no_turn(slots: Slots) -> None:
    work, client = Work(), Client()
    first = asyncio.create_task(slots.run(Client().request, work, 10.0))
    await asyncio.to_thread(work.began.wait)
    waiting = asyncio.create_task(slots.run(client.request, lambda _: 1, 10.0))
    await asyncio.sleep(0)  # its task begins to wait
    assert slots.statistics()["waiting"] == 1
    client.gone.set()
    with pytest.raises(QueryError, match="went away"):
        await waiting
    work.may_end.set()
    assert await first == "done"
    assert await slots.run(Client().request, lambda _: 3, 10.0) == 3


async def test_the_end_cancels_what_runs() -> None:
    slots, work = Slots(1), Work()
    asked = asyncio.create_task(slots.run(Client().request, work, 10.0))
    await asyncio.to_thread(work.began.wait)
    await asyncio.to_thread(slots.close)
    with pytest.raises(QueryError, match="told to stop"):
        await asked
    assert work.canceled
