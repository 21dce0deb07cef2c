"""What the store knows in memory: read from the database at the start, changed with it after."""

import json
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import NAME, Labels, value_of
from watchroom.storage.contract import EVER, Matcher
from watchroom.storage.embedded import journal, shelf
from watchroom.storage.embedded.codec import Damaged, verify
from watchroom.storage.embedded.damage import Damage
from watchroom.storage.embedded.head import Head
from watchroom.storage.embedded.index import Index
from watchroom.storage.embedded.pieces import Reader, directory_of
from watchroom.storage.embedded.replay import Replay
from watchroom.storage.embedded.runs import Columns
from watchroom.storage.embedded.shelf import Cache, Info, Shelf
from watchroom.storage.embedded.spans import Spans

_CUMULATIVE = ("_total", "_count", "_sum", "_bucket")
_EXACT_SPANS = 512
"""Blocks whose directories are read at the start; of more, their bounds must do."""


class Contents:
    """Index, head, shelf and the rest; `lock` guards what readers see."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.lock = threading.Lock()
        self._now = now

    def load(self, database: sqlite3.Connection) -> None:
        """Become what the database holds."""
        self.index = Index()
        self.head = Head()
        self.shelf = Shelf()
        self.cache = Cache()
        self.spans = Spans()
        self.metadata: dict[str, Metadata] = {}
        self.damage = Damage(database, self._now)
        self._load_series(database)
        self._load_metadata(database)
        self._load_shelf(database)
        self._replay(database)

    def take_in(self, floats: Columns | None, items: Sequence[journal.Item]) -> None:
        """Append samples to the head."""
        portion = self.head.portion
        if floats is not None and len(floats.times):
            portion.floats.add(floats)
            first, last = int(floats.times.min()), int(floats.times.max())
            self.spans.widen(floats.numbers, first, last)
        if items:
            portion.add_histograms(items)
            for item in items:
                self.spans.widen(np.array([item.series]), item.row.time, item.row.time)

    def chosen(self, matchers: Sequence[Matcher], start: int, end: int) -> list[int]:
        """Return the series that match and may have samples in (start, end], ascending."""
        return self.spans.overlapping(self.index.match(matchers), start, end)

    def among(self, matchers: Sequence[Matcher], start: int, end: int) -> list[int] | None:
        """Return the same; None means all series."""
        everything = not matchers and (start, end) == EVER
        return None if everything else self.chosen(matchers, start, end)

    def cumulative(self, number: int) -> bool:
        """Say whether the values of a series only grow but for resets, by all that is known."""
        name = value_of(self.index.labels.get(number, ()), NAME)
        metadata = self.metadata.get(name)
        return name.endswith(_CUMULATIVE) or (
            metadata is not None and metadata.kind is Kind.COUNTER
        )

    def _load_series(self, database: sqlite3.Connection) -> None:
        for number, signed in database.execute("SELECT id, labels FROM series").fetchall():
            try:
                pairs = json.loads(verify(signed, number))
            except Damaged as error:
                what = f"the labels of series {number}"
                self.damage.set_aside("series", number, what, str(error), signed.encode())
                continue
            labels: Labels = tuple((name, value) for name, value in pairs)
            self.index.add(number, labels)

    def _load_metadata(self, database: sqlite3.Connection) -> None:
        for *about, signed in database.execute("SELECT * FROM metadata").fetchall():
            if signature(about) == signed:
                name, kind, unit, text = about
                self.metadata[name] = Metadata(name, Kind(kind), unit, text)
            else:
                self.damage.name(f"what {about[0]} says of itself", "checksum mismatch")

    def _load_shelf(self, database: sqlite3.Connection) -> None:
        infos, damaged = shelf.load(database)
        self.shelf.put(infos)
        for block, reason in damaged:
            self.damage.name(f"block {block}, as the shelf has it", reason)
        reader = Reader(database, self.cache, self.damage.keep)
        for info in infos:
            self._span(reader, info, exact=len(infos) <= _EXACT_SPANS)

    def _span(self, reader: Reader, info: Info, *, exact: bool) -> None:
        directory = directory_of(reader, info) if exact else None
        if directory is None:
            self.spans.widen_range(info.low, info.high, info.start, info.ending)
        else:
            self.spans.widen_each(directory.series, directory.firsts, directory.lasts)

    def _replay(self, database: sqlite3.Connection) -> None:
        replay = Replay(self.head.states)
        after: int | None = None
        for row, body in database.execute("SELECT seq, body FROM journal ORDER BY seq").fetchall():
            if after is not None and row != after + 1:
                replay.broken = True
                self._name_missing(after + 1, row)
            after = row
            try:
                floats, items = journal.decode(body)
            except Damaged as error:
                replay.broken = True
                what = f"a journal entry (row {row})"
                self.damage.set_aside("journal", row, what, str(error), body)
                continue
            items, lost = replay.follow(items)
            for number in lost:
                what = f"histograms of series {number} behind a damaged journal entry"
                self.damage.name(what, "what they add to is lost")
            self.take_in(floats, items)

    def _name_missing(self, first: int, end: int) -> None:
        for row in range(first, min(end, first + 100)):
            self.damage.name(f"a journal entry (row {row})", "it is missing")


def signature(metadata: Iterable[str]) -> int:
    """Return the checksum of what a metric says of itself."""
    return zlib.crc32("\0".join(metadata).encode())


def alive(contents: Contents, database: sqlite3.Connection) -> Any:
    """Return the series that have samples; None where a damaged directory hides who does."""
    found = [portion.series() for portion in contents.head.portions()]
    reader = Reader(database, contents.cache, contents.damage.keep)
    for info in contents.shelf.view():
        directory = directory_of(reader, info)
        if directory is None:
            return None
        found.append(directory.series)
    return np.unique(np.concatenate(found))
