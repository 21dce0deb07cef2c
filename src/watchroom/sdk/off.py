"""The verbs of a program whose monitoring is off: the same signatures, and nothing behind them.

`MONITORING_ENABLED=false` is the operator's word and wins over `init(enabled=True)`: the public
door serves these instead of `watchroom.sdk.verbs`, so that no verb costs 100 ns.
"""

from collections.abc import Iterable, Mapping
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


def init(
    service: str | None = None,
    *,
    url: str | None = None,
    file: str | None = None,
    enabled: bool | None = None,
    **settings: Any,
) -> None:
    """Do nothing."""


def shutdown(timeout: float = 1.0) -> None:
    """Do nothing."""


def record_request(
    endpoint: str,
    duration_ms: float,
    status_code: int,
    error: str | BaseException | None = None,
    *,
    method: str = "",
) -> None:
    """Do nothing."""


def record_prediction(
    model: str,
    value: float | None = None,
    *,
    confidence: float | None = None,
    duration_ms: float | None = None,
    mae: float | None = None,
    id: str | None = None,  # noqa: A002 - the word its callers use
) -> str:
    """Return the id that was given, or none."""
    return id or ""


def record_outcome(prediction_id: str, actual: float) -> bool:
    """Join nothing."""
    return False


def record_cache(
    cache: str,
    hit: bool | None = None,
    *,
    hits: int = 0,
    misses: int = 0,
    size_bytes: float | None = None,
) -> None:
    """Do nothing."""


def describe_model(
    name: str, *, target_mae: float | None = None, target_r2: float | None = None
) -> None:
    """Do nothing."""


def counter(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> OffCounter:
    """Return the one counter there is."""
    return _counter


def gauge(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> OffGauge:
    """Return the one gauge there is."""
    return _gauge


def histogram(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> OffDistribution:
    """Return the one histogram there is."""
    return _histogram


def timer(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "s",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> OffTimer:
    """Return the one timer there is."""
    return _timer


def event(
    name: str, payload: Mapping[str, Any] | None = None, level: str = "INFO", **fields: Any
) -> None:
    """Do nothing."""


emit = event
