"""Reading everything a data folder holds, to name what is damaged. Nothing is changed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from watchroom.storage.contract import EVER, StoreUnavailable
from watchroom.storage.embedded import journal, shelf
from watchroom.storage.embedded.answers import Answer
from watchroom.storage.embedded.codec import Damaged, verify
from watchroom.storage.embedded.directory import FLOATS, KINDS
from watchroom.storage.embedded.parts import Parts
from watchroom.storage.embedded.pieces import Reader, add_block, directory_of
from watchroom.storage.embedded.schema import connect_to_read
from watchroom.storage.embedded.shelf import Cache, Info


class Finding(NamedTuple):
    """Something damaged, and why that is known."""

    what: str
    reason: str


class Verdict(NamedTuple):
    """What a folder holds. `findings` are damaged now; `aside` was set aside before."""

    series: int
    blocks: int
    samples: int
    journal: int
    events: int
    findings: tuple[Finding, ...]
    aside: tuple[Finding, ...]


def checked(data: Path) -> Verdict:
    """Read everything in a data folder, which a server may have open.

    Raises:
        StoreUnavailable: there is no store, or it cannot be opened at all.
    """
    try:
        with closing(connect_to_read(data)) as database:
            database.execute("BEGIN")  # one moment, whatever is written meanwhile
            return _checked(database)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{data} cannot be read: {error}") from error


def _checked(database: sqlite3.Connection) -> Verdict:
    findings = list(_pages(database))
    counts = {}
    for what, test in (
        ("series", lambda row: verify(row[1], row[0])),
        ("journal", lambda row: journal.decode(row[1])),
        ("events", lambda row: verify(row[6], *row[1:6])),
        ("exemplars", lambda row: verify(row[3], *row[1:3])),
    ):
        counts[what] = _rows(database, what, test, findings)
    infos, damaged = shelf.load(database)
    findings += [Finding(f"block {block}, as the shelf has it", why) for block, why in damaged]
    for info in infos:
        _block(database, info, findings)
    return Verdict(
        counts["series"],
        len(infos),
        sum(info.samples for info in infos),
        counts["journal"],
        counts["events"],
        tuple(findings),
        tuple(Finding(*row) for row in database.execute("SELECT what, reason FROM damage")),
    )


def _pages(database: sqlite3.Connection) -> Iterator[Finding]:
    try:
        for (line,) in database.execute("PRAGMA quick_check"):
            if line != "ok":
                yield Finding("pages of the database", line)
    except sqlite3.DatabaseError as error:
        yield Finding("pages of the database", str(error))


def _rows(
    database: sqlite3.Connection,
    table: str,
    test: Callable[[tuple], object],  # type: ignore[type-arg]  # a row of any table
    findings: list[Finding],
) -> int:
    count = 0
    try:
        for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            count += 1
            try:
                test(row)
            except Damaged as error:
                findings.append(Finding(f"{table}, row {row[0]}", str(error)))
    except sqlite3.DatabaseError as error:
        findings.append(Finding(f"{table}, behind row {count}", str(error)))
    return count


def _block(database: sqlite3.Connection, info: Info, findings: list[Finding]) -> None:
    def damaged(what: str, reason: str, _body: bytes) -> None:
        finding = Finding(what, reason)
        if finding not in findings:
            findings.append(finding)

    for kind in KINDS if info.coarse else (FLOATS,):
        reader = Reader(database, Cache(), damaged, kind=kind)
        directory = directory_of(reader, info)
        if directory is None:
            return
        parts = Parts(np.unique(directory.series))
        add_block(reader, parts, info, *EVER)
        answer = Answer(parts, *EVER)
        for number in parts.wanted.tolist():
            answer.floats(number, ())
        for number, reason in answer.damaged:
            damaged(f"a piece of series {number} in block {info.block}", reason, b"")
