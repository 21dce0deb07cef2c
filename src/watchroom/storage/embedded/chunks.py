"""Chunks: what the head becomes when it is sealed, and how it is read back."""

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from watchroom.model.stale import is_stale
from watchroom.storage.contract import EVER, Watch
from watchroom.storage.embedded.codec import Damaged, compress, decompress
from watchroom.storage.embedded.head import Head
from watchroom.storage.embedded.histograms import Columns, Strand

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


class Parts:
    """The column sets of one series, each with the row it came from, which tells their order."""

    def __init__(self) -> None:
        self.floats: list[list[Any]] = []
        self._strands: dict[Strand, list[tuple[float, Columns]]] = {}

    def add(self, row: int, arrays: list[Any]) -> None:
        """Take in a chunk's arrays; floats come in the order they were written."""
        if len(arrays) == _FLOAT_COLUMNS:
            self.floats.append(arrays)
        else:
            *columns, bounds, gauge = arrays
            strand = tuple(bounds.tolist()), bool(gauge[0])
            self._strands.setdefault(strand, []).append((row, Columns(*columns)))

    def show(self, floats: list[Any] | None, strands: Sequence[tuple[Strand, Columns]]) -> None:
        """Take in what the head has, which is newer."""
        if floats is not None:
            self.floats.append(floats)
        for strand, columns in strands:
            self._strands.setdefault(strand, []).append((math.inf, columns))

    def strands(self) -> dict[Strand, list[Columns]]:
        """Return the columns of each strand in the order they were written."""
        return {
            strand: [columns for _, columns in sorted(parts, key=lambda part: part[0])]
            for strand, parts in self._strands.items()
        }

    def known_until(self, start: int) -> int | None:
        """Return the time up to which it is known what each strand was before `start`.

        None where there are no histograms.
        """
        if not self._strands:
            return None
        return min(
            max(_newest(columns, start) for _, columns in parts) for parts in self._strands.values()
        )


def _newest(columns: Columns, start: int) -> int:
    """Return the time of the newest sample up to `start` that is not stale."""
    seen = columns.times[: np.searchsorted(columns.times, start, side="right")]
    known = seen[~is_stale(columns.sums[: len(seen)])]
    return int(known[-1]) if len(known) else EVER[0]


Report: TypeAlias = Callable[[Stored, str], None]


def rows(head: Head) -> list[tuple[Any, ...]]:
    """Return a head as rows for INSERT."""
    numbers = sorted(head.floats.keys() | head.rows.keys())
    return [row(number, arrays) for number in numbers for arrays in _arrays(head, number)]


def row(number: int, arrays: Sequence[Any]) -> tuple[Any, ...]:
    """Return one chunk as a row for INSERT."""
    times = arrays[0]
    histogram = len(arrays) > _FLOAT_COLUMNS
    return number, int(times[0]), int(times[-1]), len(times), histogram, compress(arrays, number)


def strand_arrays(strand: Strand, columns: Columns) -> list[Any]:
    """Return the arrays of a strand's chunk."""
    bounds, gauge = strand
    return [*columns, np.array(bounds, np.float64), np.array([gauge], np.int64)]


def _arrays(head: Head, number: int) -> Iterator[list[Any]]:
    floats = head.float_columns(number)
    if floats is not None:
        yield floats
    for strand, columns in head.strands(number):
        yield strand_arrays(strand, columns)


def read(
    database: sqlite3.Connection,
    numbers: Sequence[int],
    start: int,
    end: int,
    damaged: Report,
    watch: Watch | None = None,
) -> dict[int, Parts]:
    """Return the columns of each series' chunks that reach into (start, end], oldest first.

    What cannot be read, or fails its checksum, goes to `damaged`. `watch` hears of all samples
    first, and is asked again before each chunk.
    """
    parts: dict[int, Parts] = {}
    if watch is not None:
        for position in range(0, len(numbers), _SERIES_PER_QUERY):
            watch(_count(database, numbers[position : position + _SERIES_PER_QUERY], start, end))
    for position in range(0, len(numbers), _SERIES_PER_QUERY):
        some = numbers[position : position + _SERIES_PER_QUERY]
        for each in _stored(database, some, start, end, damaged):
            if watch is not None:
                watch(0)
            try:
                arrays = decompress(each.body, each.series)
                parts.setdefault(each.series, Parts()).add(each.id, arrays)
            except Damaged as error:
                damaged(each, str(error))
    return parts


def add_before(
    database: sqlite3.Connection, number: int, parts: Parts, start: int, damaged: Report
) -> None:
    """Add the chunks that say what the histograms of a series were before the range."""
    query = (
        "SELECT ending, id, series, body FROM chunks WHERE series = ? AND ending <= ?"
        " AND histogram ORDER BY ending DESC"
    )
    for ending, *row in database.execute(query, (number, start)):
        known = parts.known_until(start)
        if known is None or ending < known:
            return
        found = Stored._make(row)
        try:
            parts.add(found.id, decompress(found.body, number))
        except Damaged as error:
            damaged(found, str(error))


def _count(database: sqlite3.Connection, numbers: Sequence[int], start: int, end: int) -> int:
    """Return how many samples there are in (start, end], if those of a chunk lie evenly."""
    marks = ",".join("?" * len(numbers))
    share = "(MIN(ending, ?) - MAX(start, ?) + 1.0) / (ending - start + 1.0)"
    query = (
        f"SELECT TOTAL(count * {share}) FROM chunks WHERE series IN ({marks})"  # noqa: S608
        " AND ending > ? AND start <= ?"
    )
    try:
        (count,) = database.execute(query, (end, start, *numbers, start, end)).fetchone()
    except sqlite3.DatabaseError:  # a damaged page is told of when it is read
        return 0
    return int(count)


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
