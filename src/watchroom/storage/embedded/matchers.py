"""Conditions on label values. Regexes are anchored, and those that could run wild are refused.

Python's regexes backtrack: nested repeats take exponential time. Literals, alternations of
literals and prefixes go without a regex at all; of the rest only patterns of few choices, none
inside a repeat, are taken, and longer values than any label should have never match.
"""

import math
import re
from collections.abc import Callable
from re import _constants as op  # type: ignore[attr-defined]  # not in the stubs
from re import _parser as parser  # type: ignore[attr-defined]  # not in the stubs
from typing import Any, TypeAlias

Test: TypeAlias = Callable[[str], bool]

_LONGEST_PATTERN = 4096
_LONGEST_VALUE = 1024
_BUDGET = 24.0
"""Bits of choice a pattern may have: about 2^24 steps at worst, a fraction of a second."""
_OPEN = 8.0
"""What an open repeat costs: most values are far shorter than the longest."""
_SPECIAL = frozenset(".^$*+?{}[]\\|()")
_REPEATS = frozenset({op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT})
_REFUSED = frozenset({op.GROUPREF, op.GROUPREF_EXISTS, op.ASSERT, op.ASSERT_NOT})


def regex(pattern: str) -> Test:
    """Return the test of a fully anchored regex.

    Raises:
        ValueError: it is no regex, or one that could take too long.
    """
    alternatives = pattern.split("|")
    if not any(_SPECIAL & set(each) for each in alternatives):
        return frozenset(alternatives).__contains__
    for tail, least in ((".*", 0), (".+", 1)):
        prefix = pattern.removesuffix(tail)
        if prefix != pattern and not _SPECIAL & set(prefix):
            return _prefix(prefix, least)
    return _bounded(pattern)


def _prefix(prefix: str, least: int) -> Test:
    shortest = len(prefix) + least
    return lambda value: len(value) >= shortest and value.startswith(prefix)


def _bounded(pattern: str) -> Test:
    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"a regular expression has at most {_LONGEST_PATTERN} characters")
    try:
        compiled = re.compile(pattern, re.DOTALL)
        cost = _cost(parser.parse(pattern, re.DOTALL), inside=False)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the regular expression {pattern!r} is wrong: {error}") from None
    if cost > _BUDGET:
        raise ValueError(f"{pattern!r} has too many open repeats and choices; match on less")
    match = compiled.fullmatch
    return lambda value: len(value) <= _LONGEST_VALUE and match(value) is not None


def _cost(node: Any, *, inside: bool) -> float:
    """Return the bits of choice in a pattern; a choice inside a repeat is refused."""
    bits = 0.0
    for kind, argument in node:
        if kind in _REFUSED:
            raise ValueError("back references and look-around are not regular: not supported")
        if kind in _REPEATS:
            least, most, body = argument
            wide = most > 1
            if inside:
                raise ValueError("a repeat inside a repeat could take too long; write it flat")
            bits += min(math.log2(most - least + 1), _OPEN) + _cost(body, inside=wide)
        elif kind is op.BRANCH:
            if inside:
                raise ValueError("a choice inside a repeat could take too long; write it flat")
            bits += math.log2(len(argument[1])) + sum(
                _cost(part, inside=False) for part in argument[1]
            )
        else:
            bits += sum(_cost(part, inside=inside) for part in _parts(kind, argument))
    return bits


def _parts(kind: Any, argument: Any) -> list[Any]:
    if kind is op.SUBPATTERN:
        return [argument[3]]
    return [argument] if kind is op.ATOMIC_GROUP else []
