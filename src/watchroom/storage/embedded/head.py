"""The head: samples not yet in chunks, by series."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.storage.embedded.histograms import Increment, Rows, add


class Head:
    """Samples in memory, and the newest value of every histogram. Its owner locks it."""

    def __init__(self) -> None:
        self.floats: dict[int, tuple[array[int], array[float]]] = {}
        self._unordered: set[int] = set()
        self.rows: dict[int, Rows] = {}
        self.states: dict[int, Histogram] = {}
        self.newest: dict[int, int] = {}
        self.samples = 0

    def add_floats(self, numbers: Any, times: Any, values: Any) -> None:
        """Append samples given as columns."""
        floats = self.floats
        columns = zip(numbers.tolist(), times.tolist(), values.tolist(), strict=True)
        for number, time, value in columns:
            pair = floats.get(number)
            if pair is None:
                pair = floats[number] = (array("q"), array("d"))
            elif time <= pair[0][-1]:
                self._unordered.add(number)
            pair[0].append(time)
            pair[1].append(value)
        self.samples += len(numbers)

    def add_histograms(self, items: Iterable[tuple[int, Increment]]) -> None:
        """Append increments; the states follow."""
        for number, increment in items:
            self.rows.setdefault(number, Rows()).add(increment)
            self.states[number] = add(self.states.get(number), increment)
            self.newest[number] = increment.time
            self.samples += 1

    def clear(self) -> None:
        """Forget the samples, which are in chunks now; the states stay."""
        self.floats = {}
        self._unordered = set()
        self.rows = {}
        self.samples = 0

    def __contains__(self, number: int) -> bool:
        """Say whether a series has samples here."""
        return number in self.floats or number in self.rows

    def forget(self, number: int) -> None:
        """Forget a series for good."""
        self.states.pop(number, None)
        self.newest.pop(number, None)

    def lives(self, numbers: Iterable[int], end: int) -> dict[int, int]:
        """Return the cumulative counts of the histograms whose newest sample is not after `end`."""
        states, newest = self.states, self.newest
        return {each: states[each].count for each in numbers if newest.get(each, end + 1) <= end}

    def parts(self, number: int, start: int | None = None) -> list[list[Any]]:
        """Return the columns of a series: one set, none, or two where it changed its kind.

        With `start`, samples up to it may be left out.
        """
        found = []
        if number in self.floats:
            found.append(self._columns(number, start))
        if number in self.rows:
            found.append(self.rows[number].columns(start))
        return found

    def _columns(self, number: int, start: int | None) -> list[Any]:
        """Return the samples of a float series in time order, the last written of equals."""
        times, values = self.floats[number]
        if number in self._unordered:
            return in_order(np.array(times, np.int64), np.array(values, np.float64))
        first = 0 if start is None else bisect_right(times, start)
        return [np.array(times[first:], np.int64), np.array(values[first:], np.float64)]


def in_order(times: Any, values: Any) -> list[Any]:
    """Return samples in time order; of equal times the one written last stands."""
    if len(times) > 1 and not (times[1:] > times[:-1]).all():
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        last = np.append(times[1:] != times[:-1], True)
        times, values = times[last], values[last]
    return [times, values]
