"""Quantiles of numbers: over windows and over groups. NaN counts as less than any number."""

from collections.abc import Iterator

import numpy as np

from watchroom.query.promql.windows import Block
from watchroom.storage.contract import Bools, Floats, Ints

CELLS = 1 << 20
"""Numbers sorted at a time."""


def slices(series: int, steps: int) -> Iterator[slice]:
    """Yield the steps in parts that have few enough numbers to sort at a time."""
    width = max(1, CELLS // max(1, series))
    for first in range(0, steps, width):
        yield slice(first, min(first + width, steps))


@np.errstate(invalid="ignore")
def quantile(values: Floats, present: Bools, q: Floats) -> Floats:
    """Return the q-quantile over the last axis of those of `values` that are present.

    `q` has the shape without that axis. Between two numbers it is interpolated; NaN of none, and
    for a `q` of NaN; -Inf and +Inf for one outside 0 and 1.
    """
    odd = present & np.isnan(values)
    ordered = np.sort(np.where(present, np.where(odd, -np.inf, values), np.inf), axis=-1)
    number, unknown = present.sum(axis=-1), odd.sum(axis=-1)
    inside = np.where((q >= 0) & (q <= 1), q, 0.0)
    rank = inside * (number - 1)
    low = np.maximum(np.floor(rank), 0).astype(np.int64)
    high = np.clip(low + 1, 0, np.maximum(number - 1, 0))
    weight = rank - np.floor(rank)
    found = _at(ordered, low, unknown) * (1 - weight) + _at(ordered, high, unknown) * weight
    found = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, found))
    return np.where((number == 0) | np.isnan(q), np.nan, found)


def _at(ordered: Floats, place: Ints, unknown: Ints) -> Floats:
    """Return the numbers at a place; the first `unknown` of them stand for NaN."""
    last = ordered.shape[-1] - 1
    found = np.take_along_axis(ordered, np.minimum(place, last)[..., None], axis=-1)[..., 0]
    return np.where(place < unknown, np.nan, found)


def quantile_over_time(block: Block) -> Floats:
    """Return the quantile of each window; the parameter [T] says which."""
    low, high = block.windows.low, block.windows.high
    series, number = len(block.values), len(low)
    widest = int((high - low).max())
    result = np.empty((series, number))
    for some in slices(series * widest, number):
        block.budget.check()
        places = low[some, None] + np.arange(widest)
        present = places < high[some, None]
        values = block.values[:, np.minimum(places, block.values.shape[1] - 1)]
        q = np.broadcast_to(block.parameter[some], (series, len(places)))
        result[:, some] = quantile(values, np.broadcast_to(present, values.shape), q)
    return result
