"""Functions over windows: each takes a block of series and returns a value [k, T] per window."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.model.labels import NAME, value_of
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, moved
from watchroom.query.promql.native.ranges import evaluate, ranged
from watchroom.query.promql.selection import RangeVector, blocks
from watchroom.query.promql.values import Vector, distinct, nameless
from watchroom.query.promql.windows import NOTHING, Block, Windows, edges
from watchroom.storage.contract import Bools, Floats, Ints

Kernel: TypeAlias = Callable[[Block], Floats]


class Sliding(NamedTuple):
    """A range function: its kernel, the samples it needs, whether the metric's name stays."""

    name: str
    kernel: Kernel
    least: int = 1
    keeps_name: bool = False


def slide(
    function: Sliding,
    series: RangeVector,
    budget: Budget,
    said: Annotations,
    parameter: Floats | None = None,
) -> Vector:
    """Return a function over each window that has enough samples; one parameter per step."""
    shape = (len(series.labels), len(series.ends))
    budget.hold(*shape)
    values, present = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    for bundle in series.bundles:
        low, high = edges(bundle.times, series.ends, series.span)
        shown = high - low >= function.least
        if not shown.any():
            continue
        chosen: slice | Ints = slice(None) if shown.all() else np.flatnonzero(shown)
        of_step = NOTHING if parameter is None else parameter[chosen]
        cut = Windows(
            series.steps[chosen],
            series.ends[chosen],
            series.span[chosen],
            low[chosen],
            high[chosen],
        )
        for rows, matrix in blocks(bundle):
            budget.check()
            block = Block(bundle.times, matrix, cut, budget, of_step)
            _place(values, rows, chosen, function.kernel(block))
        present[np.asarray(bundle.rows)] = shown
    parts = []
    if series.histograms:
        parts = _slide_histograms(function.name, series, values, present, budget, said)
    labels = series.labels
    if not function.keeps_name:
        labels = [nameless(each) for each in labels]
    return distinct(Vector(labels, values, present, parts=parts))


def _slide_histograms(
    name: str,
    series: RangeVector,
    values: Floats,
    present: Bools,
    budget: Budget,
    said: Annotations,
) -> list[Part]:
    """Return the histograms of a function, and correct its floats where it has met some."""
    parts = []
    wanted = {each.row for each in series.histograms}
    floats = {
        row: (bundle.times, samples)
        for bundle in series.bundles
        for row, samples in zip(bundle.rows, bundle.values, strict=True)
        if row in wanted
    }
    none = np.zeros(0, np.int64), np.zeros(0)
    for row, samples, _ in series.histograms:
        budget.check()
        notes: set[Note] = set()
        each = ranged(samples, *floats.get(row, none), series.ends, series.span)
        found = evaluate(name, each, notes)
        operation = "" if name.endswith("_over_time") else "-"
        said.of_histograms(notes, metric=value_of(series.labels[row], NAME), operation=operation)
        parts += moved(found.parts, row)
        present[row] &= ~found.hidden
        if found.values is not None:
            values[row], present[row] = found.values, ~np.isnan(found.values)
    return parts


def _place(values: Floats, rows: Sequence[int], chosen: slice | Ints, found: Floats) -> None:
    """Put what was found for some series into their rows, at the chosen steps."""
    if isinstance(chosen, slice):
        values[np.asarray(rows)] = found
    else:
        values[np.ix_(np.asarray(rows), chosen)] = found
