"""The journal read back at the start: what of each entry can still be trusted."""

from collections.abc import Iterable

from watchroom.model.stale import marks_stale
from watchroom.storage.embedded.head import State
from watchroom.storage.embedded.histograms import DELTA, LATE, Strand, value
from watchroom.storage.embedded.journal import Item

States = dict[tuple[int, Strand], State]


class Replay:
    """Follows histograms row by row.

    A row that adds to the sample before is worth nothing where that sample is lost. Which ones a
    damaged entry held is not known, but the buckets of a whole sample add up to its count.
    """

    def __init__(self, states: States) -> None:
        self._states = states
        self.broken = False
        """Whether an entry was lost."""

    def follow(self, items: Iterable[Item]) -> tuple[list[Item], set[int]]:
        """Return the rows that can be trusted, and the series of those that cannot."""
        kept: list[Item] = []
        lost: set[int] = set()
        for item in items:
            if self._take(item):
                kept.append(item)
            else:
                lost.add(item.series)
        return kept, lost

    def _take(self, item: Item) -> bool:
        number, strand, row = item
        if row.flag == LATE:
            return True
        before = self._states.get((number, strand))
        old = before.value if before else None
        if marks_stale(row.sum):
            self._states[number, strand] = State(row.time, old)
            return True
        new = value(old, row, strand)
        if self.broken and row.flag == DELTA:
            total = new.zeros + sum(new.positive.values()) + sum(new.negative.values())
            if total != new.count:
                return False
        self._states[number, strand] = State(row.time, new)
        return True
