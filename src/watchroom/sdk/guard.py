"""The guard: nothing the SDK does wrong reaches the program it watches."""

import functools
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_lock = threading.Lock()
_told: set[tuple[str, str]] = set()


def tell(where: str, error: BaseException) -> None:
    """Log an error once per place and kind, so that a mistake in a hot path does not flood."""
    key = (where, type(error).__name__)
    with _lock:
        if key in _told:
            return
        _told.add(key)
    import logging

    logging.getLogger("watchroom").warning("%s: %s (told once)", where, error)


def guarded(fallback: R) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return what the verb returns, or the fallback where it fails; the failure is logged once."""

    def wrap(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def call(*args: Any, **kwargs: Any) -> R:
            try:
                return verb(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - the border to the watched program
                tell(getattr(verb, "__name__", type(verb).__name__), error)
                return fallback

        return call

    return wrap
