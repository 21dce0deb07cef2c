"""The store: one writer that commits in groups, readers that see whole states and hold up nobody.

The head and the database change together: whoever reads takes a snapshot of both under the lock,
then decodes without it. The writer takes the lock only to let what it committed be seen.
"""

import json
import logging
import math
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from watchroom.model.event import Event
from watchroom.model.kind import Metadata
from watchroom.model.labels import Labels
from watchroom.storage.contract import (
    EVER,
    Aggregate,
    Exemplar,
    Matcher,
    Receipt,
    Series,
    StoreUnavailable,
    Watch,
    Write,
)
from watchroom.storage.embedded import backup, exemplars
from watchroom.storage.embedded.answers import Answer
from watchroom.storage.embedded.codec import Damaged, verify
from watchroom.storage.embedded.contents import Contents
from watchroom.storage.embedded.directory import COUNTS, FLOATS, LEAST, MOST, SUMS
from watchroom.storage.embedded.intake import Intake, Prepared, Transaction
from watchroom.storage.embedded.keeper import Keeper
from watchroom.storage.embedded.parts import HeadView, Parts
from watchroom.storage.embedded.pieces import (
    Reader,
    add_block,
    add_histograms_before,
    count,
    unwatched,
)
from watchroom.storage.embedded.schema import (
    FILE,
    Readers,
    StoreLocked,
    connect,
    lock,
    mark,
    transaction,
)
from watchroom.storage.embedded.writer import Writer

__all__ = ["EmbeddedStore", "StoreLocked"]

logger = logging.getLogger(__name__)

_KINDS: dict[Aggregate, int] = {
    "last": FLOATS,
    "min": LEAST,
    "max": MOST,
    "sum": SUMS,
    "count": COUNTS,
}


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
        self._figures = {"commits": 0, "writes": 0, "samples": 0, "duplicates": 0}
        self._rejected = 0
        self._commit_seconds = 0.0
        self._closed = False
        try:
            lost = dict[str, str]()
            if mark(self._lock_file) and _empty(directory / FILE):
                lost[FILE] = "it was missing or empty: a new one was begun"
            self._db = connect(directory, sync=sync, moment=now(), load=self._load, lost=lost)
            for what, reason in lost.items():
                self._contents.damage.keep(what, reason, b"")
        except BaseException:
            os.close(self._lock_file)
            raise
        contents = self._contents
        self._intake = Intake(self._db, contents, now, int(retention_seconds * 1000))
        self._readers = Readers(directory)
        self._keeper = Keeper(self._db, contents, self._readers, self._damaged, now)
        self._writer = Writer(self._commit, self._keeper.glance, self._keeper.crowded)
        self._keeper.start(self._writer)

    def append(self, write: Write) -> Future[Receipt]:
        """Make a write durable; if the future fails with StoreUnavailable, nothing is kept."""
        return self._writer.write(write)

    def select(
        self,
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        watch: Watch | None = None,
        aggregate: Aggregate = "last",
    ) -> list[Series]:
        """Return the series that match and have samples in (start, end]."""
        contents = self._contents
        with self._reading(), ExitStack() as stack:
            with contents.lock:
                database = stack.enter_context(self._readers.snapshot())
                wanted = np.array(contents.chosen(matchers, start, end), np.int64)
                names = {each: contents.index.labels[each] for each in wanted.tolist()}
                infos = contents.shelf.view()
                heads = [HeadView(portion, names) for portion in contents.head.portions()]
            parts = Parts(wanted)
            kind = _KINDS[aggregate]
            reader = Reader(database, contents.cache, self._damaged, watch or unwatched, kind)
            within = [info for info in infos if info.ending > start and info.start <= end]
            reader.watch(count(reader, parts, within, start, end))
            for head in heads:
                reader.watch(head.count(parts, start, end))
            for info in within:
                add_block(reader, parts, info, start, end)
            for rank, head in enumerate(heads):
                head.add(parts, (math.inf, rank), start, end)
            if parts.strands:
                add_histograms_before(reader, parts, infos, start)
        answer = Answer(parts, start, end, reader.watch, counting=aggregate == "count")
        found = list(answer.series(names))
        for number, reason in answer.damaged:
            self._damaged(f"a piece of series {number}", reason, b"")
        return found

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        """Return the labels of the series that match and may have samples in (start, end]."""
        with self._contents.lock:
            return [
                self._contents.index.labels[number]
                for number in self._contents.chosen(matchers, start, end)
            ]

    def label_names(
        self, matchers: Sequence[Matcher] = (), start: int = EVER[0], end: int = EVER[1]
    ) -> list[str]:
        """Return the names of the labels of what `series` would return, sorted."""
        with self._contents.lock:
            return self._contents.index.names(self._contents.among(matchers, start, end))

    def label_values(
        self,
        name: str,
        matchers: Sequence[Matcher] = (),
        start: int = EVER[0],
        end: int = EVER[1],
    ) -> list[str]:
        """Return the values that one label has among what `series` would return, sorted."""
        with self._contents.lock:
            return self._contents.index.values(name, self._contents.among(matchers, start, end))

    def exemplars(
        self, matchers: Sequence[Matcher], start: int, end: int
    ) -> list[tuple[Labels, list[Exemplar]]]:
        """Return the exemplars in (start, end] by series, oldest first."""
        with self._contents.lock:
            names = {
                each: self._contents.index.labels[each]
                for each in self._contents.index.match(matchers)
            }
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
        with self._contents.lock:
            return dict(self._contents.metadata)

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

    def coarse_until(self) -> int:
        """Return the time up to which some samples may be kept coarsely only."""
        with self._contents.lock:
            return self._contents.shelf.coarse_until

    def retain(self, oldest: int, coarse: int | None = None, most_bytes: int = 0) -> int:
        """Keep samples older than `oldest` coarsely, and forget those older than `coarse`."""
        return self._keeper.retain(oldest, coarse, most_bytes)

    def delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        """Forget what matching series have in (start, end]; return how many samples went."""

        def numbers() -> list[int]:
            with self._contents.lock:
                return self._contents.index.match(matchers)

        return self._keeper.delete(numbers, start, end)

    def restore(self, folder: Path) -> int:
        """Become what the copy in `folder` holds; return the samples that are then here.

        What was here is kept as `series.db.replaced-TIME`. Raises CannotCopy.
        """
        backup.check(folder)
        return self._keeper.alone(lambda: self._writer.do(lambda: self._adopt(folder)).result())

    def seal(self) -> None:
        """Turn the head into blocks now."""
        self._keeper.seal()

    def compact(self) -> None:
        """Turn the head into blocks and merge all of them, as far as that makes sense."""
        self._keeper.compact()

    def statistics(self) -> dict[str, Any]:
        """Return the store's own figures."""
        with self._contents.lock:
            return {
                "series": len(self._contents.index.labels),
                "head_samples": self._contents.head.samples,
                "blocks": len(self._contents.shelf),
                "chunks": self._contents.shelf.pieces,
                "chunk_samples": self._contents.shelf.samples,
                "bytes": _bytes(self._directory),
                "queue": self._writer.waiting(),
                "last_commit_seconds": self._commit_seconds,
                "rejected": self._rejected,
                "damage": [
                    {"what": what, "reason": reason}
                    for what, reason in self._contents.damage.found.items()
                ],
                **self._figures,
                **self._keeper.figures,
            }

    def close(self) -> None:
        """Flush and close; what was acknowledged stays. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._keeper.close()
        self._writer.close()
        self._readers.close()
        self._db.close()
        os.close(self._lock_file)

    # reading

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Name damage that a whole answer fails on. Raises StoreUnavailable."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            logger.exception("the database cannot be read")
            self._contents.damage.name("pages of the database", str(error))
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

    def _damaged(self, what: str, reason: str, body: bytes) -> None:
        damage = self._contents.damage
        if what not in damage.found:
            self._writer.do(lambda: damage.keep(what, reason, body))

    def _set_aside(self, table: str, row: int, what: str, reason: str, body: bytes) -> None:
        damage = self._contents.damage
        self._writer.do(lambda: damage.set_aside(table, row, what, reason, body))

    # what the writer's thread does

    def _commit(self, writes: list[Write]) -> list[Receipt]:
        began = time.perf_counter()
        learnt = Transaction()
        try:
            with transaction(self._db):
                prepared = [self._intake.prepare(write, learnt) for write in writes]
                self._db.execute("COMMIT")
        except BaseException:
            self._intake.forget(learnt)
            raise
        self._show(writes, prepared, learnt)
        self._commit_seconds = time.perf_counter() - began
        return [done.receipt for done in prepared]

    def _show(self, writes: list[Write], prepared: list[Prepared], learnt: Transaction) -> None:
        """Let readers see what was committed."""
        contents = self._contents
        with contents.lock:
            for write in writes:
                contents.metadata.update({each.name: each for each in write.metadata})
            for done in prepared:
                contents.take_in(done.floats, done.items)
            contents.head.states.update(learnt.states)
            contents.head.portion.floats.tidy()
        self._figures["commits"] += 1
        self._figures["writes"] += len(prepared)
        self._figures["samples"] += sum(done.receipt.samples for done in prepared)
        self._figures["duplicates"] += sum(done.receipt.duplicate for done in prepared)
        self._rejected += sum(len(done.receipt.rejected) for done in prepared)

    def _adopt(self, folder: Path) -> int:
        contents = self._contents
        with (
            backup.opened(folder) as copy,
            backup.kept(self._db, self._directory, int(self._now())) as before,
            contents.lock,  # nobody may see one store's head with the other's blocks
        ):
            copy.backup(self._db)
            try:
                contents.load(self._db)
            except BaseException:
                before.backup(self._db)
                contents.load(self._db)
                raise
        self._intake.begin()
        return contents.shelf.samples + contents.head.samples

    def _load(self, database: sqlite3.Connection) -> None:
        self._contents = Contents(self._now)
        self._contents.load(database)


def _bytes(directory: Path) -> int:
    """Return the bytes of the files in a folder, whatever comes and goes there meanwhile."""
    total = 0
    for path in directory.iterdir():
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _empty(file: Path) -> bool:
    return not file.exists() or not file.stat().st_size
