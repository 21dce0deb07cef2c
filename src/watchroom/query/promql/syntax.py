"""Expressions as text: parsed within bounds, and what is wrong with them, and where.

The parser recurses in native code and takes more than the square of the depth: a few kilobytes of
parentheses would end the process. So nesting and operators are counted before it sees them.
"""

import re
from typing import Any

import promql_parser

from watchroom.query.errors import QueryError

LONGEST = 1 << 17
"""Characters of an expression."""
DEEPEST = 200
"""Brackets within brackets."""
MOST_OPERATORS = 400
"""Operators and subqueries of an expression, each of which may be a level of its tree."""

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*", re.DOTALL)
_MATCHERS = re.compile(r"\{[^{}]*\}")
_OPERATOR = re.compile(r"[-+*/%^]|[<>=!]=?|\[|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_NAMED = re.compile(r"'([^']+)'")
_CUT_SHORT = re.compile(r"(?:[-+*/%^,=<>]|\b(?:and|or|unless|atan2|bool))\s*\Z", re.IGNORECASE)


def parse(expression: str) -> Any:
    """Return the tree of an expression, of the classes of promql_parser.

    Raises:
        QueryError: "bad_data", with line and column where they are known, as Prometheus has them.
    """
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), expression)
    _check(expression, plain)
    try:
        return promql_parser.parse(expression)
    except ValueError as error:
        message = str(error)
        if _CUT_SHORT.search(plain):
            message = "unexpected end of input"
        raise wrong(expression, message, _place(expression, plain, message)) from error


def wrong(expression: str, message: str, place: int | None = None) -> QueryError:
    """Return the error of a parse; `place` counts characters from the start."""
    where = ""
    if place is not None:
        before = expression[:place]
        line, column = before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1
        where = f"{line}:{column}: "
    return QueryError("bad_data", f"{where}parse error: {message}")


def _check(expression: str, plain: str) -> None:
    if len(expression) > LONGEST:
        raise wrong("", f"an expression has at most {LONGEST} characters")
    depth = 0
    for place, letter in enumerate(plain):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if depth > DEEPEST:
            raise wrong(expression, f"brackets are nested more than {DEEPEST} deep", place)
    operators = sum(1 for _ in _OPERATOR.finditer(_MATCHERS.sub("", plain)))
    if operators > MOST_OPERATORS:
        raise wrong(
            expression, f"{operators} operators and ranges, more than {MOST_OPERATORS}, in one"
        )


def _place(expression: str, plain: str, message: str) -> int | None:
    """Return where the parser stumbled, as far as its message tells."""
    if "end of input" in message or "no expression" in message:
        return len(expression)
    if "unclosed left" in message:
        return _unclosed(plain)
    if "unterminated quoted string" in message:
        return max(plain.rfind(quote) for quote in "\"'`")
    named = _NAMED.search(message)
    edge = r"\b" if named and named[1].isidentifier() else ""
    found = named and re.search(f"{edge}{re.escape(named[1])}{edge}", expression)
    return found.start() if found else None


def _unclosed(plain: str) -> int | None:
    opened: list[int] = []
    for place, letter in enumerate(plain):
        if letter in "([{":
            opened.append(place)
        elif letter in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened else None
