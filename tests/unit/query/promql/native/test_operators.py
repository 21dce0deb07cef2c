"""Binary operators between histograms and numbers."""

import numpy as np
import pytest
from tests.unit.query.promql.native.reference import rows
from tests.unit.query.promql.native.test_aggregate import STEPS, single

from watchroom.model.histogram import Histogram
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.operators import Met, Side, operate
from watchroom.query.promql.native.part import Part, picked, repeated

ONE = Histogram(4, 3.0, 1, {0: 3}, {}, 1)
NOTHING = Side(np.zeros(STEPS), np.zeros(STEPS, np.bool_), [])


def histogram(value: Histogram) -> Side:
    return NOTHING._replace(parts=single(value))


def number(value: float) -> Side:
    return NOTHING._replace(values=np.full(STEPS, value), present=np.ones(STEPS, np.bool_))


def met(op: str, left: Side, right: Side, *, truth: bool = False) -> tuple[Met, set[Note]]:
    notes: set[Note] = set()
    return operate(op, left, right, notes, truth=truth), notes


@pytest.mark.parametrize(
    ("op", "left", "right", "count"),
    [
        ("+", histogram(ONE), histogram(ONE), 8.0),
        ("-", histogram(ONE), histogram(ONE), 0.0),
        ("*", histogram(ONE), number(2.0), 8.0),
        ("*", number(2.0), histogram(ONE), 8.0),
        ("/", histogram(ONE), number(2.0), 2.0),
        ("==", histogram(ONE), histogram(ONE), 4.0),
        ("!=", histogram(ONE), histogram(ONE._replace(sum=7.0)), 4.0),
    ],
)
def test_what_histograms_can_do(op: str, left: Side, right: Side, count: float) -> None:
    found, notes = met(op, left, right)
    assert rows(found.parts)[0].count == count
    assert notes == set()
    assert not found.present.any()


@pytest.mark.parametrize(
    ("op", "left", "right", "note"),
    [
        ("*", histogram(ONE), histogram(ONE), Note.HISTOGRAMS),
        (">", histogram(ONE), histogram(ONE), Note.HISTOGRAMS),
        ("+", histogram(ONE), number(1.0), Note.HISTOGRAM_FLOAT),
        ("-", number(1.0), histogram(ONE), Note.FLOAT_HISTOGRAM),
        ("/", number(1.0), histogram(ONE), Note.FLOAT_HISTOGRAM),
        ("==", histogram(ONE), number(4.0), Note.HISTOGRAM_FLOAT),
    ],
)
def test_what_they_cannot_is_said(op: str, left: Side, right: Side, note: Note) -> None:
    found, notes = met(op, left, right, truth=op in {"==", ">"})
    assert rows(found.parts) == {}
    assert not found.present.any()
    assert notes == {note}


def test_truth_is_a_number() -> None:
    found, _ = met("==", histogram(ONE), histogram(ONE), truth=True)
    assert (found.values[0], found.present.tolist()) == (1.0, [True] + [False] * (STEPS - 1))
    found, _ = met("!=", histogram(ONE), histogram(ONE), truth=True)
    assert (found.values[0], found.present[0]) == (0.0, True)


def test_a_difference_is_a_gauge() -> None:
    found, _ = met("-", histogram(ONE), histogram(ONE))
    assert found.parts[0].gauge
    assert rows(found.parts)[0].positive == {}


def test_parts_follow_their_series() -> None:
    parts: list[Part] = [*single(ONE, 0), *single(ONE._replace(sum=7.0), 2)]
    found = picked(parts, [2, 1, 0, 2])
    assert [(part.series, part.sums.tolist()) for part in found] == [
        (0, [7.0]),
        (2, [3.0]),
        (3, [7.0]),
    ]
    assert rows([repeated(parts[0], 3)]).keys() == {0, 1, 2}
