"""The channels, without a transport."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from watchroom.live.channels import Frame, LiveChannels, TooManyChannels
from watchroom.live.contract import UnknownChannel
from watchroom.runtime.clock import ManualClock


class Source:
    """A snapshot that says how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    async def __call__(self, fields: Mapping[str, str]) -> Any:
        self.asked.append(dict(fields))
        await asyncio.sleep(0)
        return {"asked": len(self.asked)}


class Reader:
    """A follower that keeps what it gets."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.got = asyncio.Event()

    async def __call__(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.got.set()


def offered(clock: ManualClock, **limits: int) -> tuple[LiveChannels, Source]:
    channels, source = LiveChannels(clock, **limits), Source()
    channels.register("metrics/{service}", source, interval=1.0)
    return channels, source


async def test_read_gives_content_no_older_than_the_interval() -> None:
    clock = ManualClock()
    channels, source = offered(clock)
    first = await channels.read("metrics/shop")
    assert first.channel == "metrics/shop"
    assert first.data == {"asked": 1}
    assert first.sequence == int(clock.now() * 1000)
    clock.advance(0.9)
    assert await channels.read("metrics/shop") == first
    clock.advance(0.2)
    second = await channels.read("metrics/shop")
    assert second.data == {"asked": 2}
    assert second.sequence > first.sequence
    assert source.asked == [{"service": "shop"}] * 2


async def test_readers_at_once_share_one_computation() -> None:
    channels, source = offered(ManualClock())
    messages = await asyncio.gather(*(channels.read("metrics/shop") for _ in range(20)))
    assert len(source.asked) == 1
    assert len({message.sequence for message in messages}) == 1


async def test_followers_get_every_tick_encoded_once() -> None:
    clock = ManualClock()
    channels, _ = offered(clock)
    one, two = Reader(), Reader()
    snapshot = await channels.follow("metrics/shop", "one", one)
    await channels.follow("metrics/shop", "two", two)
    clock.advance(1.0)
    await channels.refresh("metrics/shop")
    assert [frame.message.data for frame in one.frames] == [{"asked": 2}]
    assert one.frames[0] is two.frames[0]
    assert one.frames[0].message.sequence > snapshot.message.sequence
    assert msgspec.json.decode(one.frames[0].json) == {
        "channel": "metrics/shop",
        "sequence": one.frames[0].message.sequence,
        "data": {"asked": 2},
    }


async def test_nobody_follows_nothing_is_computed() -> None:
    channels, source = offered(ManualClock())
    reader = Reader()
    await channels.follow("metrics/shop", "one", reader)
    assert channels.unfollow("metrics/shop", "one")
    assert not channels.unfollow("metrics/shop", "one")
    await channels.refresh("metrics/shop")
    assert len(source.asked) == 1
    assert reader.frames == []


async def test_publish_sends_new_content_to_followers() -> None:
    channels, _ = offered(ManualClock())
    reader = Reader()
    await channels.follow("metrics/shop", "one", reader)
    await channels.publish("metrics/shop", {"now": 1})
    await channels.publish("metrics/other", {"now": 2})
    assert [frame.message.data for frame in reader.frames] == [{"now": 1}]
    assert (await channels.read("metrics/shop")).data == {"now": 1}


async def test_sequences_grow_when_the_clock_stands_or_falls() -> None:
    clock = ManualClock()
    channels, _ = offered(clock)
    sequences = [(await channels.read("metrics/a")).sequence]
    for step in range(3):
        clock.set(clock.now() - 60)
        sequences.append((await channels.read(f"metrics/{step}")).sequence)
    assert sequences == sorted(set(sequences))


async def test_a_restart_a_second_later_numbers_higher() -> None:
    clock = ManualClock()
    before, _ = offered(clock)
    old = await before.read("metrics/a")
    clock.advance(1.0)
    after, _ = offered(clock)
    assert (await after.read("metrics/a")).sequence > old.sequence


@pytest.mark.parametrize("name", ["nothing", "", "metrics/", "metrics/" + "x" * 1000])
async def test_unknown_channels_say_what_there_is(name: str) -> None:
    channels, _ = offered(ManualClock())
    with pytest.raises(UnknownChannel, match=r"metrics/\{service\}"):
        await channels.read(name)


async def test_names_read_once_are_forgotten() -> None:
    channels, _ = offered(ManualClock())
    for number in range(2000):
        await channels.read(f"metrics/{number}")
    assert len(channels._states) <= 256


async def test_no_more_channels_are_followed_than_allowed() -> None:
    channels, _ = offered(ManualClock(), max_followed=2)
    for number in range(2):
        await channels.follow(f"metrics/{number}", "one", Reader())
    await channels.follow("metrics/1", "two", Reader())
    with pytest.raises(TooManyChannels, match="2 channels"):
        await channels.follow("metrics/2", "one", Reader())
    assert channels.statistics()["channels"] == 2
    assert channels.statistics()["followers"] == 3


async def test_one_failing_channel_does_not_stop_another() -> None:
    async def moody(fields: Mapping[str, str]) -> Any:
        if fields["service"] == "bad" and reader.frames == [] and armed:
            raise RuntimeError("no luck")
        return fields["service"]

    armed: list[bool] = []
    reader, bad = Reader(), Reader()
    channels = LiveChannels(ManualClock())
    channels.register("metrics/{service}", moody, interval=0.01)
    await channels.follow("metrics/bad", "one", bad)
    await channels.follow("metrics/good", "one", reader)
    armed.append(True)
    async with channels, asyncio.timeout(10):
        await reader.got.wait()
        await bad.got.wait()
    assert reader.frames[0].message.data == "good"
    (loop,) = channels.loops()
    assert loop.errors >= 1
    assert not loop.running
