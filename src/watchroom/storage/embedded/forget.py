"""What makes samples go: age, and deletion. Runs in the writer's thread, within a transaction."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np

from watchroom.storage.embedded import chunks, exemplars
from watchroom.storage.embedded.codec import Damaged, decompress
from watchroom.storage.embedded.histograms import Strand, composed, rows, value

_REMEMBER_MS = 2 * 86_400_000
"""How long the ids of writes are known."""


def old(database: sqlite3.Connection, oldest: int, now: int) -> tuple[int, int]:
    """Delete what is older than `oldest`; return how many chunks and samples went."""
    query = "SELECT count(*), coalesce(sum(count), 0) FROM chunks WHERE ending < ?"
    gone, samples = database.execute(query, (oldest,)).fetchone()
    database.execute("DELETE FROM chunks WHERE ending < ?", (oldest,))
    database.execute("DELETE FROM events WHERE time < ?", (oldest,))
    database.execute("DELETE FROM seen WHERE time < ?", (now - _REMEMBER_MS,))
    exemplars.trim(database, oldest)
    return gone, samples


def within(
    database: sqlite3.Connection, numbers: Sequence[int], start: int, end: int
) -> tuple[int, int]:
    """Delete what series have in (start, end]; return how many chunks and samples went."""
    gone = samples = 0
    for number in numbers:
        database.execute(
            "DELETE FROM exemplars WHERE series = ? AND time > ? AND time <= ?",
            (number, start, end),
        )
        found = database.execute(
            "SELECT id, count, body FROM chunks WHERE series = ? AND ending > ? AND start <= ?",
            (number, start, end),
        ).fetchall()
        for chunk, count, body in found:
            try:
                left = _outside(decompress(body, number), start, end)
            except Damaged:
                continue  # a reader names it
            database.execute("DELETE FROM chunks WHERE id = ?", (chunk,))
            if len(left[0]):
                database.execute(chunks.INSERT, chunks.row(number, left))
            gone += not len(left[0])
            samples += count - len(left[0])
    return gone, samples


def _outside(arrays: list[Any], start: int, end: int) -> list[Any]:
    times = arrays[0]
    kept = (times <= start) | (times > end)
    parts = chunks.Parts()
    parts.add(0, arrays)
    if parts.floats:
        return [column[kept] for column in arrays]
    ((strand, (columns,)),) = parts.strands().items()
    return chunks.strand_arrays(strand, _picked(columns, strand, kept))


def _picked(columns: Any, strand: Strand, kept: Any) -> Any:
    samples = {}
    running = None
    for row, wanted in zip(rows(columns), np.asarray(kept).tolist(), strict=True):
        running = value(running, row, strand)
        if wanted:
            samples[row.time] = running
    return composed(samples)
