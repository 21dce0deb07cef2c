"""Requests: what the middleware and `record_request` leave, at the price of one append."""

from collections.abc import Callable
from typing import Any

from watchroom.sdk.instruments import Distribution
from watchroom.sdk.registry import Registry

LABELS = (
    "http_route",
    "http_request_method",
    "http_response_status_code",
    "error_type",
)


class Requests:
    """The two instruments of a web application."""

    def __init__(self, registry: Registry) -> None:
        self.durations = registry.instrument(
            Distribution,
            "http_server_request_duration_seconds",
            LABELS,
            unit="s",
            help="time to the last byte of the response",
        )
        self.first_bytes = registry.instrument(
            Distribution,
            "http_server_first_byte_seconds",
            LABELS[:2],
            unit="s",
            help="time to the first byte of a response sent in pieces",
        )


_STATUS = {status: str(status) for status in range(100, 600)}

_durations: Any = None
_first_bytes: Any = None
_flush: Callable[[float], None] | None = None
_FLUSH_SECONDS = 1.0


def use(requests: Requests | None, flush: Callable[[float], None] | None = None) -> None:
    """Send what is recorded here to these instruments; None sends it nowhere."""
    global _durations, _first_bytes, _flush
    _flush = flush
    _durations = requests and requests.durations.record
    _first_bytes = requests and requests.first_bytes.record


def record(route: str, method: str, status: int, seconds: float, error_type: str = "") -> None:
    """Take one finished request."""
    if _durations is not None:
        _durations(seconds, route, method, _STATUS.get(status, "other"), error_type)


def first_byte(route: str, method: str, seconds: float) -> None:
    """Take the time to the first byte of a response in pieces."""
    if _first_bytes is not None:
        _first_bytes(seconds, route, method)


def ended() -> None:
    """Send what waits: the application has ended, and its server may end by a signal."""
    if _flush is not None:
        _flush(_FLUSH_SECONDS)
