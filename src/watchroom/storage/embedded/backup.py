"""Copies of a whole store: taken while it is written, put back in one step."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from watchroom.storage.contract import StoreUnavailable
from watchroom.storage.embedded.schema import FILE, connect_to_read, lock


class CannotCopy(Exception):
    """A backup or a restore cannot be done; the message says why, and what would help."""


def backup(data: Path, folder: Path) -> int:
    """Copy the store in `data` into an empty or new `folder`; return the bytes of the copy.

    The server may be running: the copy shows one moment, and holds up no writer.

    Raises:
        CannotCopy: there is no store, the folder holds something, or the disk does not take it.
    """
    with opened(data) as source:
        _prepare(folder)
        return _copied(source, folder / FILE)


def restore(
    folder: Path, data: Path, *, replace: bool, now: Callable[[], float] = time.time
) -> int:
    """Put a copy into a data folder that no server has open; return the bytes of the store.

    With `replace` the store that is there is kept beside it as `series.db.replaced-TIME`.

    Raises:
        CannotCopy: there is no copy, or a store is there already and is not to be replaced.
        StoreLocked: a server has the folder open.
    """
    held = lock(data)
    try:
        target = data / FILE
        if target.exists() and not replace:
            raise CannotCopy(f"{data} holds a store already; --replace puts it aside first")
        waiting = target.with_name(f"{FILE}.restored")
        check(folder)
        with opened(folder) as source:
            size = _copied(source, waiting)
        if target.exists():
            _link(target, int(now()))
        waiting.rename(target)
        _sync(data)
        return size
    finally:
        os.close(held)


@contextmanager
def kept(
    database: sqlite3.Connection, directory: Path, moment: int
) -> Iterator[sqlite3.Connection]:
    """Copy an open store beside itself as `series.db.replaced-TIME`; it goes if the block fails."""
    file = directory / f"{FILE}.replaced-{moment}"
    with ExitStack() as stack:
        stack.callback(file.unlink, missing_ok=True)
        copy = stack.enter_context(closing(sqlite3.connect(file)))
        database.backup(copy)
        yield copy
        stack.pop_all()
        copy.close()


def check(folder: Path) -> None:
    """Read a copy to its end. Raises CannotCopy where its structure is damaged."""
    with opened(folder) as copy:
        try:
            (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise CannotCopy(
            f"{folder / FILE} is damaged ({' '.join(found.split())}); take another copy, or what "
            "SQLite's .recover makes of this one"
        )


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CannotCopy(f"{folder} is not empty; name a new folder")
    except OSError as error:
        raise CannotCopy(f"{folder} cannot be written: {error.strerror}") from error


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a store for reading. Raises CannotCopy where it is none."""
    try:
        with closing(connect_to_read(folder)) as source:
            yield source
    except (sqlite3.Error, StoreUnavailable) as error:
        raise CannotCopy(str(error)) from error


def _copied(source: sqlite3.Connection, target: Path) -> int:
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(partial)) as writer:
            source.backup(writer)
        _sync(partial)
        partial.rename(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise CannotCopy(f"the copy could not be made: {error}") from error
    return target.stat().st_size


def _link(target: Path, moment: int) -> None:
    """Keep the store under another name too, so that at no moment there is none."""
    with closing(sqlite3.connect(target)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # its log is of no other database
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    os.link(target, target.with_name(f"{FILE}.replaced-{moment}"))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
