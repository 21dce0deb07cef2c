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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels
from watchroom.storage.contract import (
    HistogramSeries,
    Matcher,
    Receipt,
    Series,
    StoreUnavailable,
    Write,
)
from watchroom.storage.embedded import chunks, journal
from watchroom.storage.embedded.codec import Damaged, sign, verify
from watchroom.storage.embedded.head import Head
from watchroom.storage.embedded.histograms import difference
from watchroom.storage.embedded.index import Index
from watchroom.storage.embedded.journal import Increments
from watchroom.storage.embedded.schema import Readers, StoreLocked, connect, lock
from watchroom.storage.embedded.writer import Writer

__all__ = ["EmbeddedStore", "StoreLocked"]

logger = logging.getLogger(__name__)

_SEAL_SAMPLES = 400_000
_SEAL_SECONDS = 900.0
_FUTURE_MS = 600_000
_REMEMBER_MS = 2 * 86_400_000

States = dict[int, tuple[Histogram, int]]


class _Prepared(NamedTuple):
    """A write with its series numbered, as the journal has it."""

    floats: list[Any]
    increments: Increments
    receipt: Receipt


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

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Series]:
        """Return the series that match and have samples in (start, end]."""
        with self._reading(), ExitStack() as stack:
            with self._lock:
                database = stack.enter_context(self._readers.snapshot())
                names = {each: self._index.labels[each] for each in self._index.match(matchers)}
                fresh = {each: self._head.parts(each, start) for each in names}
                lives = self._head.lives(names, end)
            parts = chunks.read(database, list(names), start, end, self._damaged_chunk)
        found: list[Series] = []
        for number, labels in names.items():
            series = chunks.joined(labels, parts.get(number, []) + fresh[number], start, end)
            if isinstance(series, HistogramSeries):
                found.append(series._replace(life=lives.get(number)))
            elif series is not None:
                found.append(series)
        return found

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        """Return the labels of the series that match and may have samples in (start, end]."""
        del start, end  # the postings know no times, and a series too many is allowed
        with self._lock:
            return [self._index.labels[number] for number in self._index.match(matchers)]

    def label_values(self, name: str, matchers: Sequence[Matcher] = ()) -> list[str]:
        """Return the values of one label, sorted."""
        with self._lock:
            return self._index.values(name, matchers)

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
                    {"what": what, "reason": reason} for what, reason in self._damage.items()
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

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Name damage that a whole answer fails on. Raises StoreUnavailable."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            logger.exception("the database cannot be read")
            self._damage["pages of the database"] = str(error)
            raise StoreUnavailable(f"the store cannot read: {error}") from error

    def _event(self, seq: int, signed: str, time: int, name: str, *rest: str) -> Event | None:
        level, job, instance = rest
        try:
            payload = json.loads(verify(signed, time, name, *rest))
        except Damaged as error:
            what, reason = f"event {name} (row {seq})", str(error)
            self._writer.do(lambda: self._set_aside("events", seq, what, reason, signed.encode()))
            return None
        return Event(name, time, payload, level, job, instance)

    # what the writer's thread does

    def _commit(self, writes: list[Write]) -> list[Receipt]:
        began = time.perf_counter()
        learnt: list[int] = []
        states: States = {}
        try:
            self._db.execute("BEGIN IMMEDIATE")
            prepared = [self._prepare(write, states, learnt) for write in writes]
            self._db.execute("COMMIT")
        except BaseException:
            self._undo(learnt)
            raise
        self._show(writes, prepared)
        self._commit_seconds = time.perf_counter() - began
        return [done.receipt for done in prepared]

    def _show(self, writes: list[Write], prepared: list[_Prepared]) -> None:
        """Let readers see what was committed."""
        with self._lock:
            for write in writes:
                self._metadata.update({each.name: each for each in write.metadata})
            for done in prepared:
                if done.floats:
                    self._head.add_floats(*done.floats)
                self._head.add_histograms(done.increments)
        self._figures["commits"] += 1
        self._figures["writes"] += len(prepared)
        self._figures["samples"] += sum(done.receipt.samples for done in prepared)
        self._figures["duplicates"] += sum(done.receipt.duplicate for done in prepared)
        self._rejected += sum(len(done.receipt.rejected) for done in prepared)

    def _prepare(self, write: Write, states: States, learnt: list[int]) -> _Prepared:
        if self._duplicate(write.id):
            return _Prepared([], [], Receipt(0, duplicate=True))
        floats, refused = self._floats(write, learnt)
        increments, late = self._increments(write, states, learnt)
        self._remember(write)
        body = journal.encode(floats, increments)
        self._db.execute("INSERT INTO journal (body) VALUES (?)", (body,))
        rejected = tuple(sentence for sentence in (refused, late) if sentence)
        return _Prepared(
            floats, increments, Receipt(len(floats[0]) + len(increments), rejected=rejected)
        )

    def _duplicate(self, name: str) -> bool:
        if not name:
            return False
        moment = int(self._now() * 1000)
        cursor = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, moment))
        return cursor.rowcount == 0

    def _floats(self, write: Write, learnt: list[int]) -> tuple[list[Any], str]:
        times = np.asarray(write.times, np.int64)
        values = np.asarray(write.values, np.float64)
        numbers = np.array(self._numbers(write.series, learnt), np.int64)
        low, high = self._bounds()
        inside = (times > low) & (times <= high)
        if inside.all():
            return [numbers, times, values], ""
        kept = [column[inside] for column in (numbers, times, values)]
        return kept, _out_of_bounds(len(times) - len(kept[0]))

    def _increments(
        self,
        write: Write,
        states: States,
        learnt: list[int],
    ) -> tuple[Increments, str]:
        found = []
        low, high = self._bounds()
        for labels, moment, histogram in write.histograms:
            number = self._number(labels, learnt)
            before = self._head.states.get(number), self._head.newest.get(number, low)
            state, newest = states.get(number, before)
            if not newest < moment <= high:
                continue
            if number in self._lost:  # what it was before is not known: nothing can be added up
                self._lost.discard(number)
                self._head.states[number], self._head.newest[number] = histogram, moment
                continue
            found.append((number, difference(state, histogram, moment)))
            states[number] = (histogram, moment)
        refused = len(write.histograms) - len(found)
        late = f"{refused} histograms are not newer than the last of their series"
        return found, late if refused else ""

    def _bounds(self) -> tuple[int, int]:
        moment = int(self._now() * 1000)
        return moment - self._retention_ms, moment + _FUTURE_MS

    def _numbers(self, series: Sequence[Labels], learnt: list[int]) -> list[int]:
        numbers = list(map(self._index.ids.get, series))
        if None not in numbers:
            return numbers  # type: ignore[return-value]  # nearly every time
        return [self._number(labels, learnt) for labels in series]

    def _number(self, labels: Labels, learnt: list[int]) -> int:
        number = self._index.ids.get(labels)
        if number is None:
            cursor = self._db.execute("INSERT INTO series (labels) VALUES ('')")
            number = int(cursor.lastrowid or 0)
            signed = sign(json.dumps(labels), number)
            self._db.execute("UPDATE series SET labels = ? WHERE id = ?", (signed, number))
            with self._lock:
                self._index.add(number, labels)
            learnt.append(number)
        return number

    def _undo(self, learnt: list[int]) -> None:
        with self._lock:
            for number in learnt:
                self._index.remove(number)
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            logger.exception("the store could not roll back")

    def _remember(self, write: Write) -> None:
        for metadata in write.metadata:
            if self._metadata.get(metadata.name) != metadata:
                self._db.execute("REPLACE INTO metadata VALUES (?, ?, ?, ?)", metadata)
        self._db.executemany(
            "INSERT INTO events (time, name, level, job, instance, payload)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            map(_event_row, write.events),
        )

    def _maybe_seal(self) -> None:
        waited = self._now() - self._sealed_at >= _SEAL_SECONDS
        if self._head.samples >= _SEAL_SAMPLES or (waited and self._head.samples):
            self._seal()

    def _seal(self) -> None:
        rows = chunks.rows(self._head)
        states = [
            (number, journal.state_text(number, state, self._head.newest[number]))
            for number, state in self._head.states.items()
            if number not in self._lost
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(chunks.INSERT, rows)
            self._db.executemany("REPLACE INTO states VALUES (?, ?)", states)
            self._db.execute("DELETE FROM journal")
            with self._lock:
                self._db.execute("COMMIT")
                self._chunks += len(rows)
                self._chunk_samples += self._head.samples
                self._head.clear()
        except BaseException:
            self._undo([])
            raise
        self._sealed_at = self._now()
        self._figures["seals"] += 1

    def _damaged_chunk(self, chunk: chunks.Stored, reason: str) -> None:
        what = f"a chunk of series {chunk.series} (row {chunk.id})"
        self._writer.do(lambda: self._set_aside("chunks", chunk.id, what, reason, chunk.body))

    def _set_aside(self, table: str, row: int, what: str, reason: str, body: bytes) -> None:
        """Name a damaged row, and move it to where it is kept."""
        if what in self._damage:
            return  # two readers found it
        self._damage[what] = reason
        logger.error("%s is damaged (%s): set aside", what, reason)
        moment = int(self._now() * 1000)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))  # noqa: S608 - our own names
            self._db.execute(
                "INSERT INTO damage (found, what, reason, body) VALUES (?, ?, ?, ?)",
                (moment, what, reason, body),
            )
            self._db.execute("COMMIT")
        except sqlite3.Error:
            self._undo([])
            logger.exception("%s cannot be moved; it stays where it is", what)

    def _forget(self, oldest: int) -> int:
        old = "SELECT count(*), coalesce(sum(count), 0) FROM chunks WHERE ending < ?"
        seen = int(self._now() * 1000) - _REMEMBER_MS
        try:
            self._db.execute("BEGIN IMMEDIATE")
            gone, samples = self._db.execute(old, (oldest,)).fetchone()
            self._db.execute("DELETE FROM chunks WHERE ending < ?", (oldest,))
            self._db.execute("DELETE FROM events WHERE time < ?", (oldest,))
            self._db.execute("DELETE FROM seen WHERE time < ?", (seen,))
            empty = self._empty_series()
            self._db.executemany("DELETE FROM series WHERE id = ?", empty)
            self._db.executemany("DELETE FROM states WHERE series = ?", empty)
            self._db.execute("COMMIT")
        except BaseException:
            self._undo([])
            raise
        with self._lock:
            self._chunks -= gone
            self._chunk_samples -= samples
            for (number,) in empty:
                self._index.remove(number)
                self._head.forget(number)
        # Every step frees one page, and only a script is stepped to its end: it has no columns.
        self._db.executescript("PRAGMA incremental_vacuum")
        return int(samples)

    def _empty_series(self) -> list[tuple[int]]:
        """Return the series that have neither chunks nor samples in the head."""
        rows = self._db.execute(
            "SELECT id FROM series WHERE NOT EXISTS"
            " (SELECT 1 FROM chunks WHERE chunks.series = series.id)"
        )
        return [row for row in rows if row[0] not in self._head]

    # start

    def _load(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._index = Index()
        self._head = Head()
        self._metadata: dict[str, Metadata] = {}
        totals = db.execute("SELECT count(*), coalesce(sum(count), 0) FROM chunks")
        self._chunks, self._chunk_samples = totals.fetchone()
        self._damage = dict(db.execute("SELECT what, reason FROM damage ORDER BY id"))
        self._lost: set[int] = set()
        self._load_series(db)
        self._load_states(db)
        for name, kind, unit, text in db.execute("SELECT * FROM metadata"):
            self._metadata[name] = Metadata(name, Kind(kind), unit, text)
        for row, body in db.execute("SELECT seq, body FROM journal ORDER BY seq").fetchall():
            try:
                floats, increments = journal.decode(body)
            except Damaged as error:
                what = f"a journal entry (row {row})"
                self._set_aside("journal", row, what, str(error), body)
                continue
            self._head.add_floats(*floats)
            self._head.add_histograms(increments)

    def _load_series(self, db: sqlite3.Connection) -> None:
        for number, signed in db.execute("SELECT id, labels FROM series").fetchall():
            try:
                pairs = json.loads(verify(signed, number))
            except Damaged as error:
                what = f"the labels of series {number}"
                self._set_aside("series", number, what, str(error), signed.encode())
                continue
            self._index.add(number, tuple((name, value) for name, value in pairs))

    def _load_states(self, db: sqlite3.Connection) -> None:
        for number, signed in db.execute("SELECT series, body FROM states").fetchall():
            try:
                state, newest = journal.state_of(number, signed)
            except Damaged as error:
                logger.error("the state of series %d is damaged: %s", number, error)  # noqa: TRY400 - said in whole
                self._damage[f"the state of series {number}"] = str(error)
                self._lost.add(number)  # the row stays until the next seal replaces it
                continue
            self._head.states[number], self._head.newest[number] = state, newest


def _out_of_bounds(count: int) -> str:
    return f"{count} samples are older than the retention or more than 10 min in the future"


def _event_row(event: Event) -> tuple[Any, ...]:
    about = event.time, event.name, event.level, event.job, event.instance
    return (*about, sign(json.dumps(event.payload, default=str), *about))
