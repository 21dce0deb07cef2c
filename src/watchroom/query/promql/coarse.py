"""Functions of samples where old ones are kept coarsely: of what each one stands for."""

import numpy as np

from watchroom.query.promql.native.part import scaled
from watchroom.query.promql.values import Vector
from watchroom.storage.contract import Aggregate, Floats

AGGREGATES: dict[str, Aggregate] = {
    "min_over_time": "min",
    "max_over_time": "max",
    "sum_over_time": "sum",
    "avg_over_time": "sum",
    "count_over_time": "count",
}
"""What of coarse samples a function is about; any other is about the last of them."""

SCALED = frozenset({"increase", "delta", "sum_over_time", "count_over_time"})
"""Functions that grow with the range."""


def valued(found: Vector, again: Vector) -> Vector:
    """Return what was found with the values of the same series in another vector.

    It was read later: series may have come since, or gone.
    """
    if again.labels == found.labels:
        return found._replace(values=again.values)
    rows = {labels: row for row, labels in enumerate(again.labels)}
    values = np.full_like(found.values, np.nan)
    for row, labels in enumerate(found.labels):
        if labels in rows:
            values[row] = again.values[rows[labels]]
    return found._replace(values=values)


def mean(sums: Vector, counts: Vector, found: Vector) -> Vector:
    """Return the means of floats from sums and counts; the rest is as it was found."""
    return found._replace(values=sums.values / np.where(counts.values > 0, counts.values, np.nan))


def shortened(vector: Vector, share: Floats) -> Vector:
    """Return what rose over wider windows [T] for the range asked for, a share of each."""
    parts = [scaled(part, share[part.steps]) for part in vector.parts]
    return vector._replace(values=vector.values * share, parts=parts)
