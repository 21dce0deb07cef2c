"""What can go wrong in the model service, on purpose."""

import random
import time
from collections.abc import Callable, Hashable

from watchroom.runtime.clock import Clock

DESCRIPTIONS = {
    "slow": "half of the answers of duration_predictor take 20 times as long, 0.7 s at least",
    "errors": "15 % of the requests end in an exception",
    "drift": "the scanner loses its calibration: every measurement reads 40 % too high",
    "cache": "every cache key carries the time, so that nothing is found again",
}

_SLOWER = 20.0
_LEAST_DELAY = 0.7
_SHARE_SLOW = 0.5
_SHARE_ERRORS = 0.15
_CALIBRATION = 1.4


class DetectorOffline(RuntimeError):
    """The detector behind the models does not answer."""


class Faults:
    """One fault of DESCRIPTIONS, or none, from `after` seconds on."""

    def __init__(
        self,
        kind: str | None,
        clock: Clock,
        *,
        after: float = 0.0,
        draw: Callable[[], float] = random.random,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._kind = kind
        self._clock = clock
        self._begins = clock.monotonic() + after
        self._draw = draw
        self._sleep = sleep

    def fail(self) -> None:
        """Raise now and then. Raises DetectorOffline."""
        if self._on("errors") and self._draw() < _SHARE_ERRORS:
            raise DetectorOffline("the detector does not answer")

    def linger(self, model: str, seconds: float) -> None:
        """Make a prediction that took `seconds` take twenty times as long."""
        slow = self._on("slow") and model == "duration_predictor"
        if slow and self._draw() < _SHARE_SLOW:
            self._sleep(max(_LEAST_DELAY, (_SLOWER - 1.0) * seconds))

    def measured(self, features: list[float]) -> list[float]:
        """Return the measurements as the scanner delivers them."""
        if not self._on("drift"):
            return features
        return [value * _CALIBRATION for value in features]

    def key(self, key: Hashable) -> Hashable:
        """Return the cache key as it is used."""
        return (key, time.monotonic_ns()) if self._on("cache") else key

    def _on(self, kind: str) -> bool:
        return self._kind == kind and self._clock.monotonic() >= self._begins
