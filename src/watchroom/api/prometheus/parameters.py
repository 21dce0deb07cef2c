"""What a request asks with: the query string, and the form of a POST, as Prometheus reads them.

Times are milliseconds since the epoch and durations seconds once they are read.
"""

import math
import re
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.requests import Request

from watchroom.api.errors import ApiError

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 4 << 20
EVER = 1 << 53
"""Milliseconds beyond any sample, and far from the ends of an int64."""
LONGEST = float(1 << 33)
"""The longest duration in seconds, 272 years; about what an int64 of nanoseconds holds."""

_UNITS = tuple(
    {
        "y": 31_536_000_000,
        "w": 604_800_000,
        "d": 86_400_000,
        "h": 3_600_000,
        "m": 60_000,
        "s": 1000,
        "ms": 1,
    }.items()
)
_DURATION = re.compile("".join(rf"(?:(\d+){unit})?" for unit, _ in _UNITS))
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_ENDS_OF_TIME = {
    "-292273086-05-16T16:47:06Z": -EVER,
    "292277025-08-18T07:12:54.999999999Z": EVER,
}
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class Parameters:
    """The parameters of one request; a name may come several times."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def all(self, name: str) -> list[str]:
        """Return every value of a name, in order."""
        return [value for key, value in self._pairs if key == name]

    def text(self, name: str) -> str:
        """Return the first value of a name, or the empty string."""
        return next(iter(self.all(name)), "")

    def time(self, name: str, default: int | None = None) -> int:
        """Return a time in milliseconds. Raises ApiError where it is missing or is none."""
        text = self.text(name)
        if not text and default is not None:
            return default
        found = parse_time(text)
        if found is None:
            raise invalid(name, f'cannot parse "{text}" to a valid timestamp')
        return found

    def duration(self, name: str, default: float | None = None) -> float:
        """Return a duration in seconds. Raises ApiError where it is missing or is none."""
        text = self.text(name)
        if not text and default is not None:
            return default
        found = parse_duration(text)
        if found is None:
            raise invalid(name, f'cannot parse "{text}" to a valid duration')
        if abs(found) > LONGEST:
            raise invalid(name, f'cannot parse "{text}" to a valid duration. It overflows int64')
        return found

    def count(self, name: str, default: int = 0) -> int:
        """Return a whole number, 0 or more. Raises ApiError where it is none."""
        text = self.text(name)
        if not text:
            return default
        if not text.isascii() or not text.isdecimal():
            raise invalid(name, f'"{text}" is not a whole number, 0 or more')
        return min(int(text[:20]), 1 << 62)


async def parameters(request: Request) -> Parameters:
    """Return the parameters of a request: of the form first, then of the query string.

    Raises:
        ApiError: a body that is no form, or one beyond LARGEST_FORM bytes.
    """
    pairs = _pairs(request.url.query)
    if request.method != "POST":
        return Parameters(pairs)
    body = await _body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM:
        raise ApiError(415, "bad_data", f"a body of type {kind[:80]!r} is no form", f"send {FORM}")
    return Parameters(_pairs(body.decode("utf-8", "replace")) + pairs)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise ApiError(
                413,
                "bad_data",
                f"a form has at most {LARGEST_FORM} bytes",
                "ask several questions",
                {"Connection": "close"},
            )
    return bytes(body)


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)


def invalid(name: str, problem: str) -> ApiError:
    """Return the error of one parameter, worded as Prometheus words it."""
    return ApiError(400, "bad_data", f'invalid parameter "{name}": {problem}')


def parse_time(text: str) -> int | None:
    """Return the milliseconds of a Unix time in seconds or of an RFC 3339 time; None of neither."""
    if _DECIMAL.fullmatch(text):
        seconds = float(text)
        return max(-EVER, min(EVER, round(seconds * 1000))) if math.isfinite(seconds) else None
    if text in _ENDS_OF_TIME:
        return _ENDS_OF_TIME[text]
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    whole, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(whole + zone.upper())
    except ValueError:  # the 31st of February
        return None
    thousandths = (fraction or ".").ljust(4, "0")[1:4]
    return int(moment.timestamp()) * 1000 + int(thousandths)


def parse_duration(text: str) -> float | None:
    """Return the seconds of 90, 0.5, 1h30m or 500ms; None of anything else."""
    if _DECIMAL.fullmatch(text):
        return float(text)
    found = _DURATION.fullmatch(text) if text else None
    if found is None:
        return None
    parts = zip(found.groups(default="0"), _UNITS, strict=True)
    return sum(int(number[:20]) * length for number, (_, length) in parts) / 1000


def format_duration(milliseconds: int) -> str:
    """Return a duration as Prometheus writes it: 5m, 1h30m, 500ms."""
    text, rest = "", milliseconds
    for unit, length in _UNITS:
        exact_only = unit in {"y", "w", "d"}
        if rest >= length and (not exact_only or rest % length == 0):
            text += f"{rest // length}{unit}"
            rest %= length
    return text or "0s"
