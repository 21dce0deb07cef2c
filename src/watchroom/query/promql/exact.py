"""Sums and means of one window in Prometheus' way, for where a plain sum would lose too much."""

import math
from collections.abc import Iterable, Sequence


def kahan_sum(values: Iterable[float]) -> float:
    """Return the sum with Neumaier's compensation."""
    total, lost = 0.0, 0.0
    for value in values:
        total, lost = _add(value, total, lost)
    return total + lost


def kahan_mean(values: Sequence[float]) -> float:
    """Return the mean; where the sum would overflow it goes on from mean to mean."""
    total, lost = values[0], 0.0
    for place, value in enumerate(values[1:], 2):
        more, remainder = _add(value, total, lost)
        if math.isinf(more):
            return _incremental(values[place - 1 :], total / (place - 1), lost / (place - 1), place)
        total, lost = more, remainder
    return total / len(values) + lost / len(values)


def _incremental(values: Sequence[float], mean: float, lost: float, place: int) -> float:
    for count, value in enumerate(values, place):
        share = (count - 1) / count
        mean, lost = _add(value / count, share * mean, share * lost)
    return mean + lost


def _add(value: float, total: float, lost: float) -> tuple[float, float]:
    more = total + value
    if math.isinf(more):
        return more, 0.0
    if abs(total) >= abs(value):
        return more, lost + ((total - more) + value)
    return more, lost + ((value - more) + total)
