"""The head: samples not yet in chunks, by series."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.storage.embedded.histograms import Columns, Rows, Strand
from watchroom.storage.embedded.journal import Item


class State(NamedTuple):
    """The newest sample of a strand, from which the next row follows."""

    time: int
    value: Histogram | None


class Head:
    """Samples in memory, and the newest value of every histogram. Its owner locks it."""

    def __init__(self) -> None:
        self.floats: dict[int, tuple[array[int], array[float]]] = {}
        self._unordered: set[int] = set()
        self.rows: dict[int, dict[Strand, Rows]] = {}
        self.states: dict[tuple[int, Strand], State] = {}
        self.samples = 0

    def add_floats(self, numbers: Any, times: Any, values: Any) -> None:
        """Append samples given as columns."""
        floats = self.floats
        columns = zip(numbers.tolist(), times.tolist(), values.tolist(), strict=True)
        for number, time, sample in columns:
            pair = floats.get(number)
            if pair is None:
                pair = floats[number] = (array("q"), array("d"))
            elif time <= pair[0][-1]:
                self._unordered.add(number)
            pair[0].append(time)
            pair[1].append(sample)
        self.samples += len(numbers)

    def add_histograms(self, items: Iterable[Item]) -> None:
        """Append rows; the states are the caller's to set."""
        for number, strand, row in items:
            self.rows.setdefault(number, {}).setdefault(strand, Rows()).add(row)
            self.samples += 1

    def clear(self) -> None:
        """Forget the samples, which are in chunks now; the next histograms are kept whole."""
        self.floats = {}
        self._unordered = set()
        self.rows = {}
        self.states = {}
        self.samples = 0

    def __contains__(self, number: int) -> bool:
        """Say whether a series has samples here."""
        return number in self.floats or number in self.rows

    def float_columns(self, number: int, start: int | None = None) -> list[Any] | None:
        """Return times and values of a float series in time order, the last written of equals.

        With `start`, samples up to it may be left out.
        """
        if number not in self.floats:
            return None
        times, values = self.floats[number]
        if number in self._unordered:
            return in_order(np.array(times, np.int64), np.array(values, np.float64))
        first = 0 if start is None else bisect_right(times, start)
        return [np.array(times[first:], np.int64), np.array(values[first:], np.float64)]

    def strands(self, number: int) -> list[tuple[Strand, Columns]]:
        """Return the columns of each strand of a histogram series."""
        return [
            (strand, rows.columns(strand)) for strand, rows in self.rows.get(number, {}).items()
        ]


def in_order(times: Any, values: Any) -> list[Any]:
    """Return samples in time order; of equal times the one written last stands."""
    if len(times) > 1 and not (times[1:] > times[:-1]).all():
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        last = np.append(times[1:] != times[:-1], True)
        times, values = times[last], values[last]
    return [times, values]
