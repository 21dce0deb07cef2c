"""Expressions as trees in JSON."""

from watchroom.api.prometheus.tree import selectors, tree
from watchroom.query.promql.language import parse

FOO = {
    "type": "vectorSelector",
    "name": "foo",
    "matchers": [{"type": "=", "name": "__name__", "value": "foo"}],
    "offset": 0,
    "timestamp": None,
    "startOrEnd": None,
}


def test_the_example_of_prometheus_documentation() -> None:
    found = tree(parse("foo/bar"))
    bar = {"matchers": [{"type": "=", "name": "__name__", "value": "bar"}], "name": "bar"}
    assert found == {
        "type": "binaryExpr",
        "op": "/",
        "bool": False,
        "lhs": FOO,
        "rhs": {**FOO, **bar},
        "matching": {"card": "one-to-one", "include": (), "labels": (), "on": False},
    }


def test_every_kind_of_node() -> None:
    found = tree(parse("quantile without (x) (0.5, rate(foo[5m] offset 1m)) > bool -(foo)"))
    assert found["bool"] is True
    aggregation = found["lhs"]
    assert (aggregation["op"], aggregation["without"], aggregation["grouping"]) == (
        "quantile",
        True,
        ("x",),
    )
    assert aggregation["param"] == {"type": "numberLiteral", "val": "0.5"}
    call = aggregation["expr"]
    assert call["func"] == {
        "name": "rate",
        "argTypes": ("matrix",),
        "variadic": 0,
        "returnType": "vector",
    }
    assert call["args"] == [{**FOO, "type": "matrixSelector", "range": 300_000, "offset": 60_000}]
    assert found["rhs"] == {
        "type": "unaryExpr",
        "op": "-",
        "expr": {"type": "parenExpr", "expr": FOO},
    }


def test_subqueries_and_texts() -> None:
    found = tree(parse('label_replace(max_over_time(foo[1h:1m] @ end()), "a", "b", "c", "d")'))
    subquery = found["args"][0]["args"][0]
    assert subquery == {
        "type": "subquery",
        "expr": FOO,
        "range": 3_600_000,
        "step": 60_000,
        "offset": 0,
        "timestamp": None,
        "startOrEnd": "end",
    }
    assert found["args"][1] == {"type": "stringLiteral", "val": "a"}


def test_every_selector_is_found() -> None:
    found = selectors(parse("sum(rate(a[5m])) / -(b) + topk(scalar(c), max_over_time(d[1h:]))"))
    assert [each.name for each in found] == ["a", "b", "d", "c"]
