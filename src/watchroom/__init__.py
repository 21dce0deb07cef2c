"""Watchroom: the watch room for machine-learning systems.

    import watchroom

    watchroom.init("my-service")
    app.add_middleware(watchroom.ASGIMiddleware)

Everything is loaded at its first use, so that the import costs next to nothing.
"""

from typing import TYPE_CHECKING, Any

from watchroom._version import __version__

if TYPE_CHECKING:
    from watchroom.client.client import Client
    from watchroom.sdk.collector import MetricsCollector
    from watchroom.sdk.middleware.asgi import ASGIMiddleware
    from watchroom.sdk.middleware.wsgi import WSGIMiddleware
    from watchroom.sdk.verbs import (
        counter,
        describe_model,
        emit,
        event,
        gauge,
        histogram,
        init,
        record_cache,
        record_outcome,
        record_prediction,
        record_request,
        shutdown,
        timer,
    )

_HOMES = {
    "ASGIMiddleware": "watchroom.sdk.middleware.asgi",
    "Client": "watchroom.client.client",
    "MetricsCollector": "watchroom.sdk.collector",
    "WSGIMiddleware": "watchroom.sdk.middleware.wsgi",
}
_VERBS = "watchroom.sdk.verbs"
_NO_VERBS = "watchroom.sdk.off"

__all__ = [
    "ASGIMiddleware",
    "Client",
    "MetricsCollector",
    "WSGIMiddleware",
    "__version__",
    "counter",
    "describe_model",
    "emit",
    "event",
    "gauge",
    "histogram",
    "init",
    "record_cache",
    "record_outcome",
    "record_prediction",
    "record_request",
    "shutdown",
    "timer",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"watchroom has no {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    from watchroom.config.settings import switched_off

    verbs = _NO_VERBS if switched_off() else _VERBS
    found = getattr(import_module(_HOMES.get(name, verbs)), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
