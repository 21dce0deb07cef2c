"""Conditions on label values. Regexes are those of RE2, anchored, as in Prometheus.

RE2 takes time linear in the length of the value whatever the pattern is. Literals, alternations
of literals and prefixes go without it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

Test: TypeAlias = Callable[[str], bool]

_LONGEST_PATTERN = 64 << 10
_LONGEST_KEPT = 1 << 10
"""Longer ones are made anew each time, as what they take may be large."""
_MEMORY = 8 << 20
"""Bytes that one compiled pattern may take."""
_SPECIAL = frozenset(".^$*+?{}[]\\|()")


def regex(pattern: str) -> Test:
    """Return the test of a fully anchored regex; a dot matches a newline, too.

    Raises:
        ValueError: it is no regex of RE2, or too large.
    """
    return _known(pattern) if len(pattern) <= _LONGEST_KEPT else _test(pattern)


@lru_cache(256)
def _known(pattern: str) -> Test:
    return _test(pattern)


def _test(pattern: str) -> Test:
    alternatives = pattern.split("|")
    if not any(_SPECIAL & set(each) for each in alternatives):
        return frozenset(alternatives).__contains__
    for tail, least in ((".*", 0), (".+", 1)):
        prefix = pattern.removesuffix(tail)
        if prefix != pattern and not _SPECIAL & set(prefix):
            return _prefix(prefix, least)
    match = _compiled(pattern).fullmatch
    return lambda value: match(value) is not None


def _prefix(prefix: str, least: int) -> Test:
    shortest = len(prefix) + least
    return lambda value: len(value) >= shortest and value.startswith(prefix)


def _compiled(pattern: str) -> Any:
    import re2

    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"a regular expression has at most {_LONGEST_PATTERN} characters")
    options = re2.Options()
    options.dot_nl = True
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"the regular expression {pattern!r} is wrong: {text}") from None
