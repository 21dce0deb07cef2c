"""The predictions of late, least recently used out first."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

from watchroom.demo.scans import Table
from watchroom.runtime.clock import Clock


class _Entry(NamedTuple):
    votes: Table
    until: float
    size: int


class PredictionCache:
    """Holds the trees' votes for `ttl` seconds, at most `limit` of them."""

    def __init__(self, clock: Clock, *, limit: int = 256, ttl: float = 60.0) -> None:
        self._clock = clock
        self._limit = limit
        self._ttl = ttl
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Table | None:
        """Return the votes of a key that is there and fresh."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.until <= self._clock.monotonic():
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry.votes

    def put(self, key: Hashable, votes: Table) -> None:
        """Keep votes; the least recently used go when there are too many."""
        size = sys.getsizeof(key) + sys.getsizeof(votes)
        with self._lock:
            if key in self._entries:
                self._drop(key)
            self._entries[key] = _Entry(votes, self._clock.monotonic() + self._ttl, size)
            self.size_bytes += size
            while len(self._entries) > self._limit:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        self.size_bytes -= self._entries.pop(key).size
