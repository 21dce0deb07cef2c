"""Binary operators between scalars and vectors."""

import numpy as np

from watchroom.query.promql import matching
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.elementwise import ARITHMETIC, COMPARISONS, SETS, operate
from watchroom.query.promql.language.tree import Binary
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.operators import Side, number_with, with_number
from watchroom.query.promql.native.part import Part
from watchroom.query.promql.values import Scalar, String, Value, Vector, without_names
from watchroom.storage.contract import Floats


@np.errstate(all="ignore")
def apply(node: Binary, left: Value, right: Value, budget: Budget, said: Annotations) -> Value:
    """Return the value of an operator with its operands."""
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(_plain(node.operator, left.values, right.values))
    if isinstance(left, Vector) and isinstance(right, Vector):
        if node.operator in SETS:
            return matching.combined(node, left, right)
        return matching.matched(node, left, right, budget, said)
    return _with_scalar(node, left, right, said)


def _plain(op: str, left: Floats, right: Floats) -> Floats:
    if op in COMPARISONS:
        return COMPARISONS[op](left, right).astype(np.float64)
    return ARITHMETIC[op](left, right)


def _with_scalar(node: Binary, left: Value, right: Value, said: Annotations) -> Vector:
    """Return a vector whose series each meet the scalar."""
    vector = left if isinstance(left, Vector) else right
    if not isinstance(vector, Vector) or isinstance(left, String) or isinstance(right, String):
        raise TypeError(f"{node.operator} stands between scalars and vectors only")
    values, kept = operate(node, left.values, right.values)
    vector = vector._replace(parts=_scaled(node.operator, left, right, said))
    if node.operator not in ARITHMETIC and not node.returns_bool:
        return vector._replace(present=vector.present & kept, ordered=False)
    return without_names(vector._replace(values=values, ordered=False))


def _scaled(op: str, left: Value, right: Value, said: Annotations) -> list[Part]:
    """Return the histograms of one side with the scalar on the other."""
    notes: set[Note] = set()
    found: list[Part] = []
    if isinstance(left, Vector) and isinstance(right, Scalar) and left.parts:
        found = with_number(op, left.parts, _side(right), notes)
    elif isinstance(right, Vector) and isinstance(left, Scalar) and right.parts:
        found = number_with(op, _side(left), right.parts, notes)
    said.of_histograms(notes, operation=op)
    return found


def _side(scalar: Scalar) -> Side:
    return Side(scalar.values, np.ones(len(scalar.values), np.bool_), [])
