"""Exponential backoff with full jitter."""

import random
from collections.abc import Callable


class Backoff:
    """Delays that double up to a ceiling, each drawn between zero and its bound.

    Full jitter, after Brooker, "Exponential Backoff and Jitter" (AWS, 2015).
    """

    def __init__(
        self,
        first: float = 0.5,
        ceiling: float = 30.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._first = first
        self._ceiling = ceiling
        self._draw = draw
        self._failures = 0

    def next(self) -> float:
        """Return the seconds to wait after one more failure."""
        bound = min(self._ceiling, self._first * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return bound * self._draw()

    def reset(self) -> None:
        """Forget the failures: something worked."""
        self._failures = 0
