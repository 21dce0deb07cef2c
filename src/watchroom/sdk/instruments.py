"""Instruments: the hot path appends a raw fact, the drain adds it up later.

Appending to and popping from a deque are atomic under the interpreter's lock, so recording takes
no lock of its own. Each instrument holds a bounded number of facts that wait for the drain; what
comes on top of them is dropped and counted.
"""

import math
from collections import Counter as Tally
from collections import deque
from typing import Any, Protocol

from watchroom.model.histogram import SCALE, Histogram
from watchroom.model.kind import Kind, Metadata

Values = tuple[str, ...]
OVERFLOW = "other"
"""The label value that takes what comes after the limit on series; totals stay exact."""
_FACTOR = 2.0**SCALE


class Owner(Protocol):
    """What an instrument needs of the registry it belongs to."""

    buffer_size: int

    def dropped(self, reason: str, count: int = 1) -> None:
        """Count facts that were refused."""

    def wake(self) -> None:
        """Ask for a drain before its time."""

    def admit(self) -> bool:
        """Say whether one more series may be made."""


class Cell:
    """One series of an instrument as it grows."""

    __slots__ = ("changed", "count", "fresh", "negative", "positive", "sum", "value", "zeros")

    def __init__(self) -> None:
        self.value = 0.0
        self.count = 0
        self.sum = 0.0
        self.zeros = 0
        self.positive: dict[int, int] = {}
        self.negative: dict[int, int] = {}
        self.fresh = True
        self.changed = True

    def observe(self, value: float) -> None:
        """Add one value to the distribution."""
        self.changed = True
        self.count += 1
        self.sum += value
        if value > 0.0:
            index = math.ceil(math.log2(value) * _FACTOR) - 1
            self.positive[index] = self.positive.get(index, 0) + 1
        elif value < 0.0:
            index = math.ceil(math.log2(-value) * _FACTOR) - 1
            self.negative[index] = self.negative.get(index, 0) + 1
        else:
            self.zeros += 1

    def observe_positive(self, values: list[float]) -> None:
        """Add many finite values, all above zero, at the price of a few calls into C."""
        self.changed = True
        self.count += len(values)
        self.sum += sum(values)
        ceil, log2 = math.ceil, math.log2
        positive = self.positive
        for above, times in Tally([ceil(log2(value) * _FACTOR) for value in values]).items():
            positive[above - 1] = positive.get(above - 1, 0) + times

    def histogram(self) -> Histogram:
        """Return the distribution so far."""
        return Histogram(self.count, self.sum, self.zeros, self.positive, self.negative)


class Instrument:
    """What all instruments share: a name, label names, waiting facts, cells."""

    kind = Kind.GAUGE

    def __init__(self, owner: Owner, name: str, labels: Values, unit: str, text: str) -> None:
        self.metadata = Metadata(name, self.kind, unit, text)
        self.labels = labels
        self.cells: dict[Values, Cell] = {}
        self._owner = owner
        self._pending: deque[Any] = deque()
        self.bound()

    def bound(self) -> None:
        """Take the owner's bound on what may wait."""
        self._half = self._owner.buffer_size // 2

    def drain(self) -> None:
        """Add up what waits. Only one thread may drain at a time."""
        pending = self._pending
        pop = pending.popleft
        facts = [pop() for _ in range(len(pending))]
        try:
            self._take(facts)
        except TypeError:  # raised before anything is added up: a label without a hash
            self._take(self._hashable(facts))

    def forget(self) -> None:
        """Begin anew at zero, as a forked child does: the parent sends what it recorded."""
        self._pending = deque()
        self.cells = {}

    def _hashable(self, facts: list[Any]) -> list[Any]:
        """Return the facts whose labels and value may be looked up; count the others."""
        kept = []
        for fact in facts:
            try:
                hash(fact)
            except TypeError:
                self._owner.dropped("bad_label")
            else:
                kept.append(fact)
        return kept

    def _take(self, facts: list[Any]) -> None:
        raise NotImplementedError

    def _full(self, waiting: int) -> bool:
        """Wake the drain at half full; say whether there is no room left."""
        if waiting == self._half:
            self._owner.wake()
        if waiting < self._owner.buffer_size:
            return False
        self._owner.dropped("buffer_full")
        return True

    def _cell(self, values: Values) -> Cell | None:
        cell = self.cells.get(values)
        return self._new(values) if cell is None else cell

    def _new(self, values: Values) -> Cell | None:
        if len(values) != len(self.labels):
            self._owner.dropped("label_count")
            return None
        key = tuple(str(value)[:1024] for value in values)
        if key not in self.cells and not self._owner.admit():
            self._owner.dropped("series_limit_folded")
            key = (OVERFLOW,) * len(self.labels)
        return self.cells.setdefault(key, Cell())


class Counter(Instrument):
    """A sum that only grows."""

    kind = Kind.COUNTER

    def inc(self, *values: str) -> None:
        """Add one to the series with these label values."""
        pending = self._pending
        waiting = len(pending)
        if waiting < self._half or not self._full(waiting):
            pending.append(values)

    def add(self, amount: float, *values: str) -> None:
        """Add an amount >= 0."""
        pending = self._pending
        if not _finite(amount):
            self._owner.dropped("bad_value")
        elif not self._full(len(pending)):
            pending.append((_Amount(amount), *values))

    def _take(self, facts: list[Any]) -> None:
        for fact, times in Tally(facts).items():
            amount: float = times
            values = fact
            if fact and type(fact[0]) is _Amount:
                amount, values = fact[0] * times, fact[1:]
            if not 0.0 <= amount < math.inf:
                self._owner.dropped("bad_value", times)
                continue
            cell = self._cell(values)
            if cell is not None:
                cell.value += amount
                cell.changed = True


class _Amount(float):
    """Tells an amount from a label value."""

    __slots__ = ()


class Gauge(Instrument):
    """A value that goes up and down."""

    def set(self, value: float, *values: str) -> None:
        """Set the series with these label values."""
        pending = self._pending
        waiting = len(pending)
        if waiting < self._half or not self._full(waiting):
            pending.append((value, values))

    def _take(self, facts: list[Any]) -> None:
        for value, values in facts:
            if not _finite(value):
                self._owner.dropped("bad_value")
                continue
            cell = self._cell(values)
            if cell is not None:
                cell.value = value
                cell.changed = True


class Distribution(Instrument):
    """A histogram with at most 0.54 % relative error."""

    kind = Kind.HISTOGRAM

    def record(self, value: float, *values: str) -> None:
        """Add a value to the series with these label values."""
        pending = self._pending
        waiting = len(pending)
        if waiting < self._half or not self._full(waiting):
            pending.append((value, values))

    def _take(self, facts: list[Any]) -> None:
        grouped: dict[Values, list[float]] = {}
        for value, values in facts:
            try:
                grouped[values].append(value)
            except KeyError:
                grouped[values] = [value]
        for values, found in grouped.items():
            cell = self._cell(values)
            if cell is None:
                self._owner.dropped("label_count", len(found) - 1)
            elif _all_positive(found):
                cell.observe_positive(found)
            else:
                self._observe_each(cell, found)

    def _observe_each(self, cell: Cell, found: list[float]) -> None:
        for value in found:
            if _finite(value):
                cell.observe(value)
            else:
                self._owner.dropped("bad_value")


def _finite(value: Any) -> bool:
    """Say whether a value is a finite number; a text or None is none, and breaks nothing."""
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def _all_positive(values: list[float]) -> bool:
    try:
        return min(values) > 0.0 and math.isfinite(sum(values))
    except (TypeError, OverflowError):
        return False


class OffCounter(Counter):
    """A counter of a program whose monitoring is off."""

    def inc(self, *values: str) -> None:
        """Do nothing."""

    def add(self, amount: float, *values: str) -> None:
        """Do nothing."""


class OffGauge(Gauge):
    """A gauge of a program whose monitoring is off."""

    def set(self, value: float, *values: str) -> None:
        """Do nothing."""


class OffDistribution(Distribution):
    """A histogram of a program whose monitoring is off."""

    def record(self, value: float, *values: str) -> None:
        """Do nothing."""


OFF: dict[type[Instrument], type[Instrument]] = {
    Counter: OffCounter,
    Gauge: OffGauge,
    Distribution: OffDistribution,
}
ON = {off: on for on, off in OFF.items()}
