"""Parts of dates, in UTC, of times in seconds since the epoch."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from watchroom.storage.contract import Floats

When: TypeAlias = NDArray[np.datetime64]
Parts: TypeAlias = NDArray[Any]


def _hour(when: When) -> Parts:
    parts: Parts = when.astype("datetime64[h]") - when.astype("datetime64[D]")
    return parts


def _minute(when: When) -> Parts:
    parts: Parts = when.astype("datetime64[m]") - when.astype("datetime64[h]")
    return parts


def _day_of_month(when: When) -> Parts:
    parts: Parts = when.astype("datetime64[D]") - when.astype("datetime64[M]").astype(
        "datetime64[D]"
    )
    return parts


def _day_of_year(when: When) -> Parts:
    parts: Parts = when.astype("datetime64[D]") - when.astype("datetime64[Y]").astype(
        "datetime64[D]"
    )
    return parts


def _days_in_month(when: When) -> Parts:
    month = when.astype("datetime64[M]")
    parts: Parts = (month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")
    return parts


def _numbers(parts: Parts, shift: int = 0) -> Floats:
    return parts.astype(np.int64).astype(np.float64) + shift


PARTS: dict[str, Callable[[When], Floats]] = {
    "minute": lambda when: _numbers(_minute(when)),
    "hour": lambda when: _numbers(_hour(when)),
    "day_of_month": lambda when: _numbers(_day_of_month(when), 1),
    "day_of_week": lambda when: (_numbers(when.astype("datetime64[D]")) + 4) % 7,
    "day_of_year": lambda when: _numbers(_day_of_year(when), 1),
    "days_in_month": lambda when: _numbers(_days_in_month(when)),
    "month": lambda when: _numbers(when.astype("datetime64[M]")) % 12 + 1,
    "year": lambda when: _numbers(when.astype("datetime64[Y]"), 1970),
}

_FARTHEST = 2.0**53


def part(name: str, seconds: Floats) -> Floats:
    """Return a part of dates; of what is no time at all, that of the farthest one."""
    bounded = np.clip(np.nan_to_num(seconds, nan=-_FARTHEST), -_FARTHEST, _FARTHEST)
    return PARTS[name](bounded.astype(np.int64).astype("datetime64[s]"))
