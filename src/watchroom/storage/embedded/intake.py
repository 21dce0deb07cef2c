"""From a write to rows: series numbered, samples checked, the journal entry made."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.event import Event
from watchroom.model.labels import Labels
from watchroom.model.stale import marks_stale
from watchroom.storage.contract import Receipt, Write
from watchroom.storage.embedded import exemplars, journal
from watchroom.storage.embedded.codec import sign
from watchroom.storage.embedded.contents import Contents, signature
from watchroom.storage.embedded.head import State
from watchroom.storage.embedded.histograms import LATE, Strand, row, strand_of, whole
from watchroom.storage.embedded.journal import Item
from watchroom.storage.embedded.runs import Columns

FUTURE_MS = 600_000
"""How far ahead of the clock samples are taken."""

States = dict[tuple[int, Strand], State]


class Prepared(NamedTuple):
    """A write as the journal has it."""

    floats: Columns | None
    items: list[Item]
    receipt: Receipt


class Transaction:
    """One commit in the making: what it learnt can be forgotten again."""

    def __init__(self) -> None:
        self.learnt: list[int] = []
        self.states: States = {}


class Intake:
    """Makes the rows of writes. Runs in the writer's thread; its owner begins and ends
    transactions."""

    def __init__(
        self,
        database: sqlite3.Connection,
        contents: Contents,
        now: Callable[[], float],
        retention_ms: int,
    ) -> None:
        self._db = database
        self._contents = contents
        self._now = now
        self._retention_ms = retention_ms
        self.begin()

    def begin(self) -> None:
        """Number new series as the database says."""
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'series'"
        row = self._db.execute(query).fetchone()
        self._next = int(row[0]) + 1 if row else 1

    def prepare(self, write: Write, transaction: Transaction) -> Prepared:
        """Insert what a write brings, and return what the head is to show of it."""
        if self._duplicate(write.id):
            return Prepared(None, [], Receipt(0, duplicate=True))
        numbers = self._numbers(write.series, transaction)
        floats, refused = self._floats(write, numbers)
        items, late = self._items(write, transaction)
        self._remember(write, transaction)
        if len(floats.times) or items:
            body = journal.encode(floats, items)
            self._db.execute("INSERT INTO journal (body) VALUES (?)", (body,))
        rejected = tuple(sentence for sentence in (refused, late) if sentence)
        return Prepared(floats, items, Receipt(len(floats.times) + len(items), rejected=rejected))

    def forget(self, transaction: Transaction) -> None:
        """Forget the series of a commit that failed."""
        with self._contents.lock:
            for number in transaction.learnt:
                self._contents.index.remove(number)

    def _duplicate(self, name: str) -> bool:
        if not name:
            return False
        moment = int(self._now() * 1000)
        cursor = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, moment))
        return cursor.rowcount == 0

    def _floats(self, write: Write, numbers: Any) -> tuple[Columns, str]:
        times = np.asarray(write.times, np.int64)
        values = np.asarray(write.values, np.float64)
        if write.owners is not None:
            numbers = numbers[np.asarray(write.owners, np.int64)]
        if not len(numbers) == len(times) == len(values):
            raise ValueError(
                f"a write has one time and one value for each sample, not {len(times)} times and "
                f"{len(values)} values for {len(numbers)} samples"
            )
        low, high = self._bounds()
        inside = (times > low) & (times <= high)
        if inside.all():
            return Columns(numbers, times, values), ""
        kept = Columns(numbers[inside], times[inside], values[inside])
        return kept, _out_of_bounds(len(times) - len(kept.times), "samples")

    def _items(self, write: Write, transaction: Transaction) -> tuple[list[Item], str]:
        found = []
        low, high = self._bounds()
        states = transaction.states
        for labels, moment, histogram in write.histograms:
            if not low < moment <= high:
                continue
            number, strand = self._number(labels, transaction), strand_of(histogram)
            key = number, strand
            state = states.get(key) or self._contents.head.states.get(key)
            if state is not None and moment <= state.time:
                found.append(Item(number, strand, whole(histogram, moment, LATE)))
                continue
            before = state.value if state else None
            found.append(Item(number, strand, row(before, histogram, moment)))
            states[key] = State(moment, before if marks_stale(histogram.sum) else histogram)
        refused = len(write.histograms) - len(found)
        return found, _out_of_bounds(refused, "histograms") if refused else ""

    def _bounds(self) -> tuple[int, int]:
        moment = int(self._now() * 1000)
        return moment - self._retention_ms, moment + FUTURE_MS

    def _numbers(self, series: Sequence[Labels], transaction: Transaction) -> Any:
        numbers = self._contents.index.numbers(series)
        if None in numbers:  # seldom
            numbers = [self._number(labels, transaction) for labels in series]
        return np.array(numbers, np.uint32)

    def _number(self, labels: Labels, transaction: Transaction) -> int:
        number = self._contents.index.ids.get(labels)
        if number is None:
            number = self._next
            self._next += 1
            row = number, sign(json.dumps(labels), number)
            self._db.execute("INSERT INTO series VALUES (?, ?)", row)
            with self._contents.lock:
                self._contents.index.add(number, labels)
            transaction.learnt.append(number)
        return number

    def _remember(self, write: Write, transaction: Transaction) -> None:
        for metadata in write.metadata:
            if self._contents.metadata.get(metadata.name) != metadata:
                row = (*metadata, signature(metadata))
                self._db.execute("REPLACE INTO metadata VALUES (?, ?, ?, ?, ?)", row)
        self._db.executemany(
            "INSERT INTO events (time, name, level, job, instance, payload)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            map(_event_row, write.events),
        )
        self._db.executemany(
            exemplars.INSERT,
            [
                exemplars.row(self._number(each.series, transaction), each)
                for each in write.exemplars
            ],
        )


def _out_of_bounds(count: int, what: str) -> str:
    return f"{count} {what} are older than the retention or more than 10 min in the future"


def _event_row(event: Event) -> tuple[Any, ...]:
    about = event.time, event.name, event.level, event.job, event.instance
    return (*about, sign(json.dumps(event.payload, default=str), *about))
