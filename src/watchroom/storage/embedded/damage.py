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
        if what in self.found:
            return  # two readers found it
        self.found[what] = reason
        logger.error("%s is damaged (%s): set aside", what, reason)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))  # noqa: S608 - our own names
            self._keep(what, reason, body)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            logger.exception("%s cannot be moved; it stays where it is", what)

    def _keep(self, what: str, reason: str, body: bytes) -> None:
        self._db.execute(
            "INSERT INTO damage (found, what, reason, body) VALUES (?, ?, ?, ?)",
            (int(self._now() * 1000), what, reason, body),
        )
