"""Instruments: recording leaves a raw fact, the drain adds it up later.

A fact of a series that is known waits with the series itself: a one is a step of its counter, a
value goes to the end of its list. Facts of new series wait in one list until the drain has made
their cells. Each of these steps is one call into C, and so is cutting a list's front off: they are
atomic under the interpreter's lock, and recording takes no lock of its own.

Each instrument holds a bounded number of facts that wait for the drain; what comes on top of them
is dropped and counted. Steps take no room, so known counters drop nothing.
"""

import math
from collections import Counter as Tally
from itertools import count
from typing import Any, Protocol, cast

from watchroom.model.histogram import SCALE, Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.sdk.guard import guarded

Values = tuple[str, ...]
OVERFLOW = "other"
"""The label value that takes what comes after the limit on series; totals stay exact."""
_FACTOR = 2.0**SCALE


class Owner(Protocol):
    """What an instrument needs of the registry it belongs to."""

    buffer_size: int
    series_limit: int

    def dropped(self, reason: str, count: int = 1) -> None:
        """Count facts that were refused."""

    def wake(self) -> None:
        """Ask for a drain before its time."""

    def admit(self) -> bool:
        """Say whether one more series may be made."""


class Cell:
    """One series of an instrument as it grows, and its facts that wait."""

    __slots__ = (
        "_counted",
        "changed",
        "count",
        "fresh",
        "negative",
        "positive",
        "steps",
        "sum",
        "value",
        "waiting",
        "zeros",
    )

    def __init__(self) -> None:
        self.value = 0.0
        self.count = 0
        self.sum = 0.0
        self.zeros = 0
        self.positive: Tally[int] = Tally()
        self.negative: Tally[int] = Tally()
        self.fresh = True
        self.changed = True
        self.steps = count()
        self.waiting: list[float] = []
        self._counted = 0

    def restart(self) -> None:
        """Begin anew at zero; what waits stays."""
        self.value = self.sum = 0.0
        self.count = self.zeros = 0
        self.positive, self.negative = Tally(), Tally()
        self.fresh = True

    def add(self, amount: float) -> None:
        """Add an amount to the sum."""
        self.value += amount
        self.changed = True

    def add_steps(self) -> None:
        """Add the steps taken since the last time; looking takes one, too."""
        steps = next(self.steps) - self._counted
        self._counted += steps + 1
        if steps:
            self.add(steps)

    def observe(self, value: float) -> None:
        """Add one value to the distribution."""
        self.changed = True
        self.count += 1
        self.sum += value
        if value > 0.0:
            self.positive[math.ceil(math.log2(value) * _FACTOR) - 1] += 1
        elif value < 0.0:
            self.negative[math.ceil(math.log2(-value) * _FACTOR) - 1] += 1
        else:
            self.zeros += 1

    def observe_positive(self, values: list[float]) -> None:
        """Add many values at the price of a few calls into C.

        Raises whatever those calls raise where a value is not finite and above zero; then none is
        added.
        """
        ceil, log2, factor = math.ceil, math.log2, _FACTOR
        total = float(sum(values))
        indexes = [ceil(log2(value) * factor) - 1 for value in values]
        if not math.isfinite(total):
            raise OverflowError("the sum is beyond all floats")
        self.changed = True
        self.count += len(values)
        self.sum += total
        self.positive.update(indexes)

    def histogram(self) -> Histogram:
        """Return the distribution so far."""
        return Histogram(self.count, self.sum, self.zeros, self.positive, self.negative)


class Instrument:
    """What all instruments share: a name, label names, waiting facts, cells."""

    kind = Kind.GAUGE

    def __init__(self, owner: Owner, name: str, labels: Values, unit: str, text: str) -> None:
        self.metadata = Metadata(name, self.kind, unit, text)
        self.labels = labels
        self._owner = owner
        self.bound()
        self.forget()

    def bound(self) -> None:
        """Take the owner's bound on what may wait."""
        self._half = self._owner.buffer_size // 2
        limit = self._owner.series_limit
        self._share = limit - limit // 10  # a noisy instrument leaves a tenth to the others

    def drain(self) -> None:
        """Add up what waits. Only one thread may drain at a time."""
        self._room = count()
        for value, values in _cut(self._pending):
            number = self._number(value)
            if number is None:
                self._owner.dropped("bad_value")
                continue
            cell = self._found(values)
            if cell is not None:
                self._take(cell, number)

    def forget(self) -> None:
        """Begin anew at zero, as a forked child does: the parent sends what it recorded."""
        self.cells: dict[Values, Cell] = {}
        self._pending: list[tuple[Any, Values]] = []
        self._room = count()

    def restart(self) -> None:
        """Begin anew at zero, with what waits."""
        for cell in self.cells.values():
            cell.restart()

    def _number(self, value: Any) -> float | None:
        """Return what was recorded as this instrument's number; None where it is none."""
        return _finite(value)

    def _take(self, cell: Cell, value: float) -> None:
        """Add a value to its cell."""
        raise NotImplementedError

    def _wait(self, value: Any, values: Values) -> None:
        """Leave a fact for the drain to find its cell."""
        taken = next(self._room)
        if taken < self._half or not self._full(taken):
            self._pending.append((value, values))

    def _full(self, taken: int) -> bool:
        """Wake the drain at half full; say whether there is no room left."""
        if taken == self._half:
            self._owner.wake()
        if taken < self._owner.buffer_size:
            return False
        self._owner.dropped("buffer_full")
        return True

    def _found(self, values: Values) -> Cell | None:
        if len(values) != len(self.labels):
            self._owner.dropped("label_count")
            return None
        key = _texts(values)
        if key is None:
            self._owner.dropped("bad_label")
            return None
        return self.cells.get(key) or self._new(key)

    def _new(self, key: Values) -> Cell:
        if len(self.cells) >= self._share or not self._owner.admit():
            self._owner.dropped("series_limit_folded")
            key = (OVERFLOW,) * len(self.labels)
        return self.cells.setdefault(key, Cell())


class Counter(Instrument):
    """A sum that only grows."""

    kind = Kind.COUNTER

    def inc(self, *values: str) -> None:
        """Add one to the series with these label values."""
        try:
            next(self.cells[values].steps)
        except Exception:  # noqa: BLE001 - a new series, or labels that the drain will refuse
            self._wait(1, values)

    def add(self, amount: float, *values: str) -> None:
        """Add an amount >= 0."""
        self._wait(amount, values)

    def drain(self) -> None:
        super().drain()
        for cell in self.cells.values():
            cell.add_steps()

    def _number(self, value: Any) -> float | None:
        number = _finite(value)
        return None if number is None or number < 0.0 else number

    def _take(self, cell: Cell, value: float) -> None:
        cell.add(value)


class Gauge(Instrument):
    """A value that goes up and down."""

    def set(self, value: float, *values: str) -> None:
        """Set the series with these label values."""
        self._wait(value, values)

    def restart(self) -> None:
        """Go on: a gauge adds nothing up."""

    def _take(self, cell: Cell, value: float) -> None:
        cell.value = value
        cell.changed = True


class Distribution(Instrument):
    """A histogram with at most 0.54 % relative error."""

    kind = Kind.HISTOGRAM

    def record(self, value: float, *values: str) -> None:
        """Add a value to the series with these label values."""
        try:
            waiting = self.cells[values].waiting
        except Exception:  # noqa: BLE001 - a new series, or labels that the drain will refuse
            self._wait(value, values)
            return
        taken = next(self._room)
        if taken < self._half or not self._full(taken):
            waiting.append(value)

    def drain(self) -> None:
        super().drain()
        for cell in self.cells.values():
            if cell.waiting:
                self._observe(cell, _cut(cell.waiting))

    def _take(self, cell: Cell, value: float) -> None:
        cell.waiting.append(value)

    def _observe(self, cell: Cell, values: list[Any]) -> None:
        try:
            cell.observe_positive(values)
        except Exception:  # noqa: BLE001 - a value may be anything: each is looked at
            self._observe_each(cell, values)

    def _observe_each(self, cell: Cell, values: list[Any]) -> None:
        for value in values:
            number = _finite(value)
            if number is None:
                self._owner.dropped("bad_value")
            else:
                cell.observe(number)


def _cut(facts: list[Any]) -> list[Any]:
    """Take what a list holds; what others append meanwhile stays."""
    taken = facts[: len(facts)]
    del facts[: len(taken)]
    return taken


@guarded(cast("float | None", None))
def _finite(value: Any) -> float | None:
    """Return what is a finite number, of whichever library, as a float; None where it is none."""
    if isinstance(value, str | bytes):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


@guarded(cast("Values | None", None))
def _texts(values: tuple[Any, ...]) -> Values:
    """Return label values as texts that every message can carry; None where one has no hash."""
    hash(values)
    return tuple(str(value)[:1024].encode("utf-8", "replace").decode() for value in values)


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
