"""Functions of one number, and the arithmetic of two."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from watchroom.query.promql.language.tree import Binary
from watchroom.storage.contract import Bools, Floats

Operation: TypeAlias = Callable[[Floats, Floats], Floats]
Comparison: TypeAlias = Callable[[Floats, Floats], Bools]

ARITHMETIC: dict[str, Operation] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.float_power,  # np.power takes the root for ^0.5, which is another for -Inf and -0
    "atan2": np.arctan2,
}

COMPARISONS: dict[str, Comparison] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}

TRIMS = frozenset({"</", ">/"})
"""Operators that cut histograms, and have no meaning for numbers."""

SETS = frozenset({"and", "or", "unless"})

FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": np.degrees,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": np.radians,
    "sgn": lambda values: np.where(values == 0.0, values, np.sign(values)),
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}


def operate(node: Binary, left: Floats, right: Floats) -> tuple[Floats, Bools]:
    """Return the values of an operator and where a comparison holds, shaped alike."""
    if node.operator in TRIMS:
        values = np.broadcast_arrays(left, right)[0]
        return values, np.zeros(values.shape, np.bool_)
    if node.operator not in COMPARISONS:
        values = ARITHMETIC[node.operator](left, right)
        return values, np.ones(values.shape, np.bool_)
    kept = COMPARISONS[node.operator](left, right)
    if node.returns_bool:
        return kept.astype(np.float64), np.ones(kept.shape, np.bool_)
    return np.broadcast_to(left, kept.shape), kept
