"""The loop: slots, missed slots, errors, start and stop."""

import asyncio
import logging

import pytest

from watchroom.runtime.clock import ManualClock
from watchroom.runtime.loop import Loop


class Ticker:
    """A clock whose sleep moves it, and ends the loop after a number of sleeps."""

    def __init__(self, sleeps: int) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []
        self.done = asyncio.Event()
        self._left = sleeps

    async def sleep(self, seconds: float) -> None:
        if self._left == 0:
            self.done.set()
            await asyncio.Event().wait()
        self._left -= 1
        self.slept.append(seconds)
        self.clock.advance(seconds)


async def test_ticks_once_per_slot() -> None:
    ticker = Ticker(sleeps=3)
    at: list[float] = []

    async def body() -> None:
        at.append(ticker.clock.monotonic())
        ticker.clock.advance(0.25)

    async with Loop("slots", 1.0, body, ticker.clock, sleep=ticker.sleep) as loop:
        await ticker.done.wait()
    assert at == [1.0, 2.0, 3.0]
    assert ticker.slept == [1.0, 0.75, 0.75]
    statistics = loop.statistics()
    assert (statistics.ticks, statistics.missed, statistics.errors) == (3, 0, 0)
    assert statistics.last_seconds == 0.25
    assert statistics.total_seconds == 0.75


async def test_slots_run_over_are_counted_and_not_caught_up() -> None:
    ticker = Ticker(sleeps=2)
    at: list[float] = []

    async def body() -> None:
        at.append(ticker.clock.monotonic())
        ticker.clock.advance(3.5 if len(at) == 1 else 0.0)

    async with Loop("slow", 1.0, body, ticker.clock, sleep=ticker.sleep) as loop:
        await ticker.done.wait()
    assert at == [1.0, 5.0]
    assert loop.statistics().missed == 3


async def test_an_error_is_logged_counted_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    ticker = Ticker(sleeps=2)

    async def body() -> None:
        raise RuntimeError("no luck")

    async with Loop("luckless", 1.0, body, ticker.clock, sleep=ticker.sleep) as loop:
        await ticker.done.wait()
    statistics = loop.statistics()
    assert (statistics.ticks, statistics.errors) == (2, 2)
    assert statistics.last_error == "RuntimeError: no luck"
    assert "luckless" in caplog.text


async def test_a_wall_clock_set_back_does_not_stall_it() -> None:
    ticker = Ticker(sleeps=2)
    ticks: list[None] = []

    async def body() -> None:
        ticker.clock.set(0.0)
        ticks.append(None)

    async with Loop("steady", 1.0, body, ticker.clock, sleep=ticker.sleep):
        await ticker.done.wait()
    assert len(ticks) == 2
    assert ticker.slept == [1.0, 1.0]


async def test_logs_start_and_stop_and_can_start_again(caplog: pytest.LogCaptureFixture) -> None:
    ticker = Ticker(sleeps=0)

    async def body() -> None:
        raise AssertionError("never slept through a slot")

    caplog.set_level(logging.INFO)
    loop = Loop("lamp", 2.0, body, ticker.clock, sleep=ticker.sleep)
    for _ in range(2):
        loop.start()
        loop.start()
        assert loop.statistics().running
        await loop.stop()
        await loop.stop()
        assert not loop.statistics().running
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["loop lamp starts, every 2 s", "loop lamp stopped after 0 ticks"] * 2


def test_an_interval_is_above_zero() -> None:
    async def body() -> None: ...

    with pytest.raises(ValueError, match="above 0"):
        Loop("never", 0.0, body, ManualClock())
