"""Finding what has to be done only once: what does not depend on the step, or is read again."""

from collections import Counter
from collections.abc import Iterator

from watchroom.query.promql.language.tree import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)
from watchroom.storage.contract import Matcher

CHANGING = frozenset(
    (
        *("time", "minute", "hour", "day_of_month", "day_of_week", "day_of_year"),
        *("days_in_month", "month", "year", "predict_linear", "timestamp"),
    )
)
"""Functions that read the step's own time."""


def pinned(node: Expression) -> frozenset[int]:
    """Return the identities of the parts of a tree whose value is the same at each step."""
    found: set[int] = set()
    _pin(node, found)
    return frozenset(found)


def repeated(node: Expression) -> frozenset[tuple[Matcher, ...]]:
    """Return the matchers that a tree selects by more than once."""
    found: Counter[tuple[Matcher, ...]] = Counter()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        selector = each.selector if isinstance(each, Window) else each
        if isinstance(selector, Selector):
            found[selector.matchers] += 1
        waiting += children(each)
    return frozenset(matchers for matchers, number in found.items() if number > 1)


def _pin(node: Expression, found: set[int]) -> bool:
    """Note a node and those below it; say whether it is one."""
    below = [_pin(each, found) for each in children(node)]
    fixed = node.at is not None if isinstance(node, Subquery) else all(below) and _itself(node)
    if fixed and not isinstance(node, Window | Subquery):
        found.add(id(node))
    return fixed


def _itself(node: Expression) -> bool:
    if isinstance(node, Window):
        return node.selector.at is not None
    if isinstance(node, Selector):
        return node.at is not None
    return not (isinstance(node, Call) and node.function in CHANGING)


def children(node: Expression) -> Iterator[Expression]:
    """Yield what an expression is made of."""
    match node:
        case Number() | Text() | Selector() | Window():
            return
        case Subquery():
            yield node.expression
        case Call():
            yield from node.arguments
        case Aggregation():
            yield node.expression
            if node.parameter is not None:
                yield node.parameter
        case Binary():
            yield node.left
            yield node.right
        case Unary() | Paren():
            yield node.expression
