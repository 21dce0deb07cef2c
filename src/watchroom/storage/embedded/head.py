"""The head: samples not yet in blocks."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.storage.contract import Ints
from watchroom.storage.embedded.histograms import Columns, Rows, Strand
from watchroom.storage.embedded.journal import Item
from watchroom.storage.embedded.runs import Runs


class State(NamedTuple):
    """The newest sample of a strand, from which the next row follows."""

    time: int
    value: Histogram | None


class Portion:
    """Samples in memory; once it is frozen, all those of the journal's rows up to `until`."""

    def __init__(self) -> None:
        self.floats = Runs()
        self.rows: dict[int, dict[Strand, Rows]] = {}
        self.until = 0
        self._histograms = 0

    @property
    def samples(self) -> int:
        """How many samples there are, doubled ones included."""
        return self.floats.samples + self._histograms

    def add_histograms(self, items: Iterable[Item]) -> None:
        """Append rows."""
        for number, strand, row in items:
            self.rows.setdefault(number, {}).setdefault(strand, Rows()).add(row)
            self._histograms += 1

    def strands(self, number: int) -> list[tuple[Strand, Columns]]:
        """Return the columns of each strand of a histogram series."""
        return [
            (strand, rows.columns(strand)) for strand, rows in self.rows.get(number, {}).items()
        ]

    def series(self) -> Ints:
        """Return the series that have samples here."""
        histograms = np.fromiter(self.rows, np.int64, len(self.rows))
        return np.union1d(self.floats.series(), histograms)


class Head:
    """What is in memory: the newest portion, and one that is on its way into blocks.

    The states are those of the newest portion: its first histograms are whole. Its owner locks it.
    """

    def __init__(self) -> None:
        self.portion = Portion()
        self.frozen: Portion | None = None
        self.states: dict[tuple[int, Strand], State] = {}

    @property
    def samples(self) -> int:
        """How many samples there are, doubled ones included."""
        return sum(portion.samples for portion in self.portions())

    def portions(self) -> list[Portion]:
        """Return what there is, older first."""
        return [self.portion] if self.frozen is None else [self.frozen, self.portion]

    def freeze(self, until: int) -> None:
        """Begin a new portion; the old one is to be put into blocks, up to a row of the journal."""
        self.frozen = self.portion
        self.frozen.until = until
        self.portion = Portion()
        self.states.clear()

    def drop(self) -> None:
        """Forget what is in blocks now."""
        self.frozen = None
