"""The database: one file, one writer, and a lock that keeps a second process out."""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchroom.storage.contract import StoreUnavailable
from watchroom.storage.embedded import log

logger = logging.getLogger(__name__)

FILE = "series.db"
_LAYOUT = 4
_SCHEMA = f"""
PRAGMA user_version = {_LAYOUT};
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY AUTOINCREMENT, labels TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_by_time ON seen (time);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, directory BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS shelf (
    block INTEGER PRIMARY KEY, rank INTEGER NOT NULL, width INTEGER NOT NULL,
    level INTEGER NOT NULL, start INTEGER NOT NULL, ending INTEGER NOT NULL, low INTEGER NOT NULL,
    high INTEGER NOT NULL, samples INTEGER NOT NULL, pieces INTEGER NOT NULL,
    bytes INTEGER NOT NULL, coarse INTEGER NOT NULL, signature INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS exemplars (
    id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, time INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS exemplars_of_series ON exemplars (series, time);
CREATE TABLE IF NOT EXISTS metadata (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, help TEXT NOT NULL,
    signature INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, name TEXT NOT NULL, level TEXT NOT NULL,
    job TEXT NOT NULL, instance TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_time ON events (time);
CREATE INDEX IF NOT EXISTS events_by_name ON events (name, time);
CREATE TABLE IF NOT EXISTS damage (
    id INTEGER PRIMARY KEY, found INTEGER NOT NULL, what TEXT NOT NULL, reason TEXT NOT NULL,
    body BLOB NOT NULL);
"""


class StoreLocked(StoreUnavailable):
    """Another process has the data directory open."""


def lock(directory: Path) -> int:
    """Return a descriptor that keeps others out. Raises StoreLocked."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise StoreLocked(
            f"{directory} is in use by another process; stop it or choose another directory"
        ) from None
    return descriptor


def mark(descriptor: int) -> bool:
    """Say whether a store was here before, and remember that one is here now."""
    known = os.fstat(descriptor).st_size > 0
    if not known:
        os.write(descriptor, b"watchroom\n")
    return known


def connect(
    directory: Path,
    *,
    sync: bool,
    moment: float,
    load: Callable[[sqlite3.Connection], None],
    lost: dict[str, str],
) -> sqlite3.Connection:
    """Open the database and load it; one that cannot be read is moved aside, a new one begun.

    What is lost by that, or at the end of its log, goes into `lost`.
    """
    file = directory / FILE
    wal = file.with_name(f"{FILE}-wal")
    content = log.content(wal)
    try:
        database, unread = _opened(file, sync=sync, load=load, last=log.last_commit(content))
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"{file}: {error}") from error
    except sqlite3.DatabaseError as error:
        lost[FILE] = f"it could not be read ({error}): moved aside, a new one was begun"
        logger.error("%s cannot be read (%s): moved aside, starting afresh", file, error)  # noqa: TRY400 - the reason says it all
        _move_aside(file, moment)
        return _opened(file, sync=sync, load=load, last=0)[0]
    if unread:
        copy = wal.with_name(f"{wal.name}.damaged-{int(moment)}")
        lost[f"the end of {wal.name}"] = f"{unread}; a copy is kept as {copy.name}"
        logger.error("the end of %s: %s", wal, unread)
        copy.write_bytes(content)
    return database


def _move_aside(file: Path, moment: float) -> None:
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(part.with_name(f"{part.name}.damaged-{int(moment)}"))


def _opened(
    file: Path, *, sync: bool, load: Callable[[sqlite3.Connection], None], last: int
) -> tuple[sqlite3.Connection, str]:
    """Return the database, and what was not read of a log whose last commit ended in a frame."""
    connection, unread = _open(file, sync=sync, last=last)
    try:
        load(connection)
    except BaseException:
        connection.close()
        raise
    return connection, unread


def _open(file: Path, *, sync: bool, last: int) -> tuple[sqlite3.Connection, str]:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = _text
        check_layout(connection, file)
        unread = log.unread(connection, last)  # before a write begins the log anew
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if sync else 'NORMAL'}")
        connection.execute("PRAGMA cache_size = -8192")
        connection.execute("PRAGMA journal_size_limit = 16777216")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection, unread


def connect_to_read(directory: Path) -> sqlite3.Connection:
    """Open a database that may be written meanwhile. Raises StoreUnavailable, sqlite3.Error."""
    file = directory / FILE
    if not file.is_file():
        raise StoreUnavailable(f"{directory} holds no store: there is no {FILE} in it")
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        connection.text_factory = _text
        check_layout(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def check_layout(connection: sqlite3.Connection, file: Path) -> None:
    """Refuse a database of another layout. Raises StoreUnavailable."""
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if tables and layout != _LAYOUT:
        raise StoreUnavailable(
            f"{file} has layout {layout}, this version reads layout {_LAYOUT}; choose another "
            "folder, or run the version that wrote it"
        )


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Hold a transaction that is rolled back unless the block commits it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        if database.in_transaction:
            try:
                database.execute("ROLLBACK")
            except sqlite3.Error:
                logger.exception("the store could not roll back")


def _text(raw: bytes) -> str:
    """Return a text as it is; where bits flipped in it, its checksum will say so."""
    return raw.decode(errors="replace")


class Readers:
    """Connections that only read: each shows what was committed when its snapshot was taken."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / FILE
        self._idle: list[sqlite3.Connection] = []

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Hold the state as it is now, whatever is written meanwhile."""
        connection = self._take()
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM series LIMIT 1").fetchone()  # takes the snapshot
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def close(self) -> None:
        """Close those that are idle; nobody may be reading."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        connection.text_factory = _text
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -2048")
        return connection
