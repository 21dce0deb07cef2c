"""What both kinds of middleware share: where facts go, what is left out, how methods fold."""

from typing import Protocol

EXCLUDED: tuple[str, ...] = ("/health", "/healthz", "/livez", "/readyz", "/metrics")
"""Paths that are not recorded unless told otherwise: probes and scrapes are nobody's traffic."""

UNMATCHED = "unmatched"
"""The route label of every request that no route took: scanners must not mint series."""

ERROR = "watchroom.error_type"
"""The key in a scope or environ for the exception that a framework turned into a response."""

OTHER = "_OTHER"
"""The method label of everything that is no HTTP method (OpenTelemetry's convention)."""

METHODS = {
    name: name
    for name in (
        "CONNECT",
        "DELETE",
        "GET",
        "HEAD",
        "OPTIONS",
        "PATCH",
        "POST",
        "PUT",
        "QUERY",
        "TRACE",
    )
}


class Recorder(Protocol):
    """Where the middleware leaves its facts; a module with these functions is one."""

    def record(
        self, route: str, method: str, status: int, seconds: float, error_type: str = ""
    ) -> None:
        """Take one finished request; `seconds` reach to its last byte."""

    def first_byte(self, route: str, method: str, seconds: float) -> None:
        """Take the time to the first byte of a response that came in more than one piece."""

    def ended(self) -> None:
        """The application's lifespan has ended; no request follows."""


def method_label(method: str) -> str:
    """Return a known HTTP method as it is, any other as `_OTHER`."""
    return METHODS.get(method, OTHER)
