"""Selectors as the parameter match[] has them, and label names as a path has them."""

import re

from watchroom.api.prometheus.parameters import Parameters, invalid
from watchroom.query.errors import QueryError
from watchroom.query.promql.language import parse
from watchroom.query.promql.language.tree import Selector
from watchroom.storage.contract import Matcher

_ESCAPED = "U__"
_ESCAPE = re.compile(r"__|_([0-9A-Fa-f]{1,6})_|_")


def match_parameters(given: Parameters) -> list[tuple[Matcher, ...]]:
    """Return the matchers of each match[]. Raises ApiError where one is no selector."""
    return [_matchers(text) for text in given.all("match[]")]


def label_name(text: str) -> str:
    """Return the name that a path means: U__http_2e_status is http.status, any other itself."""
    if not text.startswith(_ESCAPED):
        return text
    try:
        return _ESCAPE.sub(_unescaped, text.removeprefix(_ESCAPED))
    except ValueError:
        return text


def _unescaped(found: re.Match[str]) -> str:
    if found[0] == "__":
        return "_"
    if found[1] is None:
        raise ValueError(found[0])
    character = chr(int(found[1], 16))
    character.encode()  # a half of a surrogate pair is no character
    return character


def _matchers(text: str) -> tuple[Matcher, ...]:
    try:
        found = parse(text)
    except QueryError as error:
        raise invalid("match[]", error.message) from error
    if not isinstance(found, Selector) or found.offset or found.at is not None:
        raise invalid("match[]", f"{text[:200]!r} is no series selector, such as up{{job='api'}}")
    return found.matchers
