"""Parsing within bounds, and the places of what is wrong."""

import pytest

from watchroom.query.errors import QueryError
from watchroom.query.promql.syntax import DEEPEST, LONGEST, MOST_OPERATORS, parse


def refusal(expression: str) -> str:
    with pytest.raises(QueryError) as caught:
        parse(expression)
    assert caught.value.code == "bad_data"
    return caught.value.message


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "1:1: parse error: no expression found in input"),
        ("sum(x", "1:4: parse error: unclosed left parenthesis"),
        ("a\n+ b)", "2:4: parse error: unexpected right parenthesis ')'"),
        ("a +", "1:4: parse error: unexpected end of input"),
        ("a{b=c}", "1:5: parse error: unexpected identifier 'c' in label matching"),
        ("sum(nosuch(a))", "1:5: parse error: unknown function with name 'nosuch'"),
        ("a + rate(b)", "1:5: parse error: expected type matrix in call to function 'rate'"),
        ('a == "b', "1:6: parse error: unterminated quoted string"),
    ],
)
def test_what_is_wrong_and_where(expression: str, message: str) -> None:
    assert refusal(expression).startswith(message)


def test_a_place_that_is_not_known_is_not_told() -> None:
    assert refusal("a b") == "parse error: invalid promql query"


@pytest.mark.parametrize(
    "expression",
    [
        "(" * DEEPEST + "a" + ")" * DEEPEST,
        "+".join(["a"] * (MOST_OPERATORS + 1)),
        "-" * MOST_OPERATORS + "a",
        'a{b="' + "(" * 10_000 + '"}',
        "a # " + "(" * 10_000,
        "a{" + ",".join(['b!="+"'] * 1000) + "}",
    ],
)
def test_what_is_within_bounds(expression: str) -> None:
    assert parse(expression).prettify()


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(" * 20_000, "brackets are nested more than"),
        ("abs(" * 20_000, "brackets are nested more than"),
        ("-" * 20_000 + "a", "20000 operators and ranges"),
        ("a^" * 20_000 + "a", "20000 operators and ranges"),
        ("a or " * 20_000 + "a", "20000 operators and ranges"),
        ("a" + "[1m:]" * 20_000, "20000 operators and ranges"),
        ("a" * (LONGEST + 1), "an expression has at most"),
    ],
)
def test_what_would_end_the_process_is_refused(expression: str, said: str) -> None:
    assert said in refusal(expression)
