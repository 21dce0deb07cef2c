"""Copies of a whole store: taken while it is written, put back in one step."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from watchroom.storage.embedded.schema import FILE, check_layout, lock


class CannotCopy(Exception):
    """A backup or a restore cannot be done; the message says why, and what would help."""


def backup(data: Path, folder: Path) -> int:
    """Copy the store in `data` into an empty or new `folder`; return the bytes of the copy.

    The server may be running: the copy shows one moment, and holds up no writer.

    Raises:
        CannotCopy: there is no store, the folder holds something, or the disk does not take it.
    """
    source = _file_in(data)
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
    source = _file_in(folder)
    held = lock(data)
    try:
        target = data / FILE
        if target.exists() and not replace:
            raise CannotCopy(f"{data} holds a store already; --replace puts it aside first")
        waiting = target.with_name(f"{FILE}.restored")
        size = _copied(source, waiting)
        if target.exists():
            _link(target, int(now()))
        waiting.rename(target)
        _sync(data)
        return size
    finally:
        os.close(held)


def keep(database: sqlite3.Connection, directory: Path, moment: int) -> None:
    """Copy an open store beside itself, as `series.db.replaced-TIME`."""
    with closing(sqlite3.connect(directory / f"{FILE}.replaced-{moment}")) as copy:
        database.backup(copy)


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy for reading. Raises CannotCopy where it is none."""
    with _reading(_file_in(folder)) as source:
        yield source


def _file_in(folder: Path) -> Path:
    file = folder / FILE
    if not file.is_file():
        raise CannotCopy(f"{folder} holds no store: there is no {FILE} in it")
    return file


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CannotCopy(f"{folder} is not empty; name a new folder")
    except OSError as error:
        raise CannotCopy(f"{folder} cannot be written: {error.strerror}") from error


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
            check_layout(source, file)
            yield source
    except sqlite3.Error as error:
        raise CannotCopy(f"{file}: {error}") from error


def _copied(source: Path, target: Path) -> int:
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with _reading(source) as reader, closing(sqlite3.connect(partial)) as writer:
            reader.backup(writer)
        _sync(partial)
        partial.rename(target)
        _sync(target.parent)
    except (OSError, CannotCopy) as error:
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
