"""A loop: one thing done again and again, on the clock's slots, that survives its own errors."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import NamedTuple, Self

from watchroom.runtime.clock import Clock

logger = logging.getLogger(__name__)

Body = Callable[[], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


class LoopStatistics(NamedTuple):
    """What a loop says of itself; seconds are those of the clock it was given."""

    name: str
    interval: float
    running: bool
    ticks: int
    missed: int
    errors: int
    last_seconds: float
    total_seconds: float
    last_error: str


class Loop:
    """Runs `body` at start + interval, start + 2 * interval, ... until it is stopped.

    With `first`, a time in s, the slots begin at start + first instead.
    A body that takes longer than its slot loses the slots it ran over: they are counted as missed
    and never caught up with. An error is logged and counted, and the next slot runs as planned.
    Slots are read from the monotonic clock, so an operator who sets the time cannot stall a loop.
    """

    def __init__(
        self,
        name: str,
        interval: float,
        body: Body,
        clock: Clock,
        *,
        first: float | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        if interval <= 0:
            raise ValueError(f"a loop's interval is above 0 s, not {interval}")
        self._name = name
        self._interval = interval
        self._first = interval if first is None else first
        self._body = body
        self._clock = clock
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self._ticks = 0
        self._missed = 0
        self._errors = 0
        self._last_seconds = 0.0
        self._total_seconds = 0.0
        self._last_error = ""

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def start(self) -> None:
        """Start the loop in the running event loop; a loop that runs is left alone."""
        if self._task is None:
            logger.info("loop %s starts, every %g s", self._name, self._interval)
            self._task = asyncio.create_task(self._run(), name=f"loop {self._name}")

    async def stop(self) -> None:
        """Stop the loop and wait until its body is out; a loop that stands is left alone."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])
        logger.info("loop %s stopped after %d ticks", self._name, self._ticks)

    async def tick(self) -> None:
        """Run the body once, now."""
        began = self._clock.monotonic()
        try:
            await self._body()
        except Exception as error:
            self._errors += 1
            self._last_error = f"{type(error).__name__}: {error}"
            logger.exception("loop %s: its body failed; it goes on", self._name)
        self._ticks += 1
        self._last_seconds = self._clock.monotonic() - began
        self._total_seconds += self._last_seconds

    def statistics(self) -> LoopStatistics:
        """Return the loop's figures."""
        return LoopStatistics(
            self._name,
            self._interval,
            self._task is not None,
            self._ticks,
            self._missed,
            self._errors,
            self._last_seconds,
            self._total_seconds,
            self._last_error,
        )

    async def _run(self) -> None:
        began = self._clock.monotonic() + self._first - self._interval
        slot = 0
        while True:
            slot += 1
            await self._sleep(max(0.0, began + slot * self._interval - self._clock.monotonic()))
            await self.tick()
            late = int((self._clock.monotonic() - began) / self._interval)
            if late > slot:
                self._missed += late - slot
                slot = late
