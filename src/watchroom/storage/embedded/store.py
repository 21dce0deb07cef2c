"""The store: one writer thread that commits in groups, readers that see whole states."""

import json
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels
from watchroom.storage.contract import (
    FloatSeries,
    HistogramSeries,
    Matcher,
    Receipt,
    Series,
    StoreUnavailable,
    Write,
)
from watchroom.storage.embedded.codec import Damaged, compress, decompress, pack, unpack
from watchroom.storage.embedded.head import Head, in_order
from watchroom.storage.embedded.histograms import Increment, assemble, difference
from watchroom.storage.embedded.index import Index
from watchroom.storage.embedded.schema import StoreLocked, connect, lock

__all__ = ["EmbeddedStore", "StoreLocked"]

logger = logging.getLogger(__name__)

_SEAL_SAMPLES = 400_000
_SEAL_SECONDS = 900.0
_GROUP = 256
_QUEUE = 4096
_FUTURE_MS = 600_000
_REMEMBER_MS = 2 * 86_400_000


class _Job(NamedTuple):
    write: Write | None
    future: Future[Any]
    task: Callable[[], Any] | None = None


class _Prepared(NamedTuple):
    """A write with its series numbered, ready for the journal."""

    floats: list[Any]
    increments: list[tuple[int, Increment]]
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
        self._lock = threading.RLock()
        try:
            self._db = connect(directory, sync=sync, moment=now(), load=self._load)
        except BaseException:
            os.close(self._lock_file)
            raise
        self._figures = {"commits": 0, "writes": 0, "samples": 0, "duplicates": 0, "seals": 0}
        self._rejected = 0
        self._commit_seconds = 0.0
        self._sealed_at = now()
        self._jobs: queue.Queue[_Job | None] = queue.Queue(_QUEUE)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="watchroom-store", daemon=True)
        self._thread.start()

    def append(self, write: Write) -> Future[Receipt]:
        """Make a write durable; if the future fails with StoreUnavailable, nothing is kept."""
        return self._submit(_Job(write, Future()))

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Series]:
        """Return the series that match and have samples in (start, end]."""
        with self._lock:
            numbers = self._index.match(matchers)
            names = {number: self._index.labels[number] for number in numbers}
            chunks = self._chunks(numbers, start, end)
            floats = {number: self._head.columns(number, start) for number in numbers}
            rows = {
                number: self._head.rows[number].columns(start)
                for number in numbers
                if number in self._head.rows
            }
            lives = {
                number: self._head.states[number].count
                for number in numbers
                if self._head.newest.get(number, end + 1) <= end
            }
        found: list[Series] = []
        for number in numbers:
            parts = self._decoded(number, chunks.get(number, []))
            if number in rows:
                parts.append(rows[number])
            fresh = floats[number]
            if fresh is not None:
                parts.append(fresh)
            series = _series(names[number], parts, start, end)
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
        with self._lock:
            rows = self._db.execute(
                "SELECT name, time, payload, level, job, instance FROM events"
                " WHERE time > ? AND time <= ? AND (?3 IS NULL OR name = ?3)"
                " AND (?4 IS NULL OR job = ?4) ORDER BY time DESC, seq DESC LIMIT ?5",
                (start, end, name, job, limit),
            ).fetchall()
        return [Event(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows]

    def retain(self, oldest: int) -> int:
        """Forget samples and events older than `oldest`; return how many samples went."""
        future: Future[int] = self._submit(_Job(None, Future(), lambda: self._forget(oldest)))
        return future.result()

    def seal(self) -> None:
        """Turn the head into chunks now."""
        self._submit(_Job(None, Future(), self._seal)).result()

    def statistics(self) -> dict[str, Any]:
        """Return the store's own figures."""
        with self._lock:
            chunk = self._db.execute("SELECT count(*), coalesce(sum(count), 0) FROM chunks")
            chunks, samples = chunk.fetchone()
            damage = self._db.execute("SELECT what, reason FROM damage ORDER BY id").fetchall()
            return {
                "series": len(self._index.labels),
                "head_samples": self._head.samples,
                "chunks": chunks,
                "chunk_samples": samples,
                "bytes": sum(path.stat().st_size for path in self._directory.iterdir()),
                "queue": self._jobs.qsize(),
                "last_commit_seconds": self._commit_seconds,
                "rejected": self._rejected,
                "damage": [{"what": what, "reason": reason} for what, reason in damage],
                **self._figures,
            }

    def close(self) -> None:
        """Flush and close; what was acknowledged stays."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._refuse_late()
        self._db.close()
        os.close(self._lock_file)

    # the writer

    def _submit(self, job: _Job) -> Future[Any]:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            job.future.set_exception(StoreUnavailable("too many writes wait", retry_after=1.0))
        return job.future

    def _refuse_late(self) -> None:
        """Answer what came in behind the end of the queue."""
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            if job is not None and job.future.set_running_or_notify_cancel():
                job.future.set_exception(StoreUnavailable("the store is closed"))

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            if job.task is not None:
                _settle(job.future, job.task)
                continue
            last = self._commit_group(self._group(job))
            try:
                self._maybe_seal()
            except Exception:
                logger.exception("the head could not be sealed; it stays in the journal")
            if last is None:
                continue
            if last.task is None:
                return
            _settle(last.future, last.task)

    def _group(self, first: _Job) -> list[_Job]:
        group = [first]
        while len(group) < _GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            group.append(job or _Job(None, Future()))
            if group[-1].write is None:
                break
        return group

    def _commit_group(self, group: list[_Job]) -> _Job | None:
        """Commit the writes together; return the job behind them that is none."""
        other = group.pop() if group[-1].write is None else None
        jobs = [(job, job.write) for job in group if job.write is not None]
        # A write that was cancelled while it waited has nobody to answer to.
        self._commit_jobs([pair for pair in jobs if pair[0].future.set_running_or_notify_cancel()])
        return other

    def _commit_jobs(self, jobs: list[tuple[_Job, Write]]) -> None:
        if not jobs:
            return
        began = time.perf_counter()
        learnt: list[tuple[int, Labels]] = []
        try:
            prepared = self._commit(jobs, learnt)
        except Exception as error:  # noqa: BLE001 - the border of the writer's loop
            self._undo(learnt)
            self._fail(jobs, _unavailable(error))
            return
        self._commit_seconds = time.perf_counter() - began
        self._figures["commits"] += 1
        for (job, _), done in zip(jobs, prepared, strict=True):
            job.future.set_result(done.receipt)

    def _fail(self, jobs: list[tuple[_Job, Write]], failure: Exception) -> None:
        if len(jobs) > 1 and not isinstance(failure, StoreUnavailable):
            # One malformed write must not take its neighbours with it.
            for pair in jobs:
                self._commit_jobs([pair])
            return
        for job, _ in jobs:
            job.future.set_exception(failure)

    def _commit(
        self, jobs: list[tuple[_Job, Write]], learnt: list[tuple[int, Labels]]
    ) -> list[_Prepared]:
        prepared: list[_Prepared] = []
        states: dict[int, tuple[Histogram, int]] = {}
        self._db.execute("BEGIN IMMEDIATE")
        for _, write in jobs:
            if self._duplicate(write.id):
                prepared.append(_Prepared([], [], Receipt(0, duplicate=True)))
            else:
                prepared.append(self._prepare(write, states, learnt))
        self._db.execute("COMMIT")
        with self._lock:
            for _, write in jobs:
                self._metadata.update({each.name: each for each in write.metadata})
            for done in prepared:
                if done.floats:
                    self._head.add_floats(*done.floats)
                self._head.add_histograms(done.increments)
        self._figures["writes"] += len(prepared)
        self._figures["samples"] += sum(done.receipt.samples for done in prepared)
        self._figures["duplicates"] += sum(done.receipt.duplicate for done in prepared)
        return prepared

    def _duplicate(self, name: str) -> bool:
        if not name:
            return False
        moment = int(self._now() * 1000)
        cursor = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, moment))
        return cursor.rowcount == 0

    def _prepare(
        self,
        write: Write,
        states: dict[int, tuple[Histogram, int]],
        learnt: list[tuple[int, Labels]],
    ) -> _Prepared:
        floats, refused = self._floats(write, learnt)
        increments, late = self._increments(write, states, learnt)
        self._remember(write)
        body = _journal(floats, increments)
        self._db.execute("INSERT INTO journal (body) VALUES (?)", (body,))
        rejected = [sentence for sentence in (refused, late) if sentence]
        self._rejected += len(rejected)
        count = len(floats[0]) + len(increments)
        return _Prepared(floats, increments, Receipt(count, rejected=tuple(rejected)))

    def _floats(self, write: Write, learnt: list[tuple[int, Labels]]) -> tuple[list[Any], str]:
        times = np.asarray(write.times, np.int64)
        values = np.asarray(write.values, np.float64)
        numbers = np.fromiter(
            (self._number(labels, learnt) for labels in write.series), np.int64, len(times)
        )
        low, high = self._bounds()
        inside = (times > low) & (times <= high)
        if inside.all():
            return [numbers, times, values], ""
        kept = [column[inside] for column in (numbers, times, values)]
        return kept, _out_of_bounds(len(times) - len(kept[0]))

    def _increments(
        self,
        write: Write,
        states: dict[int, tuple[Histogram, int]],
        learnt: list[tuple[int, Labels]],
    ) -> tuple[list[tuple[int, Increment]], str]:
        found = []
        low, high = self._bounds()
        for labels, moment, histogram in write.histograms:
            number = self._number(labels, learnt)
            before = self._head.states.get(number), self._head.newest.get(number, low)
            state, newest = states.get(number, before)
            if not newest < moment <= high:
                continue
            found.append((number, difference(state, histogram, moment)))
            states[number] = (histogram, moment)
        refused = len(write.histograms) - len(found)
        late = f"{refused} histograms are not newer than the last of their series"
        return found, late if refused else ""

    def _bounds(self) -> tuple[int, int]:
        moment = int(self._now() * 1000)
        return moment - self._retention_ms, moment + _FUTURE_MS

    def _number(self, labels: Labels, learnt: list[tuple[int, Labels]]) -> int:
        number = self._index.ids.get(labels)
        if number is None:
            cursor = self._db.execute(
                "INSERT INTO series (labels) VALUES (?)", (json.dumps(labels),)
            )
            number = int(cursor.lastrowid or 0)
            with self._lock:
                self._index.add(number, labels)
            learnt.append((number, labels))
        return number

    def _undo(self, learnt: list[tuple[int, Labels]]) -> None:
        with self._lock:
            for number, _ in learnt:
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
            [
                (each.time, each.name, each.level, each.job, each.instance, _json(each.payload))
                for each in write.events
            ],
        )

    # chunks

    def _maybe_seal(self) -> None:
        waited = self._now() - self._sealed_at >= _SEAL_SECONDS
        if self._head.samples >= _SEAL_SAMPLES or (waited and self._head.samples):
            self._seal()

    def _seal(self) -> None:
        chunks = [*self._float_chunks(), *self._histogram_chunks()]
        states = [
            (number, _state(state, self._head.newest[number]))
            for number, state in self._head.states.items()
        ]
        try:
            with self._lock:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany(
                    "INSERT INTO chunks (series, start, ending, count, histogram, body)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    chunks,
                )
                self._db.executemany("REPLACE INTO states VALUES (?, ?)", states)
                self._db.execute("DELETE FROM journal")
                self._db.execute("COMMIT")
                self._head.clear()
        except BaseException:
            self._undo([])
            raise
        self._sealed_at = self._now()
        self._figures["seals"] += 1

    def _float_chunks(self) -> list[tuple[Any, ...]]:
        found = []
        for number in self._head.floats:
            columns = self._head.columns(number)
            if columns is not None:
                found.append((number, *_chunk(columns, 0)))
        return found

    def _histogram_chunks(self) -> list[tuple[Any, ...]]:
        return [(number, *_chunk(rows.columns(), 1)) for number, rows in self._head.rows.items()]

    def _chunks(
        self, numbers: list[int], start: int, end: int
    ) -> dict[int, list[tuple[int, bytes]]]:
        found: dict[int, list[tuple[int, bytes]]] = {}
        for position in range(0, len(numbers), 500):
            part = numbers[position : position + 500]
            marks = ",".join("?" * len(part))
            query = (
                f"SELECT series, id, body FROM chunks WHERE series IN ({marks})"  # noqa: S608 - marks only
                " AND ending > ? AND start <= ? ORDER BY id"
            )
            for number, chunk, body in self._db.execute(query, (*part, start, end)):
                found.setdefault(number, []).append((chunk, body))
        return found

    def _decoded(self, number: int, chunks: list[tuple[int, bytes]]) -> list[list[Any]]:
        parts = []
        for chunk, body in chunks:
            try:
                parts.append(decompress(body))
            except Damaged as error:
                self._quarantine("chunks", chunk, f"a chunk of series {number}", str(error), body)
        return parts

    def _quarantine(self, table: str, row: int, what: str, reason: str, body: bytes) -> None:
        """Move a damaged row aside, and say which."""
        logger.error("%s is damaged (%s): set aside", what, reason)
        key = "seq" if table == "journal" else "id"
        moment = int(self._now() * 1000)

        def move() -> None:
            with self._lock:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute(f"DELETE FROM {table} WHERE {key} = ?", (row,))  # noqa: S608 - our own names
                self._db.execute(
                    "INSERT INTO damage (found, what, reason, body) VALUES (?, ?, ?, ?)",
                    (moment, f"{what} (row {row})", reason, body),
                )
                self._db.execute("COMMIT")

        if hasattr(self, "_thread"):
            self._submit(_Job(None, Future(), move))
        else:
            move()

    def _forget(self, oldest: int) -> int:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            gone = self._db.execute(
                "SELECT coalesce(sum(count), 0) FROM chunks WHERE ending < ?", (oldest,)
            ).fetchone()[0]
            self._db.execute("DELETE FROM chunks WHERE ending < ?", (oldest,))
            self._db.execute("DELETE FROM events WHERE time < ?", (oldest,))
            moment = int(self._now() * 1000)
            self._db.execute("DELETE FROM seen WHERE time < ?", (moment - _REMEMBER_MS,))
            self._db.execute("COMMIT")
            self._forget_series()
            # Every step frees one page: only fetching all of them frees all.
            self._db.execute("PRAGMA incremental_vacuum").fetchall()
        return int(gone)

    def _forget_series(self) -> None:
        """Forget the series that have neither chunks nor samples in the head."""
        kept = {row[0] for row in self._db.execute("SELECT DISTINCT series FROM chunks")}
        kept |= self._head.floats.keys() | self._head.rows.keys()
        gone = [number for number in self._index.labels if number not in kept]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM series WHERE id = ?", [(each,) for each in gone])
        self._db.executemany("DELETE FROM states WHERE series = ?", [(each,) for each in gone])
        self._db.execute("COMMIT")
        for number in gone:
            self._index.remove(number)
            self._head.states.pop(number, None)
            self._head.newest.pop(number, None)

    # start

    def _load(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._index = Index()
        self._head = Head()
        self._metadata: dict[str, Metadata] = {}
        for number, text in self._db.execute("SELECT id, labels FROM series"):
            self._index.add(number, tuple((name, value) for name, value in json.loads(text)))
        for number, text in self._db.execute("SELECT series, body FROM states"):
            self._head.states[number], self._head.newest[number] = _stated(text)
        for name, kind, unit, text in self._db.execute("SELECT * FROM metadata"):
            self._metadata[name] = Metadata(name, Kind(kind), unit, text)
        for row, body in self._db.execute("SELECT seq, body FROM journal ORDER BY seq").fetchall():
            try:
                floats, increments = _journaled(body)
            except Damaged as error:
                self._quarantine("journal", row, "a journal entry", str(error), body)
                continue
            self._head.add_floats(*floats)
            self._head.add_histograms(increments)


def _settle(future: Future[Any], task: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(task())
    except Exception as error:  # noqa: BLE001 - the border of the writer's loop
        future.set_exception(_unavailable(error))


def _unavailable(error: Exception) -> Exception:
    if isinstance(error, sqlite3.Error | OSError):
        full = "full" in str(error).lower() or getattr(error, "errno", 0) == 28
        return StoreUnavailable(f"the store cannot write: {error}", full=full)
    return error


def _out_of_bounds(count: int) -> str:
    return f"{count} samples are older than the retention or more than 10 min in the future"


def _json(payload: Any) -> str:
    return json.dumps(payload, default=str)


def _series(labels: Labels, parts: list[list[Any]], start: int, end: int) -> Series | None:
    if not parts:
        return None
    if len(parts[0]) > 2:
        histograms = assemble(labels, [part for part in parts if len(part) > 2], start, end)
        return histograms if len(histograms.times) else None
    kept = [part for part in parts if len(part) == 2]
    times, values = in_order(*(np.concatenate([part[i] for part in kept]) for i in (0, 1)))
    first, last = np.searchsorted(times, [start, end], side="right")
    if first == last:
        return None
    return FloatSeries(labels, times[first:last], values[first:last])


def _chunk(columns: list[Any], histogram: int) -> tuple[Any, ...]:
    times = columns[0]
    body = compress(columns)
    return int(times[0]), int(times[-1]), len(times), histogram, body


def _journal(floats: list[Any], increments: list[tuple[int, Increment]]) -> bytes:
    ints = [
        (number, each.time, each.count, each.zeros, each.scale, each.reset, len(each.buckets))
        for number, each in increments
    ]
    sums = np.array([each.sum for _, each in increments], np.float64)
    index = [key for _, each in increments for key in each.buckets]
    delta = [count for _, each in increments for count in each.buckets.values()]
    flat = np.array(ints, np.int64).reshape(-1)
    return pack([*floats, flat, sums, np.array(index, np.int64), np.array(delta, np.int64)])


def _journaled(body: bytes) -> tuple[list[Any], list[tuple[int, Increment]]]:
    *floats, flat, sums, index, delta = unpack(body)
    increments = []
    position = 0
    for row, total in zip(flat.reshape(-1, 7).tolist(), sums.tolist(), strict=True):
        number, moment, count, zeros, scale, reset, size = row
        part = slice(position, position + size)
        buckets = dict(zip(index[part].tolist(), delta[part].tolist(), strict=True))
        position += size
        increment = Increment(moment, count, total, zeros, scale, buckets, bool(reset))
        increments.append((number, increment))
    return floats, increments


def _state(state: Histogram, newest: int) -> str:
    return json.dumps([newest, *state[:3], dict(state.positive), dict(state.negative), state.scale])


def _stated(text: str) -> tuple[Histogram, int]:
    newest, count, total, zeros, positive, negative, scale = json.loads(text)
    above, below = ({int(index): n for index, n in side.items()} for side in (positive, negative))
    return Histogram(count, total, zeros, above, below, scale), newest
