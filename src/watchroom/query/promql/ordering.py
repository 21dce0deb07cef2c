"""sort and sort_desc, which matter to instant queries only."""

import numpy as np

from watchroom.query.promql.values import Vector, rows_of
from watchroom.storage.contract import Floats


def ascending(vector: Vector) -> Vector:
    """Return the series of an instant by value, NaN last."""
    return _by_value(vector, vector.values)


def descending(vector: Vector) -> Vector:
    """Return the series of an instant by value, the largest first, NaN last."""
    return _by_value(vector, -vector.values)


def _by_value(vector: Vector, ranked: Floats) -> Vector:
    if vector.values.shape[1] != 1:
        return vector
    order = np.argsort(ranked[:, 0], kind="stable")
    return rows_of(vector, order.tolist())._replace(ordered=True)
