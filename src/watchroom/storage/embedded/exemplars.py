"""Exemplars: a table of the newest ones."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from watchroom.model.labels import Labels
from watchroom.storage.contract import Exemplar
from watchroom.storage.embedded.codec import sign, verify

MOST = 100_000
"""Exemplars kept; the oldest written go first."""

INSERT = "INSERT INTO exemplars (series, time, body) VALUES (?, ?, ?)"


def row(number: int, exemplar: Exemplar) -> tuple[Any, ...]:
    """Return an exemplar as a row for INSERT."""
    about = number, int(exemplar.time)
    text = json.dumps([float(exemplar.value).hex(), exemplar.labels])
    return (*about, sign(text, *about))


def read(
    database: sqlite3.Connection, numbers: Iterable[int], start: int, end: int
) -> Iterable[tuple[int, int, int, str]]:
    """Yield id, series, time and signed body of the exemplars in (start, end]."""
    query = (
        "SELECT id, series, time, body FROM exemplars"
        " WHERE series = ? AND time > ? AND time <= ? ORDER BY time, id"
    )
    for number in numbers:
        yield from database.execute(query, (number, start, end)).fetchall()


def exemplar_of(labels: Mapping[int, Labels], row: tuple[int, int, int, str]) -> Exemplar:
    """Return the exemplar of a row that `read` gave. Raises Damaged."""
    _, number, time, signed = row
    value, pairs = json.loads(verify(signed, number, time))
    found = tuple((name, text) for name, text in pairs)
    return Exemplar(labels[number], found, time, float.fromhex(value))


def trim(database: sqlite3.Connection, oldest: int) -> None:
    """Forget those before `oldest`, and all but the newest written."""
    database.execute("DELETE FROM exemplars WHERE time < ?", (oldest,))
    database.execute(
        "DELETE FROM exemplars WHERE id <= (SELECT max(id) FROM exemplars) - ?", (MOST,)
    )
