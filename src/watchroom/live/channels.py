"""Live channels: state computed once per tick, encoded once, handed to all who follow it.

Sequence numbers count up from the server's clock in milliseconds, over all channels together, so
they are higher after a restart than before it. Only where the clock was set back meanwhile are
they lower: a client takes the number of a subscription's answer as its new beginning.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeAlias

import msgspec

from watchroom.live.contract import Message, Snapshot, UnknownChannel
from watchroom.live.pattern import Pattern
from watchroom.runtime.clock import Clock
from watchroom.runtime.loop import Loop, LoopStatistics

NAME_LENGTH = 512
_IDLE_STATES = 256


class TooManyChannels(Exception):
    """More channels are followed than the server computes."""


class Frame:
    """One state of a channel: its content and the JSON of the whole message, made once."""

    __slots__ = ("json", "message", "wire")

    def __init__(self, message: Message) -> None:
        self.message = message
        self.json = msgspec.json.encode(
            {"channel": message.channel, "sequence": message.sequence, "data": message.data}
        )
        self.wire = ""
        """The transport's form of the message, kept by the first to send it."""


Deliver: TypeAlias = Callable[[Frame], Awaitable[None]]


class Offer(NamedTuple):
    """The channels of one pattern."""

    pattern: Pattern
    snapshot: Snapshot
    interval: float


class _State:
    """What is known of one channel."""

    __slots__ = ("at", "fields", "followers", "frame", "lock", "name", "offer")

    def __init__(self, name: str, offer: Offer, fields: Mapping[str, str]) -> None:
        self.name = name
        self.offer = offer
        self.fields = fields
        self.followers: dict[str, Deliver] = {}
        self.frame: Frame | None = None
        self.at = 0.0
        self.lock = asyncio.Lock()


class LiveChannels:
    """The channels of this server. Enter it to start its ticks."""

    def __init__(self, clock: Clock, *, max_followed: int = 1000) -> None:
        self._clock = clock
        self._max_followed = max_followed
        self._offers: list[Offer] = []
        self._loops: list[Loop] = []
        self._states: dict[str, _State] = {}
        self._sequence = 0
        self._computed = 0
        self._deliveries = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for loop in self._loops:
            await self._stack.enter_async_context(loop)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def register(self, pattern: str, snapshot: Snapshot, *, interval: float) -> None:
        """Offer the channels of a pattern; they tick while someone follows them."""
        offer = Offer(Pattern(pattern), snapshot, interval)
        self._offers.append(offer)

        async def tick() -> None:
            await self._tick(offer)

        self._loops.append(Loop(f"live {pattern}", interval, tick, self._clock))

    async def read(self, channel: str) -> Message:
        """Return the channel's content, at most one interval old. Raises UnknownChannel."""
        return (await self.frame(channel)).message

    async def frame(self, channel: str) -> Frame:
        """Return the channel's newest frame, at most one interval old. Raises UnknownChannel."""
        state = self._state(channel)
        async with state.lock:
            age = self._clock.monotonic() - state.at
            if state.frame is not None and age < state.offer.interval:
                return state.frame
            return await self._compute(state)

    async def publish(self, channel: str, data: Any) -> None:
        """Send new content to whoever follows the channel. Raises UnknownChannel."""
        state = self._state(channel)
        await self._deliver(state, self._keep(state, data))

    async def refresh(self, channel: str) -> None:
        """Compute a channel anew before its next tick, where someone follows it."""
        state = self._states.get(channel)
        if state is not None and state.followers:
            await self._update(state)

    async def follow(self, channel: str, key: str, deliver: Deliver) -> Frame:
        """Return the channel's newest frame and hand every later one to `deliver`.

        Raises:
            UnknownChannel: no pattern fits the name.
            TooManyChannels: the channel is not followed yet, and as many as can be are.
        """
        frame = await self.frame(channel)
        state = self._state(channel)
        if not state.followers and self.followed() >= self._max_followed:
            raise TooManyChannels(f"{self._max_followed} channels are followed already")
        state.followers[key] = deliver
        return state.frame or frame

    def unfollow(self, channel: str, key: str) -> bool:
        """Stop handing frames to a follower; return whether there was one."""
        state = self._states.get(channel)
        return state is not None and state.followers.pop(key, None) is not None

    def followed(self) -> int:
        """Return how many channels someone follows."""
        return sum(1 for state in self._states.values() if state.followers)

    def statistics(self) -> dict[str, int]:
        """Return figures: channels followed, their followers, frames computed and delivered."""
        return {
            "channels": self.followed(),
            "followers": sum(len(state.followers) for state in self._states.values()),
            "frames": self._computed,
            "deliveries": self._deliveries,
        }

    def loops(self) -> list[LoopStatistics]:
        """Return the figures of the ticks."""
        return [loop.statistics() for loop in self._loops]

    def _state(self, channel: str) -> _State:
        state = self._states.get(channel)
        if state is None:
            state = self._find(channel)
            self._forget_idle()
            self._states[channel] = state
        return state

    def _find(self, channel: str) -> _State:
        if len(channel) <= NAME_LENGTH:
            for offer in self._offers:
                fields = offer.pattern.match(channel)
                if fields is not None:
                    return _State(channel, offer, fields)
        known = ", ".join(offer.pattern.text for offer in self._offers)
        raise UnknownChannel(f"no channel is called {channel[:80]!r}; there are: {known}")

    def _forget_idle(self) -> None:
        idle = [
            name
            for name, state in self._states.items()
            if not state.followers and not state.lock.locked()
        ]
        for name in idle[: max(0, len(idle) - _IDLE_STATES + 1)]:
            del self._states[name]

    async def _tick(self, offer: Offer) -> None:
        errors: list[Exception] = []
        for state in list(self._states.values()):
            if state.offer is offer and state.followers:
                try:
                    await self._update(state)
                except Exception as error:  # noqa: BLE001 - one channel's failure is not another's
                    errors.append(error)
        if errors:
            raise ExceptionGroup(f"channels of {offer.pattern.text} failed", errors)

    async def _update(self, state: _State) -> None:
        async with state.lock:
            frame = await self._compute(state)
        await self._deliver(state, frame)

    async def _compute(self, state: _State) -> Frame:
        return self._keep(state, await state.offer.snapshot(state.fields))

    def _keep(self, state: _State, data: Any) -> Frame:
        self._sequence = max(self._sequence + 1, int(self._clock.now() * 1000))
        self._computed += 1
        state.frame = Frame(Message(state.name, self._sequence, data))
        state.at = self._clock.monotonic()
        return state.frame

    async def _deliver(self, state: _State, frame: Frame) -> None:
        for deliver in list(state.followers.values()):
            await deliver(frame)
            self._deliveries += 1
