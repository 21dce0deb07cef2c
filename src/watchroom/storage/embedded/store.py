"""The store: one writer that commits in groups, readers that see whole states and hold up nobody.

The head and the database change together: whoever reads takes a snapshot of both under the lock,
then decodes without it. The writer takes the lock only to let what it committed be seen.
"""

import json
import logging
import os
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from watchroom.model.event import Event
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels
from watchroom.storage.contract import (
    EVER,
    Exemplar,
    Matcher,
    Receipt,
    Series,
    StoreUnavailable,
    Watch,
    Write,
)
from watchroom.storage.embedded import backup, chunks, exemplars, forget, journal
from watchroom.storage.embedded.codec import Damaged, verify
from watchroom.storage.embedded.damage import Damage
from watchroom.storage.embedded.head import Head
from watchroom.storage.embedded.index import Index
from watchroom.storage.embedded.intake import Intake, Prepared, Transaction
from watchroom.storage.embedded.reading import Sharing, series_of
from watchroom.storage.embedded.replay import Replay
from watchroom.storage.embedded.schema import Readers, StoreLocked, connect, lock
from watchroom.storage.embedded.spans import Spans
from watchroom.storage.embedded.writer import Writer

__all__ = ["EmbeddedStore", "StoreLocked"]

logger = logging.getLogger(__name__)

_SEAL_SAMPLES = 400_000
_SEAL_SECONDS = 900.0


class EmbeddedStore:
    """Series and events in one SQLite file; what was acknowledged survives kill -9."""

    def __init__(
        self,
        directory: Path,
        *,
        sync: bool = True,
        now: Callable[[], float] = time.time,
        retention_seconds: float = 15 * 86400.0,
    ) -> None:
        self._lock_file = lock(directory)
        self._directory = directory
        self._now = now
        self._retention_ms = int(retention_seconds * 1000)
        self._lock = threading.Lock()
        self._figures = {"commits": 0, "writes": 0, "samples": 0, "duplicates": 0, "seals": 0}
        self._rejected = 0
        self._commit_seconds = 0.0
        self._closed = False
        try:
            self._db = connect(directory, sync=sync, moment=now(), load=self._load)
        except BaseException:
            os.close(self._lock_file)
            raise
        self._readers = Readers(directory)
        self._sealed_at = now()
        self._writer = Writer(self._commit, self._maybe_seal)

    def append(self, write: Write) -> Future[Receipt]:
        """Make a write durable; if the future fails with StoreUnavailable, nothing is kept."""
        return self._writer.write(write)

    def select(
        self,
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        watch: Watch | None = None,
    ) -> list[Series]:
        """Return the series that match and have samples in (start, end]."""
        with self._reading(), ExitStack() as stack:
            with self._lock:
                database = stack.enter_context(self._readers.snapshot())
                chosen = self._spans.overlapping(self._index.match(matchers), start, end)
                names = {each: self._index.labels[each] for each in chosen}
                floats = {each: self._head.float_columns(each, start) for each in chosen}
                strands = {each: self._head.strands(each) for each in chosen}
            if watch is not None:
                watch(sum(len(each[0]) for each in floats.values() if each is not None))
            parts = chunks.read(database, chosen, start, end, self._damaged_chunk, watch)
            for number in chosen:
                part = parts.setdefault(number, chunks.Parts())
                part.show(floats[number], strands[number])
                chunks.add_before(database, number, part, start, self._damaged_chunk)
        sharing = Sharing()
        return [
            series
            for number, labels in names.items()
            for series in series_of(labels, parts[number], start, end, sharing)
        ]

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        """Return the labels of the series that match and may have samples in (start, end]."""
        with self._lock:
            return [self._index.labels[number] for number in self._chosen(matchers, start, end)]

    def label_names(
        self, matchers: Sequence[Matcher] = (), start: int = EVER[0], end: int = EVER[1]
    ) -> list[str]:
        """Return the names of the labels of what `series` would return, sorted."""
        with self._lock:
            return self._index.names(self._among(matchers, start, end))

    def label_values(
        self,
        name: str,
        matchers: Sequence[Matcher] = (),
        start: int = EVER[0],
        end: int = EVER[1],
    ) -> list[str]:
        """Return the values that one label has among what `series` would return, sorted."""
        with self._lock:
            return self._index.values(name, self._among(matchers, start, end))

    def exemplars(
        self, matchers: Sequence[Matcher], start: int, end: int
    ) -> list[tuple[Labels, list[Exemplar]]]:
        """Return the exemplars in (start, end] by series, oldest first."""
        with self._lock:
            names = {each: self._index.labels[each] for each in self._index.match(matchers)}
        found: dict[Labels, list[Exemplar]] = defaultdict(list)
        with self._reading(), self._readers.snapshot() as database:
            for row in exemplars.read(database, names, start, end):
                try:
                    found[names[row[1]]].append(exemplars.exemplar_of(names, row))
                except Damaged as error:
                    what = f"an exemplar of series {row[1]} (row {row[0]})"
                    self._set_aside("exemplars", row[0], what, str(error), row[3].encode())
        return list(found.items())

    def metadata(self) -> dict[str, Metadata]:
        """Return what each metric says of itself."""
        with self._lock:
            return dict(self._metadata)

    def events(
        self,
        start: int,
        end: int,
        *,
        name: str | None = None,
        job: str | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        """Return the newest events in (start, end], newest first."""
        with self._reading(), self._readers.snapshot() as database:
            rows = database.execute(
                "SELECT seq, payload, time, name, level, job, instance FROM events"
                " WHERE time > ? AND time <= ? AND (?3 IS NULL OR name = ?3)"
                " AND (?4 IS NULL OR job = ?4) ORDER BY time DESC, seq DESC LIMIT ?5",
                (start, end, name, job, limit),
            ).fetchall()
        return [event for row in rows if (event := self._event(*row)) is not None]

    def retain(self, oldest: int) -> int:
        """Forget samples and events older than `oldest`; return how many samples went."""
        return self._writer.do(lambda: self._forget(oldest)).result()

    def delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        """Forget what matching series have in (start, end]; return how many samples went."""
        return self._writer.do(lambda: self._delete(matchers, start, end)).result()

    def restore(self, folder: Path) -> int:
        """Become what the copy in `folder` holds; return the samples that are then here.

        What was here is kept as `series.db.replaced-TIME`. Raises CannotCopy.
        """
        return self._writer.do(lambda: self._adopt(folder)).result()

    def seal(self) -> None:
        """Turn the head into chunks now."""
        self._writer.do(self._seal).result()

    def statistics(self) -> dict[str, Any]:
        """Return the store's own figures."""
        with self._lock:
            return {
                "series": len(self._index.labels),
                "head_samples": self._head.samples,
                "chunks": self._chunks,
                "chunk_samples": self._chunk_samples,
                "bytes": sum(path.stat().st_size for path in self._directory.iterdir()),
                "queue": self._writer.waiting(),
                "last_commit_seconds": self._commit_seconds,
                "rejected": self._rejected,
                "damage": [
                    {"what": what, "reason": reason} for what, reason in self._damage.found.items()
                ],
                **self._figures,
            }

    def close(self) -> None:
        """Flush and close; what was acknowledged stays. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._readers.close()
        self._db.close()
        os.close(self._lock_file)

    # reading

    def _chosen(self, matchers: Sequence[Matcher], start: int, end: int) -> list[int]:
        return self._spans.overlapping(self._index.match(matchers), start, end)

    def _among(self, matchers: Sequence[Matcher], start: int, end: int) -> list[int] | None:
        everything = not matchers and (start, end) == EVER
        return None if everything else self._chosen(matchers, start, end)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Name damage that a whole answer fails on. Raises StoreUnavailable."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            logger.exception("the database cannot be read")
            self._damage.name("pages of the database", str(error))
            raise StoreUnavailable(f"the store cannot read: {error}") from error

    def _event(self, seq: int, signed: str, time: int, name: str, *rest: str) -> Event | None:
        level, job, instance = rest
        try:
            payload = json.loads(verify(signed, time, name, *rest))
        except Damaged as error:
            what = f"event {name} (row {seq})"
            self._set_aside("events", seq, what, str(error), signed.encode())
            return None
        return Event(name, time, payload, level, job, instance)

    def _damaged_chunk(self, chunk: chunks.Stored, reason: str) -> None:
        what = f"a chunk of series {chunk.series} (row {chunk.id})"
        self._set_aside("chunks", chunk.id, what, reason, chunk.body)

    def _set_aside(self, table: str, row: int, what: str, reason: str, body: bytes) -> None:
        self._writer.do(lambda: self._damage.set_aside(table, row, what, reason, body))

    # what the writer's thread does

    def _commit(self, writes: list[Write]) -> list[Receipt]:
        began = time.perf_counter()
        transaction = Transaction()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            prepared = [
                self._intake.prepare(write, self._metadata, transaction) for write in writes
            ]
            self._db.execute("COMMIT")
        except BaseException:
            self._undo(transaction)
            raise
        self._show(writes, prepared, transaction)
        self._commit_seconds = time.perf_counter() - began
        return [done.receipt for done in prepared]

    def _show(
        self, writes: list[Write], prepared: list[Prepared], transaction: Transaction
    ) -> None:
        """Let readers see what was committed."""
        with self._lock:
            for write in writes:
                self._metadata.update({each.name: each for each in write.metadata})
            for done in prepared:
                self._take_in(done.floats, done.items)
            self._head.states.update(transaction.states)
        self._figures["commits"] += 1
        self._figures["writes"] += len(prepared)
        self._figures["samples"] += sum(done.receipt.samples for done in prepared)
        self._figures["duplicates"] += sum(done.receipt.duplicate for done in prepared)
        self._rejected += sum(len(done.receipt.rejected) for done in prepared)

    def _take_in(self, floats: list[Any], items: list[journal.Item]) -> None:
        if floats:
            self._head.add_floats(*floats)
            self._spans.widen(floats[0], floats[1], floats[1])
        if items:
            self._head.add_histograms(items)
            numbers = np.array([item.series for item in items], np.int64)
            times = np.array([item.row.time for item in items], np.int64)
            self._spans.widen(numbers, times, times)

    def _undo(self, transaction: Transaction | None = None) -> None:
        if transaction is not None:
            self._intake.forget(transaction)
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            logger.exception("the store could not roll back")

    def _maybe_seal(self) -> None:
        waited = self._now() - self._sealed_at >= _SEAL_SECONDS
        if self._head.samples >= _SEAL_SAMPLES or (waited and self._head.samples):
            self._seal()

    def _seal(self) -> None:
        rows = chunks.rows(self._head)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(chunks.INSERT, rows)
            self._db.execute("DELETE FROM journal")
            with self._lock:
                self._db.execute("COMMIT")
                self._chunks += len(rows)
                self._chunk_samples += sum(row[3] for row in rows)
                self._head.clear()
        except BaseException:
            self._undo()
            raise
        self._sealed_at = self._now()
        self._figures["seals"] += 1

    def _delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        if self._head.samples:
            self._seal()
        numbers = self._index.match(matchers)
        return self._removing(lambda: forget.within(self._db, numbers, start, end))

    def _forget(self, oldest: int) -> int:
        now = int(self._now() * 1000)
        return self._removing(lambda: forget.old(self._db, oldest, now))

    def _removing(self, remove: Callable[[], tuple[int, int]]) -> int:
        """Remove chunks, and the series that have none left."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            gone, samples = remove()
            empty = self._empty_series()
            self._db.executemany("DELETE FROM series WHERE id = ?", empty)
            self._db.executemany("DELETE FROM exemplars WHERE series = ?", empty)
            self._db.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        with self._lock:
            self._chunks -= gone
            self._chunk_samples -= samples
            for (number,) in empty:
                self._index.remove(number)
        # Every step frees one page, and only a script is stepped to its end: it has no columns.
        self._db.executescript("PRAGMA incremental_vacuum")
        return int(samples)

    def _empty_series(self) -> list[tuple[int]]:
        """Return the series that have neither chunks nor samples in the head."""
        rows = self._db.execute(
            "SELECT id FROM series WHERE NOT EXISTS"
            " (SELECT 1 FROM chunks WHERE chunks.series = series.id)"
        )
        return [row for row in rows if row[0] not in self._head and row[0] in self._index.labels]

    def _adopt(self, folder: Path) -> int:
        with backup.opened(folder) as copy:
            backup.keep(self._db, self._directory, int(self._now()))
            with self._lock:  # nobody may see one store's head with the other's chunks
                copy.backup(self._db)
                self._load(self._db)
        return int(self._chunk_samples + self._head.samples)

    # start

    def _load(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._index = Index()
        self._head = Head()
        self._spans = Spans()
        self._intake = Intake(
            db, self._index, self._head, self._lock, self._now, self._retention_ms
        )
        self._metadata: dict[str, Metadata] = {}
        totals = db.execute("SELECT count(*), coalesce(sum(count), 0) FROM chunks")
        self._chunks, self._chunk_samples = totals.fetchone()
        self._damage = Damage(db, self._now)
        self._load_series(db)
        for name, kind, unit, text in db.execute("SELECT * FROM metadata"):
            self._metadata[name] = Metadata(name, Kind(kind), unit, text)
        spans = "SELECT series, min(start), max(ending) FROM chunks GROUP BY series"
        for span in db.execute(spans):
            self._spans.widen(*(np.array([each], np.int64) for each in span))
        self._replay(db)

    def _replay(self, db: sqlite3.Connection) -> None:
        replay = Replay(self._head.states)
        for row, body in db.execute("SELECT seq, body FROM journal ORDER BY seq").fetchall():
            try:
                floats, items = journal.decode(body)
            except Damaged as error:
                replay.broken = True
                what = f"a journal entry (row {row})"
                self._damage.set_aside("journal", row, what, str(error), body)
                continue
            items, lost = replay.follow(items)
            for number in lost:
                what = f"histograms of series {number} behind a damaged journal entry"
                self._damage.name(what, "what they add to is lost")
            self._take_in(floats, items)

    def _load_series(self, db: sqlite3.Connection) -> None:
        for number, signed in db.execute("SELECT id, labels FROM series").fetchall():
            try:
                pairs = json.loads(verify(signed, number))
            except Damaged as error:
                what = f"the labels of series {number}"
                self._damage.set_aside("series", number, what, str(error), signed.encode())
                continue
            self._index.add(number, tuple((name, value) for name, value in pairs))
