"""How much one query may read, hold and take, and what says that it took too much."""

import threading
from typing import NamedTuple

from watchroom.query.errors import QueryError
from watchroom.runtime.clock import Clock


class Limits(NamedTuple):
    """The most of one query; the settings `query_max_*` and `query_timeout_seconds`."""

    samples: int = 50_000_000
    """Samples read, and values held at a time by one step of the evaluation."""
    points: int = 11_000
    """Points per series of a range query."""
    series: int = 100_000
    """Series read by one selector, or made by one operation."""
    seconds: float = 120.0


DEFAULT = Limits()


class Budget:
    """What one query may still use. Long work asks `check` every few milliseconds."""

    def __init__(
        self,
        limits: Limits,
        clock: Clock,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        self.limits = limits
        self.seconds = limits.seconds if timeout is None else min(timeout, limits.seconds)
        self.samples = 0
        self._clock = clock
        self._end = clock.monotonic() + self.seconds
        self._cancel = cancel

    def check(self) -> None:
        """Go on, or end the query.

        Raises:
            QueryError: the time is over (`timeout`), or nobody waits any longer (`canceled`).
        """
        if self._cancel is not None and self._cancel.is_set():
            raise QueryError("canceled", "query was canceled in expression evaluation")
        if self._clock.monotonic() >= self._end:
            raise QueryError(
                "timeout",
                f"query timed out in expression evaluation after {self.seconds:g} s",
                "ask for less, or raise the setting query_timeout_seconds",
            )

    def read(self, samples: int) -> None:
        """Count samples that were read, or are about to be."""
        self.check()
        if samples:
            self.samples += samples
            self._bound(self.samples, "samples were to be read")

    def hold(self, series: int, steps: int) -> None:
        """Refuse a value of too many series or points before it is made."""
        self.check()
        if series > self.limits.series:
            raise QueryError(
                "too_many_series",
                f"query processing would load too many series into memory: {series} series, "
                f"at most {self.limits.series}",
                "match on less, or raise the setting query_max_series",
            )
        self._bound(series * steps, "values were to be held at a time")

    def _bound(self, number: int, what: str) -> None:
        if number > self.limits.samples:
            raise QueryError(
                "too_many_samples",
                "query processing would load too many samples into memory in query execution: "
                f"{number} {what}, at most {self.limits.samples}",
                "ask for less, or raise the setting query_max_samples",
            )


def check_points(start: int, end: int, step: int, limits: Limits) -> None:
    """Refuse a range of too many points.

    Raises:
        QueryError: bad_data; says the step that would do.
    """
    if (end - start) // step > limits.points:
        least = -(-(end - start) // max(limits.points, 1)) / 1000.0
        raise QueryError(
            "bad_data",
            f"exceeded maximum resolution of {limits.points:,} points per timeseries. Try "
            "decreasing the query resolution (?step=XX)",
            f"take a step of {least:g}s or more, or raise the setting query_max_points",
        )
