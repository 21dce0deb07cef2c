"""From when to when each series has samples, as arrays by series number."""

from typing import Any

import numpy as np

from watchroom.storage.contract import Ints

_NEVER = (1 << 62, -(1 << 62))


class Spans:
    """The earliest and the latest sample of each series; wider than the truth after a deletion."""

    def __init__(self) -> None:
        self._first = np.full(1024, _NEVER[0], np.int64)
        self._last = np.full(1024, _NEVER[1], np.int64)

    def widen(self, numbers: Any, first: int, last: int) -> None:
        """Take in samples of some series, none of them outside the bounds."""
        self._grow(int(numbers.max()) + 1)
        self._first[numbers] = np.minimum(self._first[numbers], first)
        self._last[numbers] = np.maximum(self._last[numbers], last)

    def widen_each(self, numbers: Ints, firsts: Ints, lasts: Ints) -> None:
        """Take in series with bounds of their own; one may come several times."""
        self._grow(int(numbers.max()) + 1)
        np.minimum.at(self._first, numbers, firsts)
        np.maximum.at(self._last, numbers, lasts)

    def widen_range(self, low: int, high: int, first: int, last: int) -> None:
        """Take in all series from one to another."""
        self._grow(high + 1)
        self._first[low : high + 1] = np.minimum(self._first[low : high + 1], first)
        self._last[low : high + 1] = np.maximum(self._last[low : high + 1], last)

    def overlapping(self, numbers: list[int], start: int, end: int) -> list[int]:
        """Return those series that may have samples in (start, end]."""
        if not numbers:
            return numbers
        chosen: Ints = np.asarray(numbers, np.int64)
        self._grow(int(chosen.max()) + 1)
        inside = (self._last[chosen] > start) & (self._first[chosen] <= end)
        found: list[int] = chosen[inside].tolist()
        return found

    def _grow(self, least: int) -> None:
        more = max(least, 2 * len(self._first)) - len(self._first)
        if least <= len(self._first):
            return
        self._first = np.append(self._first, np.full(more, _NEVER[0], np.int64))
        self._last = np.append(self._last, np.full(more, _NEVER[1], np.int64))
