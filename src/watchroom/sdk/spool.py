"""The spool: batches the server has not taken yet, on disk, in order, bounded.

One file per batch, named so that sorting gives the order, with a checksum in front. A folder
belongs to one process, which holds its lock; what a dead process left is adopted by the next.
"""

import fcntl
import os
import threading
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_SUFFIX = ".batch"
_MEMORY = 8


class _Waiting(NamedTuple):
    path: Path
    size: int


class Spool:
    """Batches that wait, oldest first. Where the disk fails, a few wait in memory instead."""

    def __init__(self, root: Path | None, own: str, limit: int) -> None:
        self._root = root
        self._own = own
        self._limit = limit
        self._folder: Path | None = None
        self._lock: int | None = None
        self._number = 0
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._memory: deque[bytes] = deque()
        self._adding = threading.Lock()  # at the exit, two threads may
        self.dropped = 0

    def add(self, body: bytes) -> None:
        """Keep a batch; the oldest go where there is no room."""
        with self._adding:
            self._memory.append(body)
            try:
                while self._memory:  # what waited for the disk to heal goes before what is new
                    self._write(self._memory[0])
                    self._memory.popleft()
            except OSError:
                while len(self._memory) > _MEMORY:
                    self._memory.popleft()
                    self.dropped += 1

    def oldest(self) -> bytes | None:
        """Return the oldest batch, or None; a damaged one is counted and removed."""
        while self._waiting:
            body = _read(self._waiting[0].path)
            if body is not None:
                return body
            self.dropped += 1
            self._forget_oldest()
        return self._memory[0] if self._memory else None

    def remove_oldest(self) -> None:
        """Forget the batch that `oldest` returned."""
        if self._waiting:
            self._forget_oldest()
        elif self._memory:
            self._memory.popleft()

    def size(self) -> int:
        """Return the bytes that wait."""
        return self._bytes + sum(map(len, self._memory))

    def adopt(self) -> None:
        """Take over what dead processes left. What cannot be taken stays for the next."""
        for folder in self._others():
            with suppress(OSError):
                self._take_over(folder)

    def close(self) -> None:
        """Let go of the folder; what waits in it is for the next process."""
        empty = not self._waiting
        folder = self._folder
        self.abandon()
        if folder is not None and empty:
            _remove(folder)

    def abandon(self) -> None:
        """Let go without a trace, as a forked child must: the folder stays the parent's."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self._folder = None
        self._waiting.clear()
        self._bytes = 0

    def _others(self) -> list[Path]:
        if self._root is None:
            return []
        try:
            found = sorted(self._root.iterdir())
        except OSError:
            return []
        return [each for each in found if each.name != self._own and each.is_dir()]

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
        path = self._next_path()
        draft = path.with_suffix(".draft")
        try:
            size = draft.write_bytes(zlib.crc32(body).to_bytes(4, "big") + body)
            self._make_room(size)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self._keep(path, size)

    def _next_path(self) -> Path:
        folder = self._open()
        self._number += 1
        return folder / f"{self._number:012d}{_SUFFIX}"

    def _keep(self, path: Path, size: int) -> None:
        self._waiting.append(_Waiting(path, size))
        self._bytes += size

    def _make_room(self, size: int) -> None:
        while self._waiting and self._bytes + size > self._limit:
            self._forget_oldest()
            self.dropped += 1

    def _forget_oldest(self) -> None:
        gone = self._waiting.popleft()
        self._bytes -= gone.size
        gone.path.unlink(missing_ok=True)

    def _take_over(self, folder: Path) -> None:
        lock = _locked(folder)
        if lock is None:
            return  # its owner lives
        try:
            for path in sorted(folder.glob(f"*{_SUFFIX}")):
                size = path.stat().st_size
                self._make_room(size)
                own = self._next_path()
                path.replace(own)  # takes no room on a full disk
                self._keep(own, size)
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
