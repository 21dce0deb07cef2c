"""What goes with age, beside samples. Runs within a transaction."""

import sqlite3
from collections.abc import Iterable

from watchroom.storage.embedded import exemplars

_REMEMBER_MS = 2 * 86_400_000
"""How long the ids of writes are known."""


def old(database: sqlite3.Connection, oldest: int, now: int) -> None:
    """Delete events and exemplars older than `oldest`, and the ids of old writes."""
    database.execute("DELETE FROM events WHERE time < ?", (oldest,))
    database.execute("DELETE FROM seen WHERE time < ?", (now - _REMEMBER_MS,))
    exemplars.trim(database, oldest)


def exemplars_of(
    database: sqlite3.Connection, numbers: Iterable[int], start: int, end: int
) -> None:
    """Delete the exemplars of some series in (start, end]."""
    database.executemany(
        "DELETE FROM exemplars WHERE series = ? AND time > ? AND time <= ?",
        [(number, start, end) for number in numbers],
    )
