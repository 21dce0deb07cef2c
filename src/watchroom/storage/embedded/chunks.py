"""Chunks: what the head becomes when it is sealed, and how it is read back."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from watchroom.model.labels import Labels
from watchroom.storage.contract import FloatSeries, Series
from watchroom.storage.embedded.codec import Damaged, compress, decompress
from watchroom.storage.embedded.head import Head, in_order
from watchroom.storage.embedded.histograms import assemble

INSERT = (
    "INSERT INTO chunks (series, start, ending, count, histogram, body) VALUES (?, ?, ?, ?, ?, ?)"
)

_SERIES_PER_QUERY = 500
_FLOAT_COLUMNS = 2


class Stored(NamedTuple):
    """One chunk as it lies in the database."""

    id: int
    series: int
    body: bytes


Report: TypeAlias = Callable[[Stored, str], None]


def rows(head: Head) -> list[tuple[Any, ...]]:
    """Return a head as rows for INSERT."""
    numbers = head.floats.keys() | head.rows.keys()
    return [_row(number, columns) for number in sorted(numbers) for columns in head.parts(number)]


def _row(number: int, columns: list[Any]) -> tuple[Any, ...]:
    times = columns[0]
    histogram = len(columns) > _FLOAT_COLUMNS
    return number, int(times[0]), int(times[-1]), len(times), histogram, compress(columns, number)


def read(
    database: sqlite3.Connection, numbers: Sequence[int], start: int, end: int, damaged: Report
) -> dict[int, list[list[Any]]]:
    """Return the columns of each series' chunks that reach into (start, end], oldest first.

    What cannot be read, or fails its checksum, goes to `damaged`.
    """
    parts: dict[int, list[list[Any]]] = {}
    for position in range(0, len(numbers), _SERIES_PER_QUERY):
        some = numbers[position : position + _SERIES_PER_QUERY]
        for each in _stored(database, some, start, end, damaged):
            try:
                parts.setdefault(each.series, []).append(decompress(each.body, each.series))
            except Damaged as error:
                damaged(each, str(error))
    return parts


def _stored(
    database: sqlite3.Connection, numbers: Sequence[int], start: int, end: int, damaged: Report
) -> list[Stored]:
    marks = ",".join("?" * len(numbers))
    query = (
        f"SELECT id, series, body FROM chunks WHERE series IN ({marks})"  # noqa: S608 - marks only
        " AND ending > ? AND start <= ? ORDER BY id"
    )
    try:
        return [Stored._make(row) for row in database.execute(query, (*numbers, start, end))]
    except sqlite3.DatabaseError:
        found = (_one_by_one(database, number, start, end, damaged) for number in numbers)
        return [each for stored in found for each in stored]


def _one_by_one(
    database: sqlite3.Connection, number: int, start: int, end: int, damaged: Report
) -> list[Stored]:
    """Read past pages that cannot be read: the index says which chunks there are."""
    found: list[Stored] = []
    listed = "SELECT id FROM chunks WHERE series = ? AND ending > ?"
    whole = "SELECT id, series, body FROM chunks WHERE id = ? AND start <= ?"
    for (chunk,) in database.execute(listed, (number, start)).fetchall():
        try:
            found += map(Stored._make, database.execute(whole, (chunk, end)).fetchall())
        except sqlite3.DatabaseError as error:
            damaged(Stored(chunk, number, b""), str(error))
    return sorted(found)


def joined(labels: Labels, parts: list[list[Any]], start: int, end: int) -> Series | None:
    """Return the series of several column sets, cut to (start, end]; None where nothing is left."""
    if not parts:
        return None
    if len(parts[0]) > _FLOAT_COLUMNS:
        kept = [part for part in parts if len(part) > _FLOAT_COLUMNS]
        histograms = assemble(labels, kept, start, end)
        return histograms if len(histograms.times) else None
    kept = [part for part in parts if len(part) == _FLOAT_COLUMNS]
    times, values = in_order(
        *(np.concatenate([part[column] for part in kept]) for column in (0, 1))
    )
    first, last = np.searchsorted(times, [start, end], side="right")
    if first == last:
        return None
    return FloatSeries(labels, times[first:last], values[first:last])
