"""The shelf: which blocks are visible, and what each holds.

A block is visible once the shelf names it: its directory and body are written before, and removed
after, in transactions of their own, so that no commit is large.
"""

import sqlite3
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from watchroom.storage.contract import EVER, Times
from watchroom.storage.embedded.build import Built
from watchroom.storage.embedded.codec import Damaged, expand
from watchroom.storage.embedded.directory import HISTOGRAMS, Directory, check, decode

DAY_MS = 86_400_000
_DIRECTORIES = 256
_STAMP_SAMPLES = 1 << 21
"""Decoded sample times kept: 16 MB."""


class Info(NamedTuple):
    """One block. Of equal times, the sample in the block of the higher rank stands.

    It holds samples from `start` to `ending` of series from `low` to `high`, all of one period of
    `width` milliseconds. `level` says how often its samples were merged.
    """

    block: int
    rank: int
    width: int
    level: int
    start: int
    ending: int
    low: int
    high: int
    samples: int
    pieces: int
    bytes: int
    coarse: int = 0
    """Whether only what downsampling leaves is here."""

    @property
    def period(self) -> tuple[int, int]:
        """What blocks have in common that may be merged."""
        return self.width, self.start // self.width

    @property
    def signature(self) -> int:
        """A checksum of all of it."""
        return zlib.crc32(repr(tuple(self)).encode())


def info_of(block: int, like: Info, built: Built) -> Info:
    """Return what the shelf says of a block of the rank, width and level of another."""
    directory, body = built
    return Info(
        block,
        like.rank,
        like.width,
        like.level,
        int(directory.firsts.min()),
        int(directory.lasts.max()),
        int(directory.series[0]),
        int(directory.series[-1]),
        samples_of(directory),
        len(directory.series),
        len(body),
        like.coarse,
    )


def samples_of(directory: Directory) -> int:
    """Return how many samples a block holds; what a coarse one stands for is none of them."""
    return int(directory.counts[directory.kinds <= HISTOGRAMS].sum())


def new(rank: int, width: int) -> Info:
    """Return what blocks that are just sealed have in common."""
    return Info(0, rank, width, 0, 0, 0, 0, 0, 0, 0, 0)


class Shelf:
    """The visible blocks by rank. Its owner locks `put`, `take` and `view`."""

    def __init__(self) -> None:
        self._infos: dict[int, Info] = {}
        self.samples = 0
        self.pieces = 0

    def put(self, infos: Iterable[Info]) -> None:
        """Show blocks."""
        for info in infos:
            self._infos[info.block] = info
            self.samples += info.samples
            self.pieces += info.pieces

    def take(self, blocks: Iterable[int]) -> None:
        """Show blocks no more."""
        for block in blocks:
            info = self._infos.pop(block, None)
            if info is not None:
                self.samples -= info.samples
                self.pieces -= info.pieces

    @property
    def coarse_until(self) -> int:
        """The time of the newest sample of the coarse blocks."""
        return max((info.ending for info in self._infos.values() if info.coarse), default=EVER[0])

    def view(self) -> list[Info]:
        """Return the blocks in the order their samples were written."""
        return sorted(self._infos.values(), key=lambda info: (info.rank, info.block))

    def holds(self, blocks: Iterable[int]) -> bool:
        """Say whether all of these are visible."""
        return self._infos.keys() >= set(blocks)

    def __len__(self) -> int:
        return len(self._infos)


class Cache:
    """What was decoded of blocks, which never change. Bounded; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._directories: OrderedDict[int, Directory] = OrderedDict()
        self._stamps: OrderedDict[tuple[int, int], Times] = OrderedDict()
        self._samples = 0

    def directory(self, database: sqlite3.Connection, block: int) -> Directory:
        """Return a block's directory. Raises Damaged."""
        with self._lock:
            known = self._directories.get(block)
            if known is not None:
                self._directories.move_to_end(block)
                return known
        directory = read_directory(database, block)
        with self._lock:
            self._directories[block] = directory
            if len(self._directories) > _DIRECTORIES:
                self._directories.popitem(last=False)
        return directory

    def stamp(self, block: int, stamp: int) -> Times | None:
        """Return sample times, if they are here."""
        with self._lock:
            found = self._stamps.get((block, stamp))
            if found is not None:
                self._stamps.move_to_end((block, stamp))
            return found

    def keep(self, block: int, stamp: int, times: Times) -> None:
        """Remember sample times."""
        with self._lock:
            if (block, stamp) in self._stamps:
                return
            self._stamps[block, stamp] = times
            self._samples += len(times)
            while self._samples > _STAMP_SAMPLES and self._stamps:
                self._samples -= len(self._stamps.popitem(last=False)[1])


def read_directory(database: sqlite3.Connection, block: int) -> Directory:
    """Return a block's directory. Raises Damaged."""
    try:
        row = database.execute("SELECT directory FROM blocks WHERE id = ?", (block,)).fetchone()
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from error
    if row is None:
        raise Damaged("it is missing")
    return decode(row[0], block)


def decode_stamp(directory: Directory, stamp: int, piece: bytes) -> Times:
    """Return sample times. Raises Damaged."""
    if check(piece, -1) != int(directory.stamp_checks[stamp]):
        raise Damaged("checksum mismatch")
    times: Times = np.empty(int(directory.stamp_counts[stamp]), np.int64)
    expand(piece, times)
    times.flags.writeable = False
    return times


def load(database: sqlite3.Connection) -> tuple[list[Info], list[tuple[int, str]]]:
    """Return the blocks the shelf names, and those whose row is damaged with the reason."""
    infos: list[Info] = []
    damaged: list[tuple[int, str]] = []
    for *about, signature in database.execute("SELECT * FROM shelf ORDER BY block").fetchall():
        info = Info._make(about)
        if info.signature == signature:
            infos.append(info)
        else:
            damaged.append((info.block, "checksum mismatch"))
    return infos, damaged


def write(database: sqlite3.Connection, built: Built) -> int:
    """Write a block that nobody sees yet; return its number."""
    row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'blocks'").fetchone()
    block = (row[0] if row else 0) + 1
    database.execute(
        "INSERT INTO blocks VALUES (?, ?, ?)", (block, built.directory.encode(block), built.body)
    )
    return block


def show(database: sqlite3.Connection, infos: Sequence[Info], instead_of: Sequence[int]) -> None:
    """Make blocks visible, and others invisible."""
    hide(database, instead_of)
    marks = ", ".join("?" * (len(Info._fields) + 1))
    database.executemany(
        f"INSERT INTO shelf VALUES ({marks})",  # noqa: S608 - marks only
        [(*info, info.signature) for info in infos],
    )


def hide(database: sqlite3.Connection, blocks: Iterable[int]) -> None:
    """Make blocks invisible; `sweep` removes them."""
    database.executemany("DELETE FROM shelf WHERE block = ?", [(block,) for block in blocks])


def sweep(database: sqlite3.Connection) -> bool:
    """Remove one block that nobody sees; say whether there was one."""
    query = "SELECT id FROM blocks WHERE id NOT IN (SELECT block FROM shelf) LIMIT 1"
    row = database.execute(query).fetchone()
    if row is not None:
        database.execute("DELETE FROM blocks WHERE id = ?", row)
    return row is not None
