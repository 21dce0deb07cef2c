"""Timers: how long a block or a function takes, sync or async."""

import functools
import time
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar, overload

from watchroom.sdk.instruments import Distribution

F = TypeVar("F", bound=Callable[..., Any])


class Timing:
    """One measured block, or a decorator for any number of calls."""

    __slots__ = ("_histogram", "_started", "_values")

    def __init__(self, histogram: Distribution, values: tuple[str, ...]) -> None:
        self._histogram = histogram
        self._values = values
        self._started = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._histogram.record(time.perf_counter() - self._started, *self._values)

    def __call__(self, function: F) -> F:
        """Time every call of a function, or every run of a coroutine function."""
        import inspect

        histogram, values = self._histogram, self._values
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def run(*args: Any, **kwargs: Any) -> Any:
                with Timing(histogram, values):
                    return await function(*args, **kwargs)

            return run  # type: ignore[return-value]  # wraps keeps the signature

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with Timing(histogram, values):
                return function(*args, **kwargs)

        return call  # type: ignore[return-value]  # wraps keeps the signature


class _Begun(NamedTuple):
    """A block that runs, and the one around it."""

    at: float
    around: "_Begun | None"


_begun: ContextVar[_Begun | None] = ContextVar("watchroom_timer", default=None)


class Timer:
    """Times into a histogram of seconds.

    `with timer:` and `@timer` where it has no labels, `with timer("mail"):` and `@timer("mail")`
    where it has. One timer may time many blocks at once, in threads and in tasks.
    """

    def __init__(self, histogram: Distribution) -> None:
        self._histogram = histogram

    @overload
    def __call__(self, function: F, /) -> F: ...

    @overload
    def __call__(self, *values: str) -> Timing: ...

    def __call__(self, *values: Any) -> Any:
        """Return a timing for these label values, or the function that is given, timed."""
        if len(values) == 1 and callable(values[0]):
            return Timing(self._histogram, ())(values[0])
        return Timing(self._histogram, values)

    def __enter__(self) -> Self:
        _begun.set(_Begun(time.perf_counter(), _begun.get()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        begun = _begun.get()
        if begun is not None:
            self._histogram.record(time.perf_counter() - begun.at)
            _begun.set(begun.around)
