"""Aggregations that look at each value: topk, bottomk, quantile, count_values."""

from collections.abc import Iterator, Sequence

import numpy as np

from watchroom.model.labels import Labels
from watchroom.query.errors import QueryError
from watchroom.query.promql.aggregation import keys, members, split
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.distributions import check_quantile
from watchroom.query.promql.language.tree import Aggregation
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import histograms
from watchroom.query.promql.quantiles import quantile, slices
from watchroom.query.promql.text import is_label_name, quoted, shown_histogram, shown_number
from watchroom.query.promql.values import Value, Vector, as_scalar, as_text, rows_of
from watchroom.storage.contract import Bools, Floats, Ints


def ranked(
    node: Aggregation, vector: Vector, parameter: Value, budget: Budget, said: Annotations
) -> Vector:
    """Return an aggregation that has a parameter.

    Raises:
        QueryError: the parameter makes no sense, or there would be too many series.
    """
    if node.operator == "count_values":
        return count_values(node, vector, as_text(parameter), budget)
    if vector.parts:
        said.of_histograms({Note.IGNORED}, operation=node.operator)
        vector = vector._replace(parts=())
    number = as_scalar(parameter).values
    if node.operator == "quantile":
        check_quantile(number, said)
        return quantiles(node, vector, number, budget)
    return topk(node, vector, number, budget)


def topk(node: Aggregation, vector: Vector, k: Floats, budget: Budget) -> Vector:
    """Return the k [T] series of each group with the largest (bottomk: smallest) values."""
    number = _whole(k, len(vector.labels))
    labels, owners = members(keys(node, vector.labels))
    ranked = -vector.values if node.operator == "topk" else vector.values
    chosen = np.zeros(vector.present.shape, np.bool_)
    for rows in split(owners, len(labels)):
        for steps in slices(len(rows), len(k)):
            budget.check()
            cells = (rows[:, None], np.arange(steps.start, steps.stop))
            chosen[cells] = _smallest(ranked[cells], vector.present[cells], number[steps])
    found = vector._replace(present=chosen, ordered=False)
    return _sorted(found, ranked, owners) if len(k) == 1 else found


def _whole(k: Floats, most: int) -> Ints:
    """Return how many series are wanted at each step."""
    if np.isnan(k).any() and not (k.max() < 1):
        raise QueryError("execution", "Parameter value is NaN", "k is a number of series")
    for value in (float(k.min()), float(k.max())):
        if abs(value) >= 2.0**63:
            flow = "overflows" if value > 0 else "underflows"
            raise QueryError(
                "execution", f"Scalar value {value:g} {flow} int64", "k is a number of series"
            )
    return np.clip(np.trunc(k), 0, most).astype(np.int64)


def _smallest(ranked: Floats, present: Bools, number: Ints) -> Bools:
    """Return the `number` smallest of each column, NaN last; the first of equal ones."""
    known = present & ~np.isnan(ranked)
    candidates = np.where(known, ranked, np.nan)
    wanted = np.minimum(number, known.sum(axis=0))
    ordered = np.sort(candidates, axis=0)
    edge = np.take_along_axis(ordered, np.maximum(wanted - 1, 0)[None, :], axis=0)
    below, equal = candidates < edge, candidates == edge
    room = wanted - below.sum(axis=0)
    chosen: Bools = below | (equal & (np.cumsum(equal, axis=0) <= room))
    chosen &= wanted > 0
    unknown = present & ~known
    if unknown.any():
        chosen |= unknown & (np.cumsum(unknown, axis=0) <= number - wanted)
    return chosen


def _sorted(vector: Vector, ranked: Floats, owners: Ints) -> Vector:
    """Return the chosen series of an instant, group by group in the order of their values."""
    rows = np.flatnonzero(vector.present[:, 0])
    order = np.lexsort((ranked[rows, 0], owners[rows]))
    return rows_of(vector, rows[order].tolist())._replace(ordered=True)


def quantiles(node: Aggregation, vector: Vector, q: Floats, budget: Budget) -> Vector:
    """Return the q-quantile [T] of each group."""
    labels, owners = members(keys(node, vector.labels))
    steps = vector.values.shape[1]
    values, present = np.full((len(labels), steps), np.nan), np.zeros((len(labels), steps), bool)
    for group, rows in enumerate(split(owners, len(labels))):
        for part in slices(len(rows), steps):
            budget.check()
            there = vector.present[rows, part].T
            values[group, part] = quantile(vector.values[rows, part].T, there, q[part])
            present[group, part] = there.any(axis=1)
    return Vector(labels, values, present)


def count_values(node: Aggregation, vector: Vector, name: str, budget: Budget) -> Vector:
    """Return how many series of each group have each value; the label `name` says which."""
    if not is_label_name(name):
        raise QueryError(
            "execution", f"invalid label name {quoted(name)}", 'count_values("label", x)'
        )
    labels, owners = members(keys(node, vector.labels))
    steps = vector.values.shape[1]
    places: dict[tuple[int, str], int] = {}
    found = []
    for part in slices(len(vector.labels), steps):
        pairs, counts = _counted(vector, owners, part, budget)
        rows = [places.setdefault(pair, len(places)) for pair in pairs]
        budget.hold(len(places), steps)
        found.append((rows, part, counts))
    seen = list(_histogram_values(vector, owners, budget))
    rows = [places.setdefault(pair, len(places)) for pair, _ in seen]
    budget.hold(len(places), steps)
    counted = np.zeros((len(places), steps))
    for each, part, counts in found:
        counted[each, part] = counts
    np.add.at(counted, (rows, [step for _, step in seen]), 1.0)
    return _added([_labelled(labels[group], name, text) for group, text in places], counted)


def _counted(
    vector: Vector, owners: Ints, part: slice, budget: Budget
) -> tuple[list[tuple[int, str]], Floats]:
    """Return the values that there are in some steps, by group, and how often at each step."""
    rows, at = np.nonzero(vector.present[:, part])
    # By their bits: nought and minus nought are two values.
    bits = vector.values[:, part][rows, at].view(np.int64)
    values, kinds = np.unique(bits, return_inverse=True)
    budget.hold(len(values), part.stop - part.start)
    texts = [shown_number(value) for value in values.view(np.float64).tolist()]
    pairs, places = np.unique(owners[rows] * len(texts) + kinds, return_inverse=True)
    width = part.stop - part.start
    counts = np.bincount(places * width + at, minlength=len(pairs) * width)
    found = [(pair // len(texts), texts[pair % len(texts)]) for pair in pairs.tolist()]
    return found, counts.reshape(len(pairs), width).astype(np.float64)


def _histogram_values(
    vector: Vector, owners: Ints, budget: Budget
) -> Iterator[tuple[tuple[int, str], int]]:
    """Yield group and text of each histogram, and its step."""
    for part in vector.parts:
        budget.check()
        for step, each in histograms(part):
            yield (int(owners[part.series]), shown_histogram(each)), step


def _labelled(labels: Labels, name: str, text: str) -> Labels:
    kept = [pair for pair in labels if pair[0] != name]
    return tuple(sorted([*kept, (name, text)]))


def _added(labels: Sequence[Labels], counted: Floats) -> Vector:
    """Return the vector of the counts; those of the same labels add up."""
    distinct, places = members(labels)
    if len(distinct) < len(labels):
        sums = np.zeros((len(distinct), counted.shape[1]))
        np.add.at(sums, places, counted)
        counted = sums
    return Vector(distinct, counted, counted > 0)
