"""The windows of range functions over one sequence of sample times."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np

from watchroom.query.promql.limits import Budget
from watchroom.storage.contract import Bools, Floats, Ints, Times

State = TypeVar("State", bound=tuple[Any, ...])
"""Arrays that together say what is to be known of bins or windows."""


class Windows:
    """T windows (end - span, end], none of them empty: the samples low .. high - 1 of n.

    `steps` are the times that are asked about; without offset or `@` the ends are the same.
    `cuts` are the distinct edges, between which lie the elementary bins; window `w` is made of the
    `width[w]` bins from `first[w]` on.
    """

    def __init__(self, steps: Times, ends: Times, span: Times, low: Ints, high: Ints) -> None:
        self.steps = steps
        self.ends = ends
        self.span = span
        self.low = low
        self.high = high

    @cached_property
    def cuts(self) -> Ints:
        """The places of the edges, ascending."""
        return np.flatnonzero(self._marks)

    @cached_property
    def first(self) -> Ints:
        """The first bin of each window."""
        return self._numbers[self.low] - 1

    @cached_property
    def width(self) -> Ints:
        """How many bins each window has."""
        return self._numbers[self.high] - self._numbers[self.low]

    @cached_property
    def _marks(self) -> Bools:
        marks = np.zeros(int(self.high.max()) + 1, np.bool_)
        marks[self.low] = True
        marks[self.high] = True
        return marks

    @cached_property
    def _numbers(self) -> Ints:
        """How many edges lie up to each place."""
        return np.cumsum(self._marks)


NOTHING = np.zeros(0)


class Block(NamedTuple):
    """k series with the sample times [n], their values [k, n], and the windows over them.

    `parameter` [T] is the function's other argument, if it has one.
    """

    times: Times
    values: Floats
    windows: Windows
    budget: Budget
    parameter: Floats = NOTHING


def edges(times: Times, ends: Times, span: Times) -> tuple[Ints, Ints]:
    """Return the places of the first sample in each window and of the first one after it."""
    low = np.searchsorted(times, ends - span, side="right")
    return low, np.searchsorted(times, ends, side="right")


def folded(values: Floats, windows: Windows, op: np.ufunc) -> Floats:
    """Return [k, T]: `op`, an associative one, over each window's values of [k, n].

    Each sample is looked at once, whatever the overlap: into the bin between two edges, and bins
    into windows by doubling, so that no sum is a difference of larger ones.
    """

    def combine(one: tuple[Floats], other: tuple[Floats]) -> tuple[Floats]:
        return (op(one[0], other[0]),)

    return together((binned(values, windows, op),), windows, combine, _single)[0]


def binned(values: Floats, windows: Windows, op: np.ufunc = np.add) -> Floats:
    """Return [k, B]: `op` over the values of each bin."""
    found: Floats = op.reduceat(values[:, : windows.cuts[-1]], windows.cuts[:-1], axis=1)
    return found


def together(
    bins: State,
    windows: Windows,
    combine: Callable[[State, State], State],
    make: Callable[[Iterable[Floats]], State],
) -> State:
    """Return the state of each window out of those of its bins; each array's last axis is bins.

    At level j `bins` stand for 2^j bins from each one on; a window takes one entry for each digit
    of its width.
    """
    place, started = windows.first.copy(), np.zeros(len(windows.first), np.bool_)
    result = make(np.empty((len(each), len(place))) for each in bins)
    for level in range(int(windows.width.max()).bit_length()):
        wanted = (windows.width >> level) & 1 == 1
        for chosen in (wanted & ~started, wanted & started):
            if chosen.any():
                _take(bins, place, chosen, result, combine if started[chosen][0] else None, make)
        started |= wanted
        reach = 1 << level
        place += np.where(wanted, reach, 0)
        if bins[0].shape[1] > reach:
            shorter = make(each[:, :-reach] for each in bins)
            bins = combine(shorter, make(each[:, reach:] for each in bins))
    return result


def _take(
    bins: State,
    place: Ints,
    chosen: Bools,
    result: State,
    combine: Callable[[State, State], State] | None,
    make: Callable[[Iterable[Floats]], State],
) -> None:
    """Put one entry of `bins` into each chosen window, or add it to what is there."""
    at = slice(None) if chosen.all() else np.flatnonzero(chosen)
    piece = make(each.take(place[at], axis=1) for each in bins)
    if combine is not None:
        piece = combine(make(each[:, at] for each in result), piece)
    for into, each in zip(result, piece, strict=True):
        into[:, at] = each


def _single(arrays: Iterable[Floats]) -> tuple[Floats]:
    (array,) = arrays
    return (array,)
