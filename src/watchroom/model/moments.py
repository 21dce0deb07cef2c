"""Moments of values seen in several processes, for the coefficient of determination."""

from collections.abc import Iterable
from typing import NamedTuple


class Moments(NamedTuple):
    """Count, mean, and sum of squared distances from the mean."""

    count: float  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    mean: float
    squares: float


def merge(parts: Iterable[Moments]) -> Moments:
    """Return the moments of the union, stable however far the means lie apart.

    Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm" (1979).
    """
    count, mean, squares = 0.0, 0.0, 0.0
    for part in parts:
        if part.count <= 0:
            continue
        both = count + part.count
        apart = part.mean - mean
        mean += apart * part.count / both
        squares += part.squares + apart * apart * count * part.count / both
        count = both
    return Moments(count, mean, squares)


def shifted(count: float, total: float, squares: float, shift: float) -> Moments:
    """Return the moments of `count` values whose distances from `shift` add up to `total`.

    `squares` is the sum of the squared distances. A negative remainder is rounding, hence zero.
    """
    if count <= 0:
        return Moments(0.0, 0.0, 0.0)
    return Moments(count, shift + total / count, max(0.0, squares - total * total / count))


def r_squared(squared_error: float, moments: Moments) -> float | None:
    """Return 1 - SSE/SST; None below two values or where all are alike."""
    spread = moments.squares
    if moments.count < 2 or spread <= 1e-12 * moments.count * moments.mean**2 or spread <= 0.0:
        return None
    return 1.0 - squared_error / spread
