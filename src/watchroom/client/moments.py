"""Times and durations as people give them, for a server's parameters."""

import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Moment: TypeAlias = datetime | float | str
"""A time: a datetime, seconds since the epoch, RFC 3339, or how long ago: -6h."""
Length: TypeAlias = timedelta | float | str
"""A duration: a timedelta, seconds, or as in 1h30m."""

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")


def seconds(length: Length) -> float:
    """Return the seconds of a duration.

    Raises:
        ValueError: it is none; says what would be one.
    """
    if isinstance(length, timedelta):
        return length.total_seconds()
    text = str(length)
    if re.fullmatch(rf"(?:{_PART.pattern})+", text):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no duration; write 90, 5m or 1h30m") from None


def moment(time: Moment, now: float) -> str:
    """Return a time as a parameter has it; one like -6h is so long before `now`."""
    if isinstance(time, datetime):
        return repr(time.timestamp())
    text = str(time)
    if text.startswith("-") and _PART.match(text, 1):
        return repr(now - seconds(text[1:]))
    return text


def instant(time: Moment) -> float:
    """Return a time in seconds since the epoch.

    Raises:
        ValueError: it is none; says what would be one.
    """
    text = moment(time, present())
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; write seconds, 2026-01-31T12:00:00Z or -1h"
        ) from None


def present() -> float:
    """Return the time now, in seconds since the epoch."""
    return datetime.now(UTC).timestamp()
