"""Durations, which may be calculated: `[5m + 30s]`, `offset (step() * 2)`."""

import math
import re
from collections.abc import Callable

from watchroom.query.errors import QueryError
from watchroom.query.promql.language.lexer import Token, wrong

_UNITS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 7 * 86400.0,
    "y": 365 * 86400.0,
}
_DURATION = re.compile(
    r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?", re.ASCII
)
_MOST_SECONDS = 2.0**63 / 1e9
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}


def seconds_of(text: str) -> float:
    """Return the seconds of a duration like 1h30m.

    Raises:
        ValueError: units twice or out of order.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f'not a valid duration string: "{text}"')
    parts = re.findall(r"(\d+)(ms|[smhdwy])", text)
    return sum(int(number) * round(_UNITS[unit] * 1000) for number, unit in parts) / 1000


def number_of(text: str) -> float:
    """Return the value of a number as Go reads it: hexadecimal, octal, underscores."""
    lower = text.lower().replace("_", "")
    if lower.startswith("0x"):
        return float(int(lower, 16))
    if re.fullmatch("0[0-7]+", lower):
        return float(int(lower, 8))
    return float(lower)


def to_milliseconds(text: str, start: int, seconds: float) -> int:
    """Return a duration in milliseconds.

    Raises:
        QueryError: bad_data; it is no number, or longer than 292 years.
    """
    if not math.isfinite(seconds):
        raise wrong(text, start, "duration is NaN or infinite")
    if abs(seconds) > _MOST_SECONDS:
        raise wrong(text, start, "duration out of range")
    return round(seconds * 1000)


class Durations:
    """Reads and calculates one duration; `step` and `span` are in milliseconds."""

    def __init__(
        self,
        text: str,
        peek: Callable[[], Token],
        take: Callable[[], Token],
        context: str,
        step: int,
        span: int,
    ) -> None:
        self._text = text
        self._peek = peek
        self._take = take
        self._context = context
        self._named = {"step": step / 1000, "range": span / 1000}

    def offset(self) -> float:
        """Return the seconds after `offset`; without parentheses that is one operand."""
        if self._peek().kind in ("+", "-"):
            sign = self._take().kind
            value = self._operand()
            return -value if sign == "-" else value
        return self._operand()

    def expression(self, least: int = 1) -> float:
        """Return the seconds of a calculation."""
        if self._peek().kind in ("+", "-"):
            sign = self._take().kind
            value = self.expression(_PRECEDENCE["*"] + 1)
            left = -value if sign == "-" else value
        else:
            left = self._operand()
        while (binds := _PRECEDENCE.get(self._peek().kind, 0)) >= least:
            operator = self._take()
            right = self.expression(binds if operator.kind == "^" else binds + 1)
            left = self._calculated(operator, left, right)
        return left

    def _calculated(self, operator: Token, left: float, right: float) -> float:
        if operator.kind in ("/", "%") and right == 0:
            named = "division" if operator.kind == "/" else "modulo"
            raise wrong(self._text, operator.start, f"{named} by zero")
        calculate: dict[str, Callable[[], float]] = {
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "/": lambda: left / right,
            "%": lambda: math.fmod(left, right),
            "^": lambda: _power(left, right),
        }
        return calculate[operator.kind]()

    def _operand(self) -> float:
        token = self._peek()
        if token.kind in ("number", "duration"):
            return self.value_of(self._text, self._take())
        if token.kind == "(":
            self._take()
            value = self.expression()
            self._expect(")")
            return value
        if token.kind in self._named:
            self._take()
            self._expect("(")
            self._expect(")")
            return self._named[token.kind]
        if token.kind in ("max_of", "min_of"):
            return self._chosen(max if self._take().kind == "max_of" else min)
        raise self._unexpected()

    def _chosen(self, choose: Callable[[float, float], float]) -> float:
        self._expect("(")
        left = self.expression()
        self._expect(",")
        right = self.expression()
        self._expect(")")
        return choose(left, right)

    def _expect(self, kind: str) -> None:
        if self._peek().kind != kind:
            raise self._unexpected()
        self._take()

    def _unexpected(self) -> QueryError:
        token = self._peek()
        wanted = "number, duration, step(), or range()"
        return wrong(
            self._text,
            token.start,
            f"unexpected {token.described()} in {self._context}, expected {wanted}",
        )

    @staticmethod
    def value_of(text: str, token: Token) -> float:
        """Return the value of a number, or the seconds of a duration.

        Raises:
            QueryError: bad_data; it is neither.
        """
        try:
            return (seconds_of if token.kind == "duration" else number_of)(token.text)
        except ValueError as error:
            raise wrong(text, token.start, f"error parsing number: {error}") from error


def _power(left: float, right: float) -> float:
    try:
        value = left**right
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return value if isinstance(value, float) else math.nan
