"""Aggregation operators: many series into one per group."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.model.labels import NAME, Labels
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.exact import kahan_mean, kahan_sum
from watchroom.query.promql.language.tree import Aggregation
from watchroom.query.promql.native.aggregate import averaged, summed
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import kept
from watchroom.query.promql.over_time import CANCELLED
from watchroom.query.promql.values import Vector
from watchroom.storage.contract import Bools, Floats, Ints


class Groups(NamedTuple):
    """k series sorted by group: group g is the rows starts[g] to starts[g + 1] of `values`.

    `values` holds zero where nothing is present; `number` [G, T] says how many values there are.
    """

    labels: Sequence[Labels]
    starts: Ints
    values: Floats
    present: Bools
    number: Floats
    whole: bool


Reduction: TypeAlias = Callable[[Groups], Floats]


def keys(node: Aggregation, labels: Sequence[Labels]) -> list[Labels]:
    """Return the labels of the group of each series."""
    if node.without:
        dropped = {*node.grouping, NAME}
        return [tuple(pair for pair in each if pair[0] not in dropped) for each in labels]
    if not node.grouping:
        return [()] * len(labels)
    kept = frozenset(node.grouping)
    return [tuple(pair for pair in each if pair[0] in kept) for each in labels]


def members(found: Sequence[Labels]) -> tuple[list[Labels], Ints]:
    """Return the distinct groups and the group [k] of each series."""
    places: dict[Labels, int] = {}
    owners = [places.setdefault(key, len(places)) for key in found]
    return list(places), np.array(owners, np.int64)


def split(owners: Ints, groups: int) -> list[Ints]:
    """Return the rows of each group."""
    order = np.argsort(owners, kind="stable")
    if not groups:
        return []
    return np.split(order, np.searchsorted(owners[order], np.arange(1, groups)))


@np.errstate(all="ignore")
def reduced(node: Aggregation, vector: Vector, said: Annotations) -> Vector:
    """Return one series per group."""
    groups = _grouped(node, vector)
    values = REDUCTIONS[node.operator](groups)
    found = Vector(groups.labels, values, groups.number > 0)
    return _with_histograms(node, vector, groups, found, said) if vector.parts else found


def _with_histograms(
    node: Aggregation, vector: Vector, groups: Groups, floats: Vector, said: Annotations
) -> Vector:
    """Return the groups of floats with what histograms make of them.

    Sums and means of both together have no answer; histograms are counted, or else ignored.
    """
    labels, owners = members(keys(node, vector.labels))
    number = np.zeros(floats.present.shape)
    for part in vector.parts:
        number[owners[part.series], part.steps] += 1.0
    if node.operator == "count":
        number += groups.number
        return floats._replace(values=number, present=number > 0)
    if node.operator == "group":
        return floats._replace(values=np.ones(number.shape), present=(number + groups.number) > 0)
    if node.operator not in {"sum", "avg"}:
        said.of_histograms({Note.IGNORED}, operation=node.operator)
        return floats
    notes: set[Note] = set()
    combine = summed if node.operator == "sum" else averaged
    parts = combine(vector.parts, owners, floats.present.shape[1], notes)
    both = floats.present & (number > 0)
    if both.any():
        notes.add(Note.MIXED)
    said.of_histograms(notes, operation="aggregation", metric=None)
    return Vector(labels, floats.values, floats.present & ~both, parts=kept(parts, ~both))


def _grouped(node: Aggregation, vector: Vector) -> Groups:
    labels, owners = members(keys(node, vector.labels))
    order = np.argsort(owners, kind="stable")
    sorted_already = len(labels) <= 1 or bool((np.diff(owners) >= 0).all())
    values = vector.values if sorted_already else vector.values[order]
    present = vector.present if sorted_already else vector.present[order]
    starts = np.searchsorted(owners[order], np.arange(len(labels)))
    whole = bool(present.all())
    if not whole:
        values = np.where(present, values, 0.0)
        number = _add(present.astype(np.float64), starts)
    else:
        sizes = np.diff(np.append(starts, len(owners))).astype(np.float64)
        number = np.repeat(sizes[:, None], values.shape[1], axis=1)
    return Groups(labels, starts, values, present, number, whole)


def _add(values: Floats, starts: Ints) -> Floats:
    return _fold(np.add, values, starts)


def _fold(op: np.ufunc, values: Floats, starts: Ints) -> Floats:
    if not len(starts):
        return np.zeros((0, values.shape[1]))
    if len(starts) == 1:
        found: Floats = op.reduce(values, axis=0, keepdims=True)
        return found
    parts: Floats = op.reduceat(values, starts, axis=0)
    return parts


def _sum(groups: Groups) -> Floats:
    sums = _add(groups.values, groups.starts)
    for group, step in _doubtful(groups, sums):
        sums[group, step] = kahan_sum(_column(groups, group, step))
    return sums


def _avg(groups: Groups) -> Floats:
    sums = _add(groups.values, groups.starts)
    means = sums / groups.number
    for group, step in _doubtful(groups, sums):
        means[group, step] = kahan_mean(_column(groups, group, step))
    return means


def _doubtful(groups: Groups, sums: Floats) -> list[tuple[int, int]]:
    """Return the cells whose plain sum is worth little: cancelled out, or overflown."""
    if not groups.values.size or (groups.values.min() >= 0.0 and np.isfinite(sums).all()):
        return []
    magnitudes = _add(np.abs(groups.values), groups.starts)
    doubtful = (np.abs(sums) < CANCELLED * magnitudes) & np.isfinite(magnitudes)
    overflown = np.isinf(magnitudes)
    if overflown.any():
        doubtful |= overflown & np.isfinite(_extreme(np.fmax, np.abs(groups.values), groups.starts))
    return [(int(group), int(step)) for group, step in np.argwhere(doubtful)]


def _column(groups: Groups, group: int, step: int) -> list[float]:
    ends = np.append(groups.starts, len(groups.values))
    rows = slice(ends[group], ends[group + 1])
    column: list[float] = groups.values[rows, step][groups.present[rows, step]].tolist()
    return column


def _extreme(op: np.ufunc, values: Floats, starts: Ints) -> Floats:
    return _fold(op, values, starts)


def _least(groups: Groups) -> Floats:
    values = groups.values if groups.whole else np.where(groups.present, groups.values, np.nan)
    return _with_sign(groups, _fold(np.fmin, values, groups.starts))


def _greatest(groups: Groups) -> Floats:
    values = groups.values if groups.whole else np.where(groups.present, groups.values, np.nan)
    return _with_sign(groups, _fold(np.fmax, values, groups.starts))


def _with_sign(groups: Groups, found: Floats) -> Floats:
    """Return extremes where of equal zeros the first gives the sign."""
    zero = found == 0.0
    if zero.any() and np.signbit(groups.values[groups.values == 0.0]).any():
        for group, step in np.argwhere(zero).tolist():
            column = _column(groups, group, step)
            found[group, step] = next(each for each in column if each == 0.0)
    return found


def _variance(groups: Groups) -> Floats:
    """Return the population variance, from deviations of the mean; not finite gives NaN.

    They are counted from the least value, so that equal values have none at all.
    """
    sizes = np.diff(np.append(groups.starts, len(groups.values)))
    above = groups.values - np.repeat(_least(groups), sizes, axis=0)
    above = np.where(groups.present, above, 0.0)
    means = _add(above, groups.starts) / groups.number
    away = np.where(groups.present, above - np.repeat(means, sizes, axis=0), 0.0)
    return _add(away * away, groups.starts) / groups.number


REDUCTIONS: dict[str, Reduction] = {
    "sum": _sum,
    "avg": _avg,
    "count": lambda groups: groups.number,
    "group": lambda groups: np.ones(groups.number.shape),
    "min": _least,
    "max": _greatest,
    "stdvar": _variance,
    "stddev": lambda groups: np.sqrt(_variance(groups)),
}
