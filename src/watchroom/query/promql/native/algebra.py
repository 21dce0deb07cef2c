"""Sums and differences of histograms, and what a vector operator makes of two."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, kept, take
from watchroom.query.promql.native.reconcile import matched, same
from watchroom.storage.contract import Bools, Ints


def combined(left: Part, right: Part, sign: float = 1.0) -> list[Part]:
    """Return `left + sign * right` of parts at the same steps, both custom or none."""
    return [_added(*pair, sign) for pair in matched(left, right)]


def plus(left: Sequence[Part], right: Sequence[Part], sign: float, notes: set[Note]) -> list[Part]:
    """Return `left + sign * right` of one series each, where both have a histogram.

    A difference is a gauge.
    """
    found = []
    for mine, other in _meetings(left, right):
        if mine.layout.custom != other.layout.custom:
            notes.add(Note.BINARY_LAYOUTS)
            continue
        if mine.layout.bounds != other.layout.bounds:
            notes.add(Note.BOUNDS)
        found += combined(mine, other, sign)
    return [part._replace(gauge=True) for part in found] if sign < 0 else found


def equal(left: Sequence[Part], right: Sequence[Part], wanted: bool) -> list[Part]:
    """Return the rows of `left` that are equal to those of `right`, or that are not."""
    return [take(mine, same(mine, other) == wanted) for mine, other in _meetings(left, right)]


def meeting(left: Sequence[Part], right: Sequence[Part], steps: int) -> Bools:
    """Return the steps at which both have a histogram."""
    found = np.zeros(steps, np.bool_)
    for mine, _ in _meetings(left, right):
        found[mine.steps] = True
    return found


def folded(parts: Iterable[Part], steps: int, notes: set[Note]) -> list[Part]:
    """Return the sum of parts, step by step, whatever their layouts, in their order.

    Steps where exponential and custom buckets meet have no sum.
    """
    total: list[Part] = []
    broken = np.zeros(steps, np.bool_)
    for part in parts:
        total = _fold(total, part, broken, notes)
    if not broken.any():
        return total
    return kept([each._replace(series=0) for each in total], ~broken[None, :])


def _fold(total: Sequence[Part], part: Part, broken: Bools, notes: set[Note]) -> list[Part]:
    """Return the sum so far and another part; the sum's parts have no step in common."""
    found: list[Part] = []
    new = np.ones(len(part.steps), np.bool_)
    for each in total:
        mine, others = _common(each.steps, part.steps)
        if not len(mine):
            found.append(each)
            continue
        new[others] = False
        if len(mine) < len(each.steps):
            found.append(take(each, np.setdiff1d(np.arange(len(each.steps)), mine)))
        left, right = take(each, mine), take(part, others)
        if left.layout.custom != right.layout.custom:
            notes.add(Note.LAYOUTS)
            broken[left.steps] = True
            found.append(left)
            continue
        if left.layout.bounds != right.layout.bounds:
            notes.add(Note.BOUNDS)
        found += combined(left, right)
    return [*found, take(part, new)] if new.any() else found


@np.errstate(over="ignore", invalid="ignore")
def _added(left: Part, right: Part, sign: float) -> Part:
    return left._replace(
        gauge=left.gauge or right.gauge,
        buckets=left.buckets + sign * right.buckets,
        counts=left.counts + sign * right.counts,
        sums=left.sums + sign * right.sums,
        zeros=left.zeros + sign * right.zeros,
    )


def _meetings(left: Sequence[Part], right: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    """Yield the rows of both sides at the steps they have in common."""
    for mine in left:
        for other in right:
            rows, others = _common(mine.steps, other.steps)
            if len(rows):
                yield take(mine, rows), take(other, others)


def _common(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the places of what two ascending arrays have in common."""
    if left is right or np.array_equal(left, right):
        every = np.arange(len(left))
        return every, every
    _, mine, others = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    return mine, others
