"""From a write to rows: series numbered, samples checked, the journal entry made."""

import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.event import Event
from watchroom.model.kind import Metadata
from watchroom.model.labels import Labels
from watchroom.model.stale import marks_stale
from watchroom.storage.contract import Receipt, Write
from watchroom.storage.embedded import exemplars, journal
from watchroom.storage.embedded.codec import sign
from watchroom.storage.embedded.head import Head, State
from watchroom.storage.embedded.histograms import LATE, Strand, row, strand_of, whole
from watchroom.storage.embedded.index import Index
from watchroom.storage.embedded.journal import Item

FUTURE_MS = 600_000
"""How far ahead of the clock samples are taken."""

States = dict[tuple[int, Strand], State]


class Prepared(NamedTuple):
    """A write as the journal has it."""

    floats: list[Any]
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
        index: Index,
        head: Head,
        lock: threading.Lock,
        now: Callable[[], float],
        retention_ms: int,
    ) -> None:
        self._db = database
        self._index = index
        self._head = head
        self._lock = lock
        self._now = now
        self._retention_ms = retention_ms

    def prepare(
        self, write: Write, known: dict[str, Metadata], transaction: Transaction
    ) -> Prepared:
        """Insert what a write brings, and return what the head is to show of it."""
        if self._duplicate(write.id):
            return Prepared([], [], Receipt(0, duplicate=True))
        numbers = self._numbers(write.series, transaction)
        floats, refused = self._floats(write, numbers)
        items, late = self._items(write, transaction)
        self._remember(write, known, transaction)
        if len(floats[0]) or items:
            body = journal.encode(floats, items)
            self._db.execute("INSERT INTO journal (body) VALUES (?)", (body,))
        rejected = tuple(sentence for sentence in (refused, late) if sentence)
        return Prepared(floats, items, Receipt(len(floats[0]) + len(items), rejected=rejected))

    def forget(self, transaction: Transaction) -> None:
        """Forget the series of a commit that failed."""
        with self._lock:
            for number in transaction.learnt:
                self._index.remove(number)

    def _duplicate(self, name: str) -> bool:
        if not name:
            return False
        moment = int(self._now() * 1000)
        cursor = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, moment))
        return cursor.rowcount == 0

    def _floats(self, write: Write, numbers: Any) -> tuple[list[Any], str]:
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
            return [numbers, times, values], ""
        kept = [column[inside] for column in (numbers, times, values)]
        return kept, _out_of_bounds(len(times) - len(kept[0]), "samples")

    def _items(self, write: Write, transaction: Transaction) -> tuple[list[Item], str]:
        found = []
        low, high = self._bounds()
        states = transaction.states
        for labels, moment, histogram in write.histograms:
            if not low < moment <= high:
                continue
            number, strand = self._number(labels, transaction), strand_of(histogram)
            key = number, strand
            state = states.get(key) or self._head.states.get(key)
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
        numbers = list(map(self._index.ids.get, series))
        if None in numbers:  # seldom
            numbers = [self._number(labels, transaction) for labels in series]
        return np.array(numbers, np.int64)

    def _number(self, labels: Labels, transaction: Transaction) -> int:
        number = self._index.ids.get(labels)
        if number is None:
            cursor = self._db.execute("INSERT INTO series (labels) VALUES ('')")
            number = int(cursor.lastrowid or 0)
            signed = sign(json.dumps(labels), number)
            self._db.execute("UPDATE series SET labels = ? WHERE id = ?", (signed, number))
            with self._lock:
                self._index.add(number, labels)
            transaction.learnt.append(number)
        return number

    def _remember(self, write: Write, known: dict[str, Metadata], transaction: Transaction) -> None:
        for metadata in write.metadata:
            if known.get(metadata.name) != metadata:
                self._db.execute("REPLACE INTO metadata VALUES (?, ?, ?, ?)", metadata)
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
