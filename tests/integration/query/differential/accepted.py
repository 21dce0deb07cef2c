"""The differences that are meant: what Prometheus 3 does otherwise than 2.42, and we with it.

Each has a paragraph of the same title in docs/promql.md, under "Accepted differences".
"""

import re
from collections.abc import Callable, Sequence

from tests.integration.query.differential.compare import Result, Row, difference

COMPARISON = re.compile(r"(==|!=|<=|>=|<|>)(?! bool)")


def accepted(text: str, expected: Result, found: Result) -> str:
    """Return the title of what explains a difference of the smallest query, or nothing."""
    for title, explains in EXPLANATIONS.items():
        if explains(text, expected, found):
            return title
    return ""


def _atan2(text: str, expected: Result, found: Result) -> bool:
    if "atan2" not in text or expected.error:
        return False
    named = [_nameless(row) for row in expected.rows]
    return not difference(expected._replace(rows=named), found)


def _nameless(row: Row) -> Row:
    return row._replace(labels=tuple(pair for pair in row.labels if pair[0] != "__name__"))


def _many_to_one(text: str, expected: Result, found: Result) -> bool:
    return (
        not expected.error
        and found.text.startswith("multiple matches for labels")
        and COMPARISON.search(text) is not None
    )


EXPLANATIONS: dict[str, Callable[[str, Result, Result], bool]] = {
    "atan2 drops the name": _atan2,
    "Filters are matched before they filter": _many_to_one,
}
TITLES: Sequence[str] = tuple(EXPLANATIONS)
