"""The differences that are meant: what Prometheus 3 does otherwise than 2.42, and we with it.

Each has a paragraph of the same title in docs/promql.md, under "Accepted differences".
"""

import re
from collections.abc import Callable, Sequence

from tests.integration.query.differential.compare import TOLERANCE, Result, Row, difference, same

LARGE = 5e307
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


def _native_zero(text: str, expected: Result, found: Result) -> bool:
    """Whether increases of histograms are all shorter by one share each, and nothing else."""
    if not re.match(r"\(*(rate|increase)\(", text) or "rpc_seconds" not in text:
        return False
    pairs = [
        (numbers, others)
        for row, other in zip(expected.rows, found.rows, strict=False)
        for (_, numbers), (_, others) in zip(row.histograms, other.histograms, strict=False)
    ]
    return bool(pairs) and all(_shorter(numbers, others) for numbers, others in pairs)


def _shorter(numbers: Sequence[float], others: Sequence[float]) -> bool:
    if len(numbers) != len(others) or not numbers[0]:
        return len(numbers) == len(others)
    share = others[0] / numbers[0]
    bounds = (place for place in range(2, len(numbers)) if place % 3 != 1)
    counts = (0, 1, *range(4, len(numbers), 3))
    return (
        share <= 1 + TOLERANCE
        and all(same(numbers[place], others[place]) for place in bounds)
        and all(same(numbers[place] * share, others[place]) for place in counts)
    )


def _hyperbolic(text: str, expected: Result, found: Result) -> bool:
    """Whether what Go rounds to infinity is still a number, if a large one."""
    if not re.search(r"\b(sinh|cosh)\(", text) or expected.error:
        return False
    return not difference(_capped(expected), _capped(found))


def _capped(result: Result) -> Result:
    rows = [
        row._replace(values=[(time, max(-LARGE, min(LARGE, value))) for time, value in row.values])
        for row in result.rows
    ]
    return result._replace(rows=rows)


def _pinned_timestamp(text: str, expected: Result, found: Result) -> bool:
    return "timestamp(" in text and "@" in text and "offset" in text


def _past_the_last_step(text: str, expected: Result, found: Result) -> bool:
    """Whether a subquery failed there, and has an answer here."""
    return bool(expected.error) and not found.error and re.search(r"\[\w+:\w*\]", text) is not None


EXPLANATIONS: dict[str, Callable[[str, Result, Result], bool]] = {
    "atan2 drops the name": _atan2,
    "Filters are matched before they filter": _many_to_one,
    "Native counters have a zero": _native_zero,
    "sinh() and cosh() near infinity": _hyperbolic,
    "timestamp() of a moved selector": _pinned_timestamp,
    "Subqueries end with the last step": _past_the_last_step,
}
