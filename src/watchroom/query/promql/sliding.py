"""Functions over windows: each takes a block of series and returns a value [k, T] per window."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.query.promql.limits import Budget
from watchroom.query.promql.selection import RangeVector, blocks
from watchroom.query.promql.values import Vector, distinct, nameless
from watchroom.query.promql.windows import Block, edges, windows
from watchroom.storage.contract import Floats

Kernel: TypeAlias = Callable[[Block], Floats]


class Sliding(NamedTuple):
    """A range function: its kernel, the samples it needs, whether the name stays."""

    kernel: Kernel
    least: int = 1
    keeps_name: bool = False


def slide(function: Sliding, series: RangeVector, budget: Budget) -> Vector:
    """Return the function over each window that has enough samples."""
    shape = (len(series.labels), len(series.ends))
    budget.hold(*shape)
    values, present = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    for bundle in series.bundles:
        low, high = edges(bundle.times, series.ends, series.span)
        shown = high - low >= function.least
        if not shown.any():
            continue
        chosen = slice(None) if shown.all() else np.flatnonzero(shown)
        cut = windows(series.ends[chosen], series.span, low[chosen], high[chosen])
        for rows, matrix in blocks(bundle):
            budget.check()
            _place(values, rows, chosen, function.kernel(Block(bundle.times, matrix, cut)))
        present[np.asarray(bundle.rows)] = shown
    labels = series.labels
    if not function.keeps_name:
        labels = [nameless(each) for each in labels]
    return distinct(Vector(labels, values, present))


def _place(values: Floats, rows: object, chosen: object, found: Floats) -> None:
    if isinstance(chosen, slice):
        values[np.asarray(rows)] = found
    else:
        values[np.ix_(np.asarray(rows), np.asarray(chosen))] = found
