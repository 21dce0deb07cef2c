"""What the rest of the server may ask of the live channels."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

Snapshot: TypeAlias = Callable[[Mapping[str, str]], Awaitable[Any]]
"""Returns a channel's content now, JSON-ready, from the fields of its pattern."""


class Message(NamedTuple):
    """What a client gets on subscribing, on every update, and from a poll."""

    channel: str
    sequence: int
    data: Any


class UnknownChannel(LookupError):
    """No pattern fits the channel's name."""


class Channels(Protocol):
    """Live channels: state that clients follow. A slow client skips to the newest state."""

    def register(self, pattern: str, snapshot: Snapshot, *, interval: float) -> None:
        """Offer the channels of a pattern such as `metrics/current/{service}`, every interval s."""

    async def read(self, channel: str) -> Message:
        """Return the channel's content now. Raises UnknownChannel."""

    async def publish(self, channel: str, data: Any) -> None:
        """Send new content to whoever follows the channel."""
