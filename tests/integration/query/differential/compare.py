"""Two answers to one query: are they the same?"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from watchroom.model.labels import Labels

TOLERANCE = 1e-9
"""How far two values may be apart, relative to the larger."""

NOISE, TINY = 1e-15, 1e-280
"""Between these lies what rounding leaves where terms of ordinary size cancel out."""

NOISE, TINY = 1e-15, 1e-280
"""Between these lies what rounding leaves where terms of ordinary size cancel out."""


class Query(NamedTuple):
    """What is asked: at `end` alone where the step is 0. All times in milliseconds."""

    text: str
    start: int
    end: int
    step: int
    ordered: bool = False
    """Whether the order of the answer is defined."""


class Row(NamedTuple):
    """One series of an answer."""

    labels: Labels
    values: Sequence[tuple[int, float]]
    histograms: Sequence[tuple[int, Sequence[float]]] = ()
    """Count, sum, then lower and upper bound and count of each bucket that is not empty."""


class Result(NamedTuple):
    """An answer in a form that both sides can be brought to."""

    kind: str
    rows: Sequence[Row] = ()
    text: str = ""
    error: str = ""


def difference(expected: Result, found: Result, *, ordered: bool = False) -> str:
    """Say in what way an answer is not the expected one; nothing where it is."""
    if expected.kind != found.kind:
        return f"the answer is {_named(found)}, not {_named(expected)}"
    if expected.kind == "error":
        return "" if expected.error == found.error else f"{found.error} is not {expected.error}"
    if expected.kind == "string":
        return "" if expected.text == found.text else f"{found.text!r} is not {expected.text!r}"
    if ordered and [row.labels for row in expected.rows] != [row.labels for row in found.rows]:
        return "the order is another"
    return _rows(expected.rows, found.rows)


def _named(result: Result) -> str:
    return f"the error {result.error}: {result.text}" if result.error else f"a {result.kind}"


def _rows(expected: Sequence[Row], found: Sequence[Row]) -> str:
    there = {row.labels: row for row in found}
    if len(there) != len(found):
        return "a series is there twice"
    wanted = {row.labels for row in expected}
    if extra := there.keys() - wanted:
        return f"{len(extra)} series too many: {min(extra)}"
    if missing := wanted - there.keys():
        return f"{len(missing)} series missing: {min(missing)}"
    for row in expected:
        if text := _row(row, there[row.labels]):
            return f"{dict(row.labels)}: {text}"
    return ""


def _row(expected: Row, found: Row) -> str:
    times = [time for time, _ in expected.values]
    if times != (others := [time for time, _ in found.values]):
        return f"values at {_first_odd(times, others)} on one side only"
    for (time, value), (_, other) in zip(expected.values, found.values, strict=True):
        if not same(value, other):
            return f"{other!r} is not {value!r} at {time}"
    times = [time for time, _ in expected.histograms]
    if times != (others := [time for time, _ in found.histograms]):
        return f"histograms at {_first_odd(times, others)} on one side only"
    for (time, numbers), (_, rest) in zip(expected.histograms, found.histograms, strict=True):
        if len(numbers) != len(rest) or not all(map(same, numbers, rest)):
            return f"{rest} is not {numbers} at {time}"
    return ""


def _first_odd(times: Sequence[int], others: Sequence[int]) -> str:
    return str(sorted(set(times) ^ set(others))[:3])


def same(value: float, other: float) -> bool:
    """Say whether two values are the same, but for rounding."""
    if math.isnan(value) or math.isnan(other):
        return math.isnan(value) and math.isnan(other)
    if value == 0 or other == 0:
        return value == other or TINY < abs(value + other) < NOISE
    return value == other or (
        math.isfinite(value)
        and math.isfinite(other)
        and abs(value - other) <= TOLERANCE * max(abs(value), abs(other))
    )
