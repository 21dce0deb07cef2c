"""Whether SQLite's log was read to its end: a flipped bit there hides all commits behind it."""

import sqlite3
import struct
from pathlib import Path

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">4I")
_FRAME_BYTES = 24


def content(log: Path) -> bytes:
    """Return a log as it is before SQLite reads it."""
    return log.read_bytes() if log.exists() else b""


def last_commit(body: bytes) -> int:
    """Return the number of the last frame of a log that says it ends a commit; 0 if none does."""
    if len(body) < _HEADER.size:
        return 0
    _, _, page, _, *salts, _, _ = _HEADER.unpack_from(body)
    last = 0
    if not 512 <= page <= 65_536:
        return 0
    step = page + _FRAME_BYTES
    for number, position in enumerate(range(_HEADER.size, len(body) - step + 1, step), 1):
        _, pages, *mine = _FRAME.unpack_from(body, position)
        if mine == salts and pages:
            last = number
    return last


def unread(database: sqlite3.Connection, last: int) -> str:
    """Say what SQLite could not read of a log whose last commit ended in a frame; else nothing."""
    _, read, _ = database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if read < 0 or read >= last:
        return ""
    return f"frames {read + 1} to {last} held commits and cannot be read"
