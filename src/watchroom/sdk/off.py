"""The verbs of a program whose monitoring is off: they take anything, and do nothing.

`MONITORING_ENABLED=false` is the operator's word and wins over `init(enabled=True)`: the public
door serves these instead of `watchroom.sdk.verbs`, so that no verb costs 100 ns.
"""

from types import TracebackType
from typing import Any, Self

from watchroom.sdk.instruments import OffCounter, OffDistribution, OffGauge
from watchroom.sdk.registry import Registry


class OffTimer:
    """A timer, and a block of it, that times nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def __call__(self, *values: Any) -> Any:
        """Return the function that is given, or this timer."""
        return values[0] if values and callable(values[0]) else self


_nowhere = Registry(buffer_size=0)
_counter = OffCounter(_nowhere, "off", (), "", "")
_gauge = OffGauge(_nowhere, "off", (), "", "")
_histogram = OffDistribution(_nowhere, "off", (), "", "")
_timer = OffTimer()


def init(*_: Any, **__: Any) -> None:
    """Do nothing, as every verb here does that has nothing to return."""


shutdown = record_request = record_cache = describe_model = event = emit = init


def record_prediction(*_: Any, id: str | None = None, **__: Any) -> str:  # noqa: A002 - the word its callers use
    """Return the id that was given, or none."""
    return id or ""


def record_outcome(*_: Any, **__: Any) -> bool:
    """Join nothing."""
    return False


def counter(*_: Any, **__: Any) -> OffCounter:
    """Return the one counter there is."""
    return _counter


def gauge(*_: Any, **__: Any) -> OffGauge:
    """Return the one gauge there is."""
    return _gauge


def histogram(*_: Any, **__: Any) -> OffDistribution:
    """Return the one histogram there is."""
    return _histogram


def timer(*_: Any, **__: Any) -> OffTimer:
    """Return the one timer there is."""
    return _timer
