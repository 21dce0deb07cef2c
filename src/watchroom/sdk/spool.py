"""The spool: batches the server has not taken yet, on disk, in order, bounded.

One file per batch, named so that sorting gives the order, with a checksum in front. A folder
belongs to one process, which holds its lock; what a dead process left is adopted by the next.
"""

import fcntl
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

_SUFFIX = ".batch"
_MEMORY = 8


class Spool:
    """Batches that wait, oldest first. Where the disk fails, a few wait in memory instead."""

    def __init__(self, root: Path | None, own: str, limit: int) -> None:
        self._root = root
        self._own = own
        self._limit = limit
        self._folder: Path | None = None
        self._lock: int | None = None
        self._number = 0
        self._memory: list[bytes] = []
        self._waiting: list[Path] | None = None
        self.dropped = 0

    def add(self, body: bytes) -> None:
        """Keep a batch; the oldest go where there is no room."""
        try:
            self._write(body)
        except OSError:
            self._memory.append(body)
            while len(self._memory) > _MEMORY:
                self._memory.pop(0)
                self.dropped += 1

    def oldest(self) -> bytes | None:
        """Return the oldest batch, or None; a damaged one is counted and removed."""
        for path in list(self._paths()):
            body = _read(path)
            if body is not None:
                return body
            self.dropped += 1
            self._forget(path)
        return self._memory[0] if self._memory else None

    def remove_oldest(self) -> None:
        """Forget the batch that `oldest` returned."""
        paths = self._paths()
        if paths:
            self._forget(paths[0])
        elif self._memory:
            self._memory.pop(0)

    def size(self) -> int:
        """Return the bytes that wait."""
        return sum(_size(path) for path in self._paths()) + sum(map(len, self._memory))

    def adopt(self) -> None:
        """Take over what dead processes left."""
        if self._root is None or not self._root.is_dir():
            return
        for folder in sorted(self._root.iterdir()):
            if folder.name != self._own and folder.is_dir():
                self._take_over(folder)

    def close(self) -> None:
        """Let go of the folder; what waits in it is for the next process."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self._folder is not None and not self._paths():
            _remove(self._folder)
        self._folder = None

    def abandon(self) -> None:
        """Let go without a trace, as a forked child must: the folder stays the parent's."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self._folder = None
        self._waiting = None

    def _open(self) -> Path:
        if self._root is None or self._limit <= 0:
            raise OSError("there is no spool")
        if self._folder is None:
            folder = self._root / self._own
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _locked(folder)
            if self._lock is None:
                raise OSError("another process has this spool")
            self._folder = folder
        return self._folder

    def _write(self, body: bytes) -> None:
        folder = self._open()
        paths = self._paths()
        while paths and self.size() + len(body) > self._limit:
            self._forget(paths[0])
            paths = self._paths()
            self.dropped += 1
        self._number += 1
        path = folder / f"{self._number:012d}{_SUFFIX}"
        draft = path.with_suffix(".draft")
        try:
            draft.write_bytes(zlib.crc32(body).to_bytes(4, "big") + body)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self._paths().append(path)

    def _paths(self) -> list[Path]:
        if self._folder is None:
            return []
        if self._waiting is None:
            self._waiting = sorted(self._folder.glob(f"*{_SUFFIX}"))
        return self._waiting

    def _forget(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        if self._waiting and self._waiting[0] == path:
            self._waiting.pop(0)

    def _take_over(self, folder: Path) -> None:
        lock = _locked(folder)
        if lock is None:
            return  # its owner lives
        try:
            for path in sorted(folder.glob(f"*{_SUFFIX}")):
                body = _read(path)
                if body is not None:
                    self._write(body)
                path.unlink(missing_ok=True)
            _remove(folder)
        finally:
            os.close(lock)


def _read(path: Path) -> bytes | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    body = raw[4:]
    return body if len(raw) > 4 and zlib.crc32(body).to_bytes(4, "big") == raw[:4] else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _locked(folder: Path) -> int | None:
    """Return a descriptor that holds the folder's lock, or None where another has it."""
    try:
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _leftovers(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*.draft")
    yield folder / "lock"


def _remove(folder: Path) -> None:
    try:
        for path in _leftovers(folder):
            path.unlink(missing_ok=True)
        folder.rmdir()
    except OSError:
        pass  # not empty, or not ours: the next process looks again
