"""Lengths of time as people write them: 15s, 5m, 1h30m, 7d, or bare seconds."""

import math
import re

from watchroom.query.errors import QueryError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_HINT = "write it like 15s, 5m, 1h30m or 7d, or as seconds, for example 90"
LONGEST = 10 * 366 * UNITS["d"]
"""Ten years: beyond any retention, and far from the limits of the clock."""


def seconds(text: str | float, field: str = "range") -> float:
    """Return the seconds `text` stands for.

    Raises:
        QueryError: it is no duration, not above zero, or longer than ten years.
    """
    found = _parse(str(text).strip())
    if found is None or not math.isfinite(found):
        raise QueryError(f"bad_{field}", f"{field} {text!r} is not a duration", _HINT)
    if not 0.0 < found <= LONGEST:
        raise QueryError(
            f"bad_{field}", f"{field} {text!r} is not above 0 and below 10 years", _HINT
        )
    return found


def _parse(text: str) -> float | None:
    if _WHOLE.fullmatch(text):
        return math.fsum(float(number) * UNITS[unit] for number, unit in _PART.findall(text))
    try:
        return float(text)
    except ValueError:
        return None
