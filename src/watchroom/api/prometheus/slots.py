"""Threads for queries: so many at a time, the others wait, and who goes away is waited for no more.

A query works on arrays and holds up nothing but its own thread; yet a few of them share the cores,
so more at a time would make each of them slower and none of them sooner.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request

from watchroom.query.errors import QueryError

_Found = TypeVar("_Found")


class Slots:
    """Runs at most `size` queries at a time."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = asyncio.Semaphore(size)
        self._threads = ThreadPoolExecutor(size, "query")
        self._running: set[threading.Event] = set()
        self._figures = {"asked": 0, "timeouts": 0, "canceled": 0, "waiting": 0}

    async def run(
        self, request: Request, work: Callable[[threading.Event], _Found], wait: float
    ) -> _Found:
        """Return what `work` returns; its event says that nobody wants the answer any more.

        Raises:
            QueryError: "timeout", no thread was free within `wait` seconds; "canceled", the client
                has gone away.
        """
        left = asyncio.ensure_future(_left(request))
        try:
            await self._turn(left, wait)
            return await self._work(left, work)
        finally:
            left.cancel()

    def statistics(self) -> dict[str, int]:
        """Return how many queries came, run, wait, timed out while waiting and were canceled."""
        return {**self._figures, "running": len(self._running)}

    def close(self) -> None:
        """Cancel what runs and wait for its end."""
        for canceled in self._running:
            canceled.set()
        self._threads.shutdown(cancel_futures=True)

    async def _turn(self, left: "asyncio.Future[None]", wait: float) -> None:
        turn = asyncio.ensure_future(self._free.acquire())
        self._figures["asked"] += 1
        self._figures["waiting"] += 1
        try:
            await _first(turn, left, within=wait)
        finally:
            self._figures["waiting"] -= 1
            had = not turn.cancel()
        if left.done():
            if had:
                self._free.release()
            raise self._canceled()
        if not had:
            self._figures["timeouts"] += 1
            raise QueryError(
                "timeout",
                "query timed out in query queue",
                f"{self._size} queries run at a time; query_concurrency raises it",
            )

    async def _work(
        self, left: "asyncio.Future[None]", work: Callable[[threading.Event], _Found]
    ) -> _Found:
        canceled = threading.Event()
        self._running.add(canceled)
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, canceled)
        future.add_done_callback(lambda done: self._ended(done, canceled))
        await _first(future, left)
        if future.done():
            return await future
        canceled.set()
        raise self._canceled()

    def _ended(self, future: "asyncio.Future[Any]", canceled: threading.Event) -> None:
        self._running.discard(canceled)
        self._free.release()
        if not future.cancelled():
            future.exception()  # nobody may be left to hear of it

    def _canceled(self) -> QueryError:
        self._figures["canceled"] += 1
        return QueryError("canceled", "the client went away before the answer was there")


async def _first(*futures: "asyncio.Future[Any]", within: float | None = None) -> None:
    """Return when one of them is done, or the time is over."""
    await asyncio.wait(futures, timeout=within, return_when=asyncio.FIRST_COMPLETED)


async def _left(request: Request) -> None:
    """Return when the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
