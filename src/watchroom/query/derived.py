"""Every derived metric in one table: its unit, what it reads, and how it is computed."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from watchroom.model import report as names
from watchroom.model.report import MEGABYTE, is_error
from watchroom.query.group import Group
from watchroom.storage.contract import Floats


class Derived(NamedTuple):
    """A metric of the API; `smooth` ones never look at less than five seconds."""

    unit: str
    reads: tuple[str, ...]
    compute: Callable[[Group], Floats]
    smooth: bool = False


def _percent(part: Floats, whole: Floats) -> Floats:
    return 100.0 * part / np.where(whole > 0, whole, np.nan)


def _error_rate(group: Group) -> Floats:
    failed = group.increase(names.REQUESTS, is_error)
    return _percent(failed, group.increase(names.REQUESTS))


def _hit_rate(group: Group) -> Floats:
    hits = group.increase(names.CACHE_REQUESTS, lambda pairs: pairs.get("result") == "hit")
    return _percent(hits, group.increase(names.CACHE_REQUESTS))


def _r2(group: Group) -> Floats:
    count, spread = group.moments()
    error = group.increase(names.SQUARED_ERROR)
    return 1.0 - error / np.where((count >= 2) & (spread > 0), spread, np.nan)


def _response_ms(q: float) -> Derived:
    return Derived(
        "ms",
        (names.REQUESTS,),
        lambda group: group.quantile(names.REQUESTS, q) * 1000.0,
        smooth=True,
    )


def _per_minute(name: str) -> Derived:
    return Derived("1/min", (name,), lambda group: group.increase(name) * group.per_minute)


def _average(unit: str, name: str, factor: float = 1.0) -> Derived:
    return Derived(unit, (name,), lambda group: group.mean(name) * factor, smooth=True)


_MOMENTS = (*sorted(names.CUMULATIVE), names.ACTUAL_SHIFT)

DERIVED: dict[str, Derived] = {
    "requests_per_minute": _per_minute(names.REQUESTS),
    "error_rate_percent": Derived("%", (names.REQUESTS,), _error_rate, smooth=True),
    "avg_response_time_ms": _average("ms", names.REQUESTS, 1000.0),
    "p50_response_time_ms": _response_ms(0.50),
    "p95_response_time_ms": _response_ms(0.95),
    "p99_response_time_ms": _response_ms(0.99),
    "predictions_per_minute": _per_minute(names.PREDICTIONS),
    "mae": _average("", names.ABSOLUTE_ERROR),
    "avg_mae": _average("", names.ABSOLUTE_ERROR),
    "r2": Derived("", (names.SQUARED_ERROR, *_MOMENTS), _r2, smooth=True),
    "avg_confidence": _average("", names.CONFIDENCE),
    "hit_rate_percent": Derived("%", (names.CACHE_REQUESTS,), _hit_rate, smooth=True),
    "cache_size_mb": Derived(
        "MB", (names.CACHE_SIZE,), lambda g: g.total(names.CACHE_SIZE) / MEGABYTE
    ),
    "memory_usage_mb": Derived("MB", (names.MEMORY,), lambda g: g.total(names.MEMORY) / MEGABYTE),
    "cpu_percent": Derived(
        "%",
        (names.CPU,),
        lambda g: g.increase(names.CPU) * 100_000.0 / g.grid.window,
        smooth=True,
    ),
    "disk_usage_percent": Derived("%", (names.DISK,), lambda g: g.largest(names.DISK) * 100.0),
    "threads": Derived("", (names.THREADS,), lambda g: g.total(names.THREADS)),
    "uptime_seconds": Derived("s", (names.UPTIME,), lambda g: g.largest(names.UPTIME)),
}
"""A new metric is one line here."""

DISTRIBUTIONS: dict[str, tuple[str, str, float]] = {
    "response_time_ms": ("ms", names.REQUESTS, 1000.0),
    "absolute_error": ("", names.ABSOLUTE_ERROR, 1.0),
    "confidence": ("", names.CONFIDENCE, 1.0),
}
"""Distributions by name: unit, stored metric, and the factor from its unit."""
