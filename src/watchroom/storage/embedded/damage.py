"""What was found damaged: named, moved to where it is kept, never served."""

import logging
import sqlite3
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Damage:
    """The names and reasons of what is damaged, in memory and in the table of that name."""

    def __init__(self, database: sqlite3.Connection, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now
        self.found = dict(database.execute("SELECT what, reason FROM damage ORDER BY id"))

    def name(self, what: str, reason: str) -> None:
        """Name what cannot be moved."""
        self.found.setdefault(what, reason)

    def set_aside(self, table: str, row: int, what: str, reason: str, body: bytes) -> None:
        """Name a damaged row, and move it to where it is kept."""
        remove = f"DELETE FROM {table} WHERE rowid = ?"  # noqa: S608 - our own names
        self._record(what, reason, body, lambda: self._db.execute(remove, (row,)))

    def keep(self, what: str, reason: str, body: bytes) -> None:
        """Name what is damaged inside a row that stays, with a copy of it."""
        self._record(what, reason, body, lambda: None)

    def _record(self, what: str, reason: str, body: bytes, remove: Callable[[], object]) -> None:
        if what in self.found:
            return  # two readers found it
        self.found[what] = reason
        logger.error("%s: damaged (%s), set aside", what, reason)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            remove()
            self._db.execute(
                "INSERT INTO damage (found, what, reason, body) VALUES (?, ?, ?, ?)",
                (int(self._now() * 1000), what, reason, body),
            )
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            logger.exception("%s: cannot be moved, stays where it is", what)
