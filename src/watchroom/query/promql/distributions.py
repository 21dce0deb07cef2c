"""Functions of native histograms."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from watchroom.model.labels import NAME, value_of
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.native import moments
from watchroom.query.promql.native.fraction import fraction
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part
from watchroom.query.promql.native.quantile import quantile
from watchroom.query.promql.values import Value, Vector, as_scalar, as_vector, without_names
from watchroom.storage.contract import Floats

Function: TypeAlias = Callable[[Sequence[Value], Annotations], Vector]
Number: TypeAlias = Callable[[Part], Floats]


def numbers(
    vector: Vector, number: Callable[[Part, set[Note]], Floats], said: Annotations
) -> Vector:
    """Return the number that a function makes of each histogram; floats are left out."""
    values, present = np.full(vector.present.shape, np.nan), np.zeros_like(vector.present)
    for part in vector.parts:
        notes: set[Note] = set()
        values[part.series, part.steps] = number(part, notes)
        present[part.series, part.steps] = True
        said.of_histograms(notes, metric=value_of(vector.labels[part.series], NAME))
    return without_names(Vector(vector.labels, values, present))


def _of_part(function: Number) -> Function:
    def apply(arguments: Sequence[Value], said: Annotations) -> Vector:
        return numbers(as_vector(arguments[0]), lambda part, _: function(part), said)

    return apply


def quantiles(arguments: Sequence[Value], said: Annotations) -> Vector:
    """Return the quantile of each native histogram."""
    wanted, vector = as_scalar(arguments[0]).values, as_vector(arguments[1])
    check_quantile(wanted, said)
    return numbers(vector, lambda part, notes: quantile(part, wanted[part.steps], notes), said)


def check_quantile(wanted: Floats, said: Annotations) -> None:
    """Say of each quantile that it is none."""
    for odd in dict.fromkeys(map(_go_number, wanted[~((wanted >= 0) & (wanted <= 1))].tolist())):
        said.warn(f"quantile value should be between 0 and 1, got {odd}", parameter=True)


def _go_number(value: float) -> str:
    names = {np.inf: "+Inf", -np.inf: "-Inf"}
    return "NaN" if np.isnan(value) else names.get(value, f"{value:g}")


def fractions(arguments: Sequence[Value], said: Annotations) -> Vector:
    """Return the share of each native histogram between two bounds."""
    low, high = as_scalar(arguments[0]).values, as_scalar(arguments[1]).values

    def share(part: Part, notes: set[Note]) -> Floats:
        return fraction(part, low[part.steps], high[part.steps], notes)

    return numbers(as_vector(arguments[2]), share, said)


FUNCTIONS: Mapping[str, Function] = {
    "histogram_avg": _of_part(moments.mean),
    "histogram_count": _of_part(moments.count),
    "histogram_fraction": fractions,
    "histogram_quantile": quantiles,
    "histogram_stddev": _of_part(moments.deviation),
    "histogram_stdvar": _of_part(moments.variance),
    "histogram_sum": _of_part(moments.total),
}
