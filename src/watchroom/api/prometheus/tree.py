"""An expression as a tree in JSON, node by node as Prometheus' parse_query gives it.

Offsets, ranges and steps are milliseconds, as are the times of `@`.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from watchroom.api.prometheus.numbers import number
from watchroom.query.promql.language.signatures import FUNCTIONS
from watchroom.query.promql.language.tree import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Node,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)

Json = dict[str, Any]


def tree(node: Expression) -> Json:
    """Return an expression as nodes of JSON."""
    found: Json = _TRANSLATORS[type(node)](node)
    return found


def selectors(node: Any) -> Iterator[Selector]:
    """Yield every selector of an expression."""
    if isinstance(node, Selector):
        yield node
    elif isinstance(node, Node):
        for field in fields(node):
            yield from selectors(getattr(node, field.name))
    elif isinstance(node, tuple):
        for each in node:
            yield from selectors(each)


def _aggregation(node: Aggregation) -> Json:
    return {
        "type": "aggregation",
        "op": node.operator,
        "expr": tree(node.expression),
        "param": None if node.parameter is None else tree(node.parameter),
        "grouping": node.grouping,
        "without": node.without,
    }


def _binary(node: Binary) -> Json:
    matching = node.matching and {
        "card": node.matching.card,
        "labels": node.matching.labels,
        "on": node.matching.on,
        "include": node.matching.include,
    }
    return {
        "type": "binaryExpr",
        "op": node.operator,
        "lhs": tree(node.left),
        "rhs": tree(node.right),
        "matching": matching,
        "bool": node.returns_bool,
    }


def _call(node: Call) -> Json:
    signature = FUNCTIONS[node.function]
    function = {
        "name": node.function,
        "argTypes": signature.arguments,
        "variadic": signature.more,
        "returnType": signature.gives,
    }
    return {"type": "call", "func": function, "args": [tree(each) for each in node.arguments]}


def _selector(node: Selector) -> Json:
    matchers = [{"type": each.op, "name": each.name, "value": each.value} for each in node.matchers]
    return {"type": "vectorSelector", "name": node.name, "matchers": matchers, **_when(node)}


def _window(node: Window) -> Json:
    return {**_selector(node.selector), "type": "matrixSelector", "range": node.range}


def _subquery(node: Subquery) -> Json:
    return {
        "type": "subquery",
        "expr": tree(node.expression),
        "range": node.range,
        "step": node.step,
        **_when(node),
    }


def _when(node: Selector | Subquery) -> Json:
    end = node.at if isinstance(node.at, str) else None
    return {"offset": node.offset, "timestamp": None if end else node.at, "startOrEnd": end}


def _unary(node: Unary) -> Json:
    return {"type": "unaryExpr", "op": node.operator, "expr": tree(node.expression)}


def _paren(node: Paren) -> Json:
    return {"type": "parenExpr", "expr": tree(node.expression)}


def _number(node: Number) -> Json:
    return {"type": "numberLiteral", "val": number(node.value)}


def _text(node: Text) -> Json:
    return {"type": "stringLiteral", "val": node.value}


_TRANSLATORS: dict[type, Any] = {
    Aggregation: _aggregation,
    Binary: _binary,
    Call: _call,
    Number: _number,
    Paren: _paren,
    Selector: _selector,
    Subquery: _subquery,
    Text: _text,
    Unary: _unary,
    Window: _window,
}
