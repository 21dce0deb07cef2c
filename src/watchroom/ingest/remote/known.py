"""The label sets that remote writers spell out again and again, by the bytes that spell them."""

from collections.abc import Iterable
from typing import Any

from watchroom.ingest.guard import Guard
from watchroom.ingest.intake import Place
from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import checked

_OVERHEAD = 300
"""Bytes of an entry beside its key: the head of the key, a place in a dict, a share of labels."""


class Known:
    """Places by key: bytes of version 1, strings of version 2. Bounded, then all is relearnt."""

    def __init__(self, guard: Guard, limits: Limits, size: int = 64 << 20) -> None:
        self.table: dict[Any, Place] = {}
        self.limits = limits
        self._guard = guard
        self._epoch = guard.epoch
        self._size = size
        self._held = 0
        self.started: dict[Place, int] = {}
        """The start times that series were told to have, as far as a zero was written there."""

    def current(self) -> dict[Any, Place]:
        """Return the table as long as the guard has not counted anew, else an empty one."""
        if self._epoch != self._guard.epoch or self._held > self._size:
            self._epoch = self._guard.epoch
            self.table = {}
            self.started = {}
            self._held = 0
        return self.table

    def learn(
        self,
        key: Any,
        pairs: Iterable[tuple[str, str]],
        size: int,
        cumulative: bool | None = None,
    ) -> Place:
        """Note under a key of `size` bytes where a label set goes; without a key, only say so.

        Raises Refused.
        """
        place = self._guard.admit(checked(pairs, self.limits), cumulative)
        if key is not None and isinstance(place, tuple):  # there is no end to those that are folded
            self.table[key] = place
            self._held += _OVERHEAD + size
        return place

    def __len__(self) -> int:
        return len(self.table)
