"""What was found of the wanted series, piece by piece, in the order it was written."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from watchroom.model.stale import is_stale
from watchroom.storage.contract import EVER, Ints, Times
from watchroom.storage.embedded import runs
from watchroom.storage.embedded.head import Portion
from watchroom.storage.embedded.histograms import Columns, Strand
from watchroom.storage.embedded.runs import Run, run_of

Key: TypeAlias = tuple[int, int]
"""Which sample times: a block and its stamp, or a run (negative) and a series in it."""
Rank: TypeAlias = tuple[float, int]


class Piece(NamedTuple):
    """Values of one series: whose times they have, how many, and the values, coded or plain."""

    key: Key
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    values: Any
    coarse: bool = False


class Strands:
    """The column sets of one series' histograms, each with what tells their order."""

    def __init__(self) -> None:
        self._parts: dict[Strand, list[tuple[Rank, Columns]]] = {}

    def add(self, rank: Rank, strand: Strand, columns: Columns) -> None:
        """Take in columns."""
        self._parts.setdefault(strand, []).append((rank, columns))

    def columns(self) -> dict[Strand, list[Columns]]:
        """Return the columns of each strand in the order they were written."""
        return {
            strand: [columns for _, columns in sorted(parts, key=lambda part: part[0])]
            for strand, parts in self._parts.items()
        }

    def known_until(self, start: int) -> int:
        """Return the time up to which it is known what each strand was before `start`."""
        return min(
            max(_newest(columns, start) for _, columns in parts) for parts in self._parts.values()
        )


class Parts:
    """The pieces of the wanted series, given by ascending number."""

    def __init__(self, wanted: Ints) -> None:
        self.wanted = wanted
        self.floats: list[list[Piece]] = [[] for _ in range(len(wanted))]
        self.strands: dict[int, Strands] = {}
        self.times: dict[Key, Times] = {}
        self._runs = 0

    def places(self, series: Ints) -> tuple[Ints, Ints]:
        """Return which of some series are wanted, and their places among the wanted."""
        if not len(self.wanted):
            return self.wanted, self.wanted
        place = np.minimum(np.searchsorted(self.wanted, series), len(self.wanted) - 1)
        hit = np.flatnonzero(self.wanted[place] == series)
        return hit, place[hit]

    def add_run(self, run: Run, start: int, end: int) -> None:
        """Take in what a run has of them."""
        if not len(run.times) or run.last <= start or run.first > end:
            return
        self._runs += 1
        hit, place = self.places(run.series)
        same = run.same[hit]
        low, high = run.starts[hit], run.starts[hit + 1]
        for first in np.unique(same).tolist():
            self.times[-self._runs, first] = run.times[run.starts[first] : run.starts[first + 1]]
        columns = (each.tolist() for each in (place, same, low, high))
        for position, first, begin, ending in zip(*columns, strict=True):
            piece = Piece((-self._runs, first), ending - begin, run.values[begin:ending])
            self.floats[position].append(piece)

    def add_strands(
        self, rank: Rank, number: int, strands: Sequence[tuple[Strand, Columns]]
    ) -> None:
        """Take in histograms of one series."""
        for strand, columns in strands:
            self.strands.setdefault(number, Strands()).add(rank, strand, columns)


def _newest(columns: Columns, start: int) -> int:
    """Return the time of the newest sample up to `start` that is not stale."""
    seen = columns.times[: np.searchsorted(columns.times, start, side="right")]
    known = seen[~is_stale(columns.sums[: len(seen)])]
    return int(known[-1]) if len(known) else EVER[0]


class HeadView:
    """What a portion of the head had of some series when the lock was held."""

    def __init__(self, portion: Portion, numbers: Iterable[int]) -> None:
        self._runs, self._waiting = portion.floats.view()
        rows = portion.rows
        self._strands = [(each, portion.strands(each)) for each in numbers if each in rows]

    def count(self, parts: Parts, start: int, end: int) -> int:
        """Return how many samples `add` will at most take in of the range, if they lie evenly."""
        total = 0.0
        for run in self._runs:
            hit, _ = parts.places(run.series)
            share = (min(run.last, end) - max(run.first - 1, start)) / (run.last - run.first + 1)
            total += max(share, 0.0) * float((run.starts[hit + 1] - run.starts[hit]).sum())
        for each in self._waiting:
            hit, _ = parts.places(each.numbers)
            times = each.times[hit]
            total += int(((times > start) & (times <= end)).sum())
        return int(total)

    def add(self, parts: Parts, rank: Rank, start: int, end: int) -> None:
        """Take it in."""
        for run in self._runs:
            parts.add_run(run, start, end)
        waiting = [chosen for each in self._waiting if len((chosen := _of(each, parts)).times)]
        if waiting:
            parts.add_run(run_of(waiting), start, end)
        for number, strands in self._strands:
            parts.add_strands(rank, number, strands)


def _of(columns: runs.Columns, parts: Parts) -> runs.Columns:
    """Return the samples of the wanted series."""
    hit, _ = parts.places(columns.numbers)
    if len(hit) == len(columns.times):
        return columns
    return runs.Columns._make(column[hit] for column in columns)
