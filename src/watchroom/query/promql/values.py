"""The values of expressions over T steps."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.model.labels import NAME, Labels
from watchroom.query.errors import QueryError
from watchroom.query.promql.native.part import Part, picked, presence, repeated
from watchroom.storage.contract import Bools, Floats, Times


class Scalar(NamedTuple):
    """One number per step [T]."""

    values: Floats


class String(NamedTuple):
    """A text, the same at each step."""

    text: str


class Vector(NamedTuple):
    """k series over T steps; a value counts where it is present. `values` and `present`: [k, T].

    `ordered` says that the order of the series means something. `parts` are the native histograms,
    which stand where no value is present.
    """

    labels: Sequence[Labels]
    values: Floats
    present: Bools
    ordered: bool = False
    parts: Sequence[Part] = ()

    @property
    def occupied(self) -> Bools:
        """Where there is a number or a histogram [k, T]."""
        if not self.parts:
            return self.present
        return self.present | presence(self.parts, self.present.shape)


Value: TypeAlias = Scalar | String | Vector


def as_vector(value: Value) -> Vector:
    """Return a value that the parser knows to be a vector.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, Vector):
        raise TypeError(f"{type(value).__name__} where a vector belongs")
    return value


def as_scalar(value: Value) -> Scalar:
    """Return a value that the parser knows to be a scalar.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, Scalar):
        raise TypeError(f"{type(value).__name__} where a scalar belongs")
    return value


def as_text(value: Value) -> str:
    """Return the text of a value that the parser knows to be a string.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, String):
        raise TypeError(f"{type(value).__name__} where a string belongs")
    return value.text


def empty(steps: int) -> Vector:
    """Return the vector without series."""
    return Vector([], np.zeros((0, steps)), np.zeros((0, steps), np.bool_))


METADATA = frozenset((NAME, "__type__", "__unit__"))
"""The labels that say what a metric is; what is calculated from it is something else."""


def nameless(labels: Labels) -> Labels:
    """Return labels without the metric's name, type and unit."""
    return tuple(pair for pair in labels if pair[0] not in METADATA)


def without_names(vector: Vector) -> Vector:
    """Return the vector without metric names; series that become the same are joined.

    Raises:
        QueryError: two of them have a value at the same step.
    """
    return joined(vector._replace(labels=[nameless(each) for each in vector.labels]))


def joined(vector: Vector) -> Vector:
    """Return the vector with series of the same labels in one, which must not meet.

    Raises:
        QueryError: two of them have a value at the same step.
    """
    places: dict[Labels, int] = {}
    rows = [places.setdefault(each, len(places)) for each in vector.labels]
    if len(places) == len(vector.labels):
        return vector
    steps = vector.values.shape[1]
    values, present = np.full((len(places), steps), np.nan), np.zeros((len(places), steps), bool)
    taken = np.zeros((len(places), steps), bool)
    for source, (row, here) in enumerate(zip(rows, vector.occupied, strict=True)):
        if (taken[row] & here).any():
            raise same_labels()
        taken[row] |= here
        shown = vector.present[source]
        values[row, shown] = vector.values[source, shown]
        present[row] |= shown
    parts = [part._replace(series=rows[part.series]) for part in vector.parts]
    return Vector(list(places), values, present, vector.ordered, parts)


def distinct(vector: Vector) -> Vector:
    """Return the vector without series that have no value, whose labels must be distinct.

    Raises:
        QueryError: two series have the same labels, even if they do not meet.
    """
    vector = shown(vector)
    if len(set(vector.labels)) < len(vector.labels):
        raise same_labels()
    return vector


def shown(vector: Vector) -> Vector:
    """Return the vector without series that have no value at any step."""
    some = vector.occupied.any(axis=1)
    return vector if some.all() else rows_of(vector, np.flatnonzero(some).tolist())


def rows_of(vector: Vector, rows: Sequence[int]) -> Vector:
    """Return some of the series."""
    labels = [vector.labels[row] for row in rows]
    values, present = vector.values[rows], vector.present[rows]
    return Vector(labels, values, present, vector.ordered, picked(vector.parts, rows))


def stacked(vectors: Iterable[Vector], steps: int) -> Vector:
    """Return the series of several vectors in one."""
    every = list(vectors) or [empty(steps)]
    before = np.cumsum([0, *(len(each.labels) for each in every)]).tolist()
    return Vector(
        [labels for each in every for labels in each.labels],
        np.concatenate([each.values for each in every]),
        np.concatenate([each.present for each in every]),
        parts=[
            part._replace(series=part.series + first)
            for first, each in zip(before, every, strict=False)
            for part in each.parts
        ],
    )


def spread(value: Value, steps: int) -> Value:
    """Return the value of one step at each of many."""
    if isinstance(value, Scalar):
        return Scalar(np.repeat(value.values, steps))
    if isinstance(value, Vector):
        return value._replace(
            values=np.repeat(value.values, steps, axis=1),
            present=np.repeat(value.present, steps, axis=1),
            parts=[repeated(part, steps) for part in value.parts],
        )
    return value


def same_labels() -> QueryError:
    """Return the error of series that cannot be told apart."""
    return QueryError(
        "execution",
        "vector cannot contain metrics with the same labelset",
        "the function drops the metric's name: match on one metric, or aggregate",
    )


def step_times(start: int, end: int, step: int) -> Times:
    """Return the times of a range query, both ends included."""
    return np.arange(start, end + 1, step, dtype=np.int64)
