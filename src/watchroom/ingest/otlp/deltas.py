"""From deltas to the cumulative values that everything here is made for.

The sum of a stream's deltas begins when its first one is heard. What was added up becomes the
state only when the store has it, so that a request sent again after a failure counts once.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, Self, TypeVar

from watchroom.ingest.naming import Refused
from watchroom.model.labels import Labels

STREAMS = 100_000
"""Streams whose sums are kept; beyond it the one unheard for longest begins anew."""


class Classic(NamedTuple):
    """A histogram of explicit bounds: `counts` per bucket, one more than there are `bounds`."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: int
    sum: float

    def plus(self, other: Self) -> "Classic":
        """Return the sum with another of the same bounds."""
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Classic(self.bounds, counts, self.total + other.total, self.sum + other.sum)


T = TypeVar("T")


class Delta(NamedTuple):
    """When a delta began and ended, in ns since the epoch; a start of 0 is not known."""

    start: int
    end: int


class Sum(NamedTuple):
    """What a stream's deltas add up to, and the end of the last one in ns."""

    end: int
    value: Any
    form: object
    """What two values must have in common to be added up."""


class Totals:
    """The sums of all streams."""

    def __init__(self, most: int = STREAMS) -> None:
        self._most = most
        self._sums: OrderedDict[Labels, Sum] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sums)

    def get(self, stream: Labels) -> Sum | None:
        """Return a stream's sum."""
        return self._sums.get(stream)

    def keep(self, sums: dict[Labels, Sum]) -> None:
        """Take over what is durable now."""
        for stream, each in sums.items():
            self._sums[stream] = each
            self._sums.move_to_end(stream)
        while len(self._sums) > self._most:
            self._sums.popitem(last=False)


class Changes:
    """What one request adds to the sums, not yet kept."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._sums: dict[Labels, Sum] = {}

    def add(
        self,
        stream: Labels,
        delta: Delta,
        value: T,
        *,
        plus: Callable[[T, T], T],
        first: Callable[[], T],
        form: object = None,
    ) -> tuple[T, bool] | None:
        """Return the sum with a delta in it, and whether it begins here; None if it was in it.

        A sum begins at `first()`: where nothing was heard before, or values of another form.
        Raises Refused for a delta that overlaps the sum.
        """
        before = self._sums.get(stream) or self._totals.get(stream)
        if before is not None and delta.end == before.end:
            return None  # sent again
        if before is not None and (delta.end < before.end or 0 < delta.start < before.end):
            raise Refused("a delta begins before the one before it ended; send them in order")
        begins = before is None or before.form != form
        summed = plus(first() if before is None or begins else before.value, value)
        self._sums[stream] = Sum(delta.end, summed, form)
        return summed, begins

    def keep(self) -> None:
        """Make the sums those of their streams: they are durable."""
        self._totals.keep(self._sums)
