"""Operators between two vectors: how their series find each other."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeAlias

import numpy as np

from watchroom.model.labels import NAME, Labels
from watchroom.query.errors import QueryError
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.elementwise import ARITHMETIC, operate
from watchroom.query.promql.language.tree import Binary, Matching
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.operators import Side
from watchroom.query.promql.native.operators import operate as met_histograms
from watchroom.query.promql.native.part import Part, kept, moved
from watchroom.query.promql.text import shown_labels
from watchroom.query.promql.values import METADATA, Vector, joined, rows_of, stacked
from watchroom.storage.contract import Bools, Ints

Signature: TypeAlias = Callable[[Labels], Hashable]


def matched(node: Binary, left: Vector, right: Vector, budget: Budget, said: Annotations) -> Vector:
    """Return an arithmetic operator or a comparison between vectors.

    Raises:
        QueryError: a series has more than one partner, or two results have the same labels.
    """
    if not len(left.labels) or not len(right.labels):
        return rows_of(left, [])
    matching = node.matching or Matching()
    many, one = (right, left) if matching.card == "one-to-many" else (left, right)
    of = signature(matching)
    many_keys, one_keys = [of(each) for each in many.labels], [of(each) for each in one.labels]
    _refuse_many_to_many(matching, many, one, one_keys)
    rows, partners = _pairs(many_keys, one_keys)
    budget.hold(len(rows), many.values.shape[1])
    labels = [
        _result_labels(node, many.labels[row], one.labels[partner])
        for row, partner in zip(rows, partners, strict=True)
    ]
    present = many.occupied[rows] & one.occupied[partners]
    _refuse_ambiguous(matching, [many_keys[row] for row in rows], labels, present)
    sides = (rows_of(many, rows), rows_of(one, partners))
    left, right = sides[::-1] if many is right else sides
    values, kept = operate(node, left.values, right.values)
    found = Vector(labels, values, left.present & right.present & kept)
    if left.parts or right.parts:
        found = _with_histograms(node, found, left, right, said)
    return joined(found)


def _with_histograms(
    node: Binary, found: Vector, left: Vector, right: Vector, said: Annotations
) -> Vector:
    """Add to the results of floats those of pairs with histograms on one side or both."""
    values, present = found.values.copy(), found.present
    parts: list[Part] = []
    notes: set[Note] = set()
    sides = [_sides(left), _sides(right)]
    for row, (mine, other) in enumerate(zip(*sides, strict=True)):
        if mine.parts or other.parts:
            met = met_histograms(node.operator, mine, other, notes, truth=node.returns_bool)
            values[row, met.present] = met.values[met.present]
            present[row] |= met.present
            parts += moved(met.parts, row)
    said.of_histograms(notes, operation=node.operator)
    return found._replace(values=values, present=present, parts=parts)


def _sides(vector: Vector) -> list[Side]:
    parts: list[list[Part]] = [[] for _ in vector.labels]
    for part in vector.parts:
        parts[part.series].append(part._replace(series=0))
    return [Side(*each) for each in zip(vector.values, vector.present, parts, strict=True)]


def combined(node: Binary, left: Vector, right: Vector) -> Vector:
    """Return a set operator between vectors: and, or, unless."""
    of = signature(node.matching or Matching())
    places: dict[Hashable, int] = {}
    left_keys = _numbered((of(each) for each in left.labels), places)
    right_keys = _numbered((of(each) for each in right.labels), places)
    steps = left.values.shape[1]
    other, other_keys = (left, left_keys) if node.operator == "or" else (right, right_keys)
    there = np.zeros((len(places), steps), np.bool_)
    np.logical_or.at(there, other_keys, other.occupied)
    if node.operator == "or":
        free = ~there[right_keys]
        rest = right._replace(present=right.present & free, parts=kept(right.parts, free))
        return joined(stacked([left, rest], steps))
    partner = there[left_keys] if node.operator == "and" else ~there[left_keys]
    parts = kept(left.parts, partner)
    return left._replace(present=left.present & partner, ordered=False, parts=parts)


def signature(matching: Matching) -> Signature:
    """Return the function that says by what a series finds its partner."""
    if matching.on:
        kept = frozenset(matching.labels)
        return lambda labels: tuple(pair for pair in labels if pair[0] in kept)
    dropped = frozenset((*matching.labels, NAME))
    return lambda labels: tuple(pair for pair in labels if pair[0] not in dropped)


def _numbered(keys: Iterable[Hashable], places: dict[Hashable, int]) -> Ints:
    return np.array([places.setdefault(key, len(places)) for key in keys], np.int64)


def _pairs(
    many_keys: Sequence[Hashable], one_keys: Sequence[Hashable]
) -> tuple[list[int], list[int]]:
    """Return the rows that have a partner, with the partner's."""
    partners = defaultdict(list)
    for row, key in enumerate(one_keys):
        partners[key].append(row)
    pairs = [(row, other) for row, key in enumerate(many_keys) for other in partners.get(key, ())]
    return [row for row, _ in pairs], [other for _, other in pairs]


def _result_labels(node: Binary, many: Labels, one: Labels) -> Labels:
    """Return the labels of a result."""
    matching = node.matching or Matching()
    dropped = set(METADATA) if node.operator in ARITHMETIC or node.returns_bool else set()
    if matching.card == "one-to-one" and matching.on:
        return tuple(pair for pair in many if pair[0] in matching.labels and pair[0] not in dropped)
    if matching.card == "one-to-one":
        dropped.update(matching.labels)
    dropped.update(matching.include)
    kept = [pair for pair in many if pair[0] not in dropped]
    taken = [pair for pair in one if pair[0] in matching.include]
    return tuple(sorted(kept + taken)) if taken else tuple(kept)


def _refuse_many_to_many(
    matching: Matching, many: Vector, one: Vector, keys: Sequence[Hashable]
) -> None:
    groups = _repeated(keys)
    relevant = many.occupied.any(axis=0) if groups else None
    for rows in groups:
        meet = (one.occupied[rows].sum(axis=0) > 1) & relevant
        if not meet.any():
            continue
        step = int(np.flatnonzero(meet)[0])
        first, second = [row for row in rows if one.occupied[row, step]][:2]
        shown = sorted(shown_labels(one.labels[row]) for row in (first, second))
        side = "left" if matching.card == "one-to-many" else "right"
        group = shown_labels(signature(matching)(one.labels[first]))  # type: ignore[arg-type]
        raise QueryError(
            "execution",
            f"found duplicate series for the match group {group} on the {side} hand-side of the "
            f"operation: [{', '.join(shown)}];many-to-many matching not allowed: matching labels "
            "must be unique on one side",
            "add labels to on(...), or aggregate that side first",
        )


def _refuse_ambiguous(
    matching: Matching, keys: Sequence[Hashable], labels: Sequence[Labels], present: Bools
) -> None:
    """Refuse results of one match group that cannot be told apart at some step."""
    one_to_one = matching.card == "one-to-one"
    groups = _repeated(keys if one_to_one else list(zip(keys, labels, strict=True)))
    if not any((present[rows].sum(axis=0) > 1).any() for rows in groups):
        return
    if one_to_one:
        raise QueryError(
            "execution",
            "multiple matches for labels: many-to-one matching must be explicit "
            "(group_left/group_right)",
            "write group_left or group_right after on(...) or ignoring(...)",
        )
    raise QueryError(
        "execution",
        "multiple matches for labels: grouping labels must ensure unique matches",
        "name fewer labels in group_left(...) or group_right(...)",
    )


def _repeated(keys: Sequence[Hashable]) -> list[list[int]]:
    """Return the rows of each key that occurs more than once."""
    if len(set(keys)) == len(keys):
        return []
    rows = defaultdict(list)
    for row, key in enumerate(keys):
        rows[key].append(row)
    return [each for each in rows.values() if len(each) > 1]
