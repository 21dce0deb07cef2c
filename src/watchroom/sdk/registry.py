"""The registry: all instruments of a process, and the batches made of them."""

import re
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind
from watchroom.model.labels import Labels, labels
from watchroom.sdk.instruments import OFF, ON, Cell, Counter, Instrument, Values

if TYPE_CHECKING:
    from watchroom.wire.batch import Metric

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFRESH = 15
"""Every so many flushes the unchanged series are sent too, so that a look-back finds them."""

Kindred = TypeVar("Kindred", bound=Instrument)


class Drops(Counter):
    """The drops by reason: few, and with room where nothing else has any."""

    def _new(self, key: Values) -> Cell:
        return self.cells.setdefault(key, Cell())


class Registry:
    """Instruments by name."""

    def __init__(
        self,
        buffer_size: int = 100_000,
        series_limit: int = 10_000,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.buffer_size = buffer_size
        self.wake = wake
        self.series_limit = series_limit
        self._room = series_limit
        self._on = True
        self._lock = threading.Lock()
        self._instruments: dict[str, Instrument] = {}
        self._flushes = 0
        self._tally_lock = threading.Lock()
        self._tally: dict[str, int] = {}
        self._drops = self.instrument(
            Drops, "watchroom_sdk_dropped_total", ("reason",), help="facts that were not kept"
        )

    def instrument(
        self,
        make: type[Kindred],
        name: str,
        label_names: Iterable[str] = (),
        *,
        unit: str = "",
        help: str = "",  # noqa: A002 - the word Prometheus uses
    ) -> Kindred:
        """Return the instrument of a name, made at its first use.

        Raises:
            ValueError: the name or a label is not Prometheus's, or the name is taken by another.
        """
        names = (label_names,) if isinstance(label_names, str) else tuple(label_names)
        with self._lock:
            known: Any = self._instruments.get(name)
            if known is None:
                _check(name, names)
                known = self._instruments[name] = make(self, name, names, unit, help)
                if not self._on:
                    known.__class__ = OFF[make]
        if not isinstance(known, make) or known.labels != names:
            raise ValueError(
                f"{name} is a {known.metadata.kind} with labels {known.labels}; use it as that"
            )
        return known

    def dropped(self, reason: str, count: int = 1) -> None:
        """Count facts that were refused."""
        with self._tally_lock:
            self._tally[reason] = self._tally.get(reason, 0) + count

    def admit(self) -> bool:
        """Take up one place among the series, if there is one."""
        if self._room <= 0:
            return False
        self._room -= 1
        return True

    def bound(self, buffer_size: int, series_limit: int) -> None:
        """Take other bounds than those it was made with; what is kept stays."""
        self.buffer_size = buffer_size
        self._room += series_limit - self.series_limit
        self.series_limit = series_limit
        for instrument in self._instruments.values():
            instrument.bound()

    def on(self) -> None:
        """Make every instrument record again."""
        self._on = True
        for instrument in self._instruments.values():
            instrument.__class__ = ON.get(type(instrument), type(instrument))

    def off(self) -> None:
        """Make every instrument, and each that comes, do nothing."""
        self._on = False
        for instrument in self._instruments.values():
            instrument.__class__ = OFF.get(type(instrument), type(instrument))
            instrument.forget()

    def forget(self) -> None:
        """Begin anew at zero in a forked child, whose lock may be held by a thread it has not."""
        self._lock = threading.Lock()
        self._tally_lock = threading.Lock()
        self._tally = {}
        self._room = self.series_limit
        self._flushes = 0
        for instrument in self._instruments.values():
            instrument.forget()

    def restart(self) -> None:
        """Begin every sum anew at zero; what waits is added to the new ones."""
        with self._lock:
            for instrument in self._instruments.values():
                instrument.restart()

    def drain(self) -> None:
        """Add up all that waits; the drops last, since draining may drop."""
        with self._lock:
            self._drain()

    def _drain(self) -> None:
        for instrument in self._instruments.values():
            if instrument is not self._drops:
                instrument.drain()
        self._take_drops()

    def _take_drops(self) -> None:
        with self._tally_lock:
            tally, self._tally = self._tally, {}
        for reason, count in tally.items():
            self._drops.add(count, reason)
        self._drops.drain()

    def collect(self) -> "list[Metric]":
        """Drain, and return every series that changed; now and then all of them."""
        from watchroom.sdk.snapshot import snapshot

        self.drain()
        everything = self._flushes % _REFRESH == 0
        self._flushes += 1
        return snapshot(list(self._instruments.values()), everything=everything)

    def read(self) -> list[tuple[Labels, Kind, float | Histogram]]:
        """Drain, and return every series with its value, all of one moment."""
        with self._lock:
            self._drain()
            return [
                (_labels(instrument, values), instrument.kind, _value(instrument.kind, cell))
                for instrument in self._instruments.values()
                for values, cell in instrument.cells.items()
            ]


def _labels(instrument: Instrument, values: Values) -> Labels:
    return labels(instrument.metadata.name, zip(instrument.labels, values, strict=True))


def _value(kind: Kind, cell: Cell) -> float | Histogram:
    return _frozen(cell) if kind is Kind.HISTOGRAM else cell.value


def _frozen(cell: Cell) -> Histogram:
    return Histogram(cell.count, cell.sum, cell.zeros, dict(cell.positive), dict(cell.negative))


def _check(name: str, names: Values) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"the metric name {name!r} does not fit [a-zA-Z_:][a-zA-Z0-9_:]*")
    for label in names:
        if not _LABEL.fullmatch(label) or label.startswith("__") or label in {"job", "instance"}:
            raise ValueError(
                f"{name}: the label {label!r} does not fit [a-zA-Z_][a-zA-Z0-9_]*, "
                "or is one that the server sets"
            )
