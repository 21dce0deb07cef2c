"""Binary operators of which one operand or both have histograms."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from watchroom.query.promql.native.algebra import equal, meeting, plus
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, divided, presence, scaled, take
from watchroom.query.promql.native.trim import trimmed
from watchroom.storage.contract import Bools, Floats


class Side(NamedTuple):
    """One series over T steps: numbers where `present` [T], and histograms."""

    values: Floats
    present: Bools
    parts: Sequence[Part]


class Met(NamedTuple):
    """What came of it: histograms, and numbers that are not NaN where `present` [T]."""

    parts: list[Part]
    values: Floats
    present: Bools


def operate(op: str, left: Side, right: Side, notes: set[Note], *, truth: bool) -> Met:
    """Return what an operator makes of two series where one of them or both are histograms.

    The `parts` of both are of the series 0. `truth` is the modifier `bool`.
    """
    steps = len(left.present)
    met = _histograms(op, left.parts, right.parts, steps, notes, truth=truth)
    mine, other = presence(left.parts, (1, steps))[0], presence(right.parts, (1, steps))[0]
    if (mine & right.present).any():
        met.parts.extend(with_number(op, left.parts, right, notes))
    if (other & left.present).any():
        met.parts.extend(number_with(op, left, right.parts, notes))
    return met


def with_number(op: str, parts: Sequence[Part], right: Side, notes: set[Note]) -> list[Part]:
    """Return histograms times or divided by numbers, or trimmed at them."""
    function = {"*": scaled, "/": divided}.get(op)
    if op in {"</", ">/"}:
        function = partial(trimmed, below=op == "</")
    if function is None:
        notes.add(Note.HISTOGRAM_FLOAT)
        return []
    return _by_numbers(function, parts, right)


def number_with(op: str, left: Side, parts: Sequence[Part], notes: set[Note]) -> list[Part]:
    """Return numbers times histograms."""
    if op != "*":
        notes.add(Note.FLOAT_HISTOGRAM)
        return []
    return _by_numbers(scaled, parts, left)


def _by_numbers(
    function: Callable[[Part, Floats], Part], parts: Sequence[Part], numbers: Side
) -> list[Part]:
    shown = [take(part, numbers.present[part.steps]) for part in parts]
    return [function(part, numbers.values[part.steps]) for part in shown if len(part.steps)]


def _histograms(
    op: str,
    left: Sequence[Part],
    right: Sequence[Part],
    steps: int,
    notes: set[Note],
    *,
    truth: bool,
) -> Met:
    """Return what an operator makes of histograms on both sides."""
    nothing = Met([], np.zeros(steps), np.zeros(steps, np.bool_))
    met = meeting(left, right, steps)
    if not met.any():
        return nothing
    if op in {"+", "-"}:
        return nothing._replace(parts=plus(left, right, 1.0 if op == "+" else -1.0, notes))
    if op not in {"==", "!="}:
        notes.add(Note.HISTOGRAMS)
        return nothing
    parts = [part for part in equal(left, right, op == "==") if len(part.steps)]
    if not truth:
        return nothing._replace(parts=parts)
    return Met([], presence(parts, (1, steps))[0].astype(np.float64), met)
