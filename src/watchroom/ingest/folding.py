"""What folded label sets last said, so that the series they are folded into stays their sum.

A counter of a label set is cumulative; so is the series it is folded into, whose value grows by
what each set grew. The last value of each set is remembered under a hash of 8 bytes: 24 bytes in
sorted columns, a little more while it is new.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from watchroom.model.histogram import Histogram, merge
from watchroom.model.labels import Labels
from watchroom.storage.contract import Ints

_FRESH = 1 << 14
"""Marks held in a dict before they are sorted into the columns."""

Last = tuple[int, float]
"""Time in ms, and value."""


def mark(labels: Labels) -> int:
    """Return a label set's hash, the same in every process."""
    digest = blake2b("\0".join(part for pair in labels for part in pair).encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "little", signed=True)


class Lasts:
    """The last value of at most `size` label sets; beyond, the longest silent are forgotten."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._fresh: dict[int, Last] = {}
        self._marks = np.empty(0, np.int64)
        self._times = np.empty(0, np.int64)
        self._values = np.empty(0, np.float64)
        self.forgotten = 0

    def get(self, number: int) -> Last | None:
        """Return the last time and value under a mark."""
        last = self._fresh.get(number)
        if last is None and len(self._marks):
            place = int(self._marks.searchsorted(number))
            if place < len(self._marks) and self._marks[place] == number:
                return int(self._times[place]), float(self._values[place])
        return last

    def put(self, number: int, last: Last) -> None:
        """Note the newest of a mark."""
        self._fresh[number] = last
        if len(self._fresh) >= _FRESH:
            self._sort()

    def columns(self) -> list[bytes]:
        """Return all as three columns of bytes."""
        self._sort()
        return [each.tobytes() for each in (self._marks, self._times, self._values)]

    def load(self, columns: Iterable[bytes]) -> None:
        """Take back what `columns` gave. Raises ValueError."""
        marks, times, values = columns
        self._marks = np.frombuffer(marks, np.int64)
        self._times = np.frombuffer(times, np.int64)
        self._values = np.frombuffer(values, np.float64)
        if not len(self._marks) == len(self._times) == len(self._values):
            raise ValueError("the columns differ in length")

    def __len__(self) -> int:
        return len(self._marks) + len(self._fresh)

    def _sort(self) -> None:
        """Bring the new ones into the columns, where they take the place of the old."""
        fresh = self._fresh
        self._fresh = {}
        marks = np.concatenate([np.fromiter(fresh, np.int64, len(fresh)), self._marks])
        told = np.array(list(fresh.values()), np.float64).reshape(-1, 2)
        times = np.concatenate([told[:, 0].astype(np.int64), self._times])
        values = np.concatenate([told[:, 1], self._values])
        self._marks, first = np.unique(marks, return_index=True)
        self._times, self._values = times[first], values[first]
        over = len(self._marks) - self._size
        if over > 0:
            self._keep(np.sort(np.argpartition(self._times, over)[over:]))
            self.forgotten += over

    def _keep(self, places: Ints) -> None:
        self._marks = self._marks[places]
        self._times = self._times[places]
        self._values = self._values[places]


class Total:
    """A series that others are folded into."""

    __slots__ = ("floor", "histogram", "labels", "time", "value")

    def __init__(self, labels: Labels, time: int = 0, floor: float = 0.0) -> None:
        self.labels = labels
        self.time = time
        """Of the newest sample written."""
        self.value = 0.0
        """The sum of what is remembered and what was forgotten."""
        self.floor = floor
        """What the store held before this process began: a counter does not fall below it."""
        self.histogram: Histogram | None = None

    def advance(self, time: int) -> int:
        """Return the time of the next sample: late ones come at the newest, the sum stays a sum."""
        self.time = max(self.time, time)
        return self.time

    def written(self) -> float:
        """Return what is written as the sum."""
        return max(self.floor, self.value)


def rise(before: Last | None, time: int, value: float) -> float:
    """Return by how much a counter rose; a fall is a reset, what is not newer was counted."""
    if before is None:
        return value
    if time <= before[0]:
        return 0.0
    return value - before[1] if value >= before[1] else value


def histogram_rise(before: Histogram | None, after: Histogram) -> Histogram:
    """Return by how much a cumulative histogram rose; a bucket that fell is a reset."""
    if before is None or before.scale != after.scale or before.bounds != after.bounds:
        return after
    positive = _rise(before.positive, after.positive)
    negative = _rise(before.negative, after.negative)
    zeros = after.zeros - before.zeros
    if positive is None or negative is None or zeros < 0:
        return after
    return after._replace(
        count=after.count - before.count,
        sum=after.sum - before.sum,
        zeros=zeros,
        positive=positive,
        negative=negative,
    )


def added(total: Histogram | None, part: Histogram) -> Histogram:
    """Return the sum of two histograms; of incompatible layouts the newer alone."""
    if total is None:
        return part
    try:
        return merge((total, part))
    except ValueError:
        return part


def _rise(before: Mapping[int, Any], after: Mapping[int, Any]) -> dict[int, Any] | None:
    if any(after.get(index, 0) < count for index, count in before.items()):
        return None
    return {
        index: count - before.get(index, 0)
        for index, count in after.items()
        if count > before.get(index, 0)
    }
