"""Texts and their trees, and what is said of texts that are no query."""

import pytest

from watchroom.query.errors import QueryError
from watchroom.query.promql.language import parse
from watchroom.query.promql.language.tree import (
    Aggregation,
    Binary,
    Call,
    Matching,
    Number,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)
from watchroom.storage.contract import Matcher

FOO = Selector("foo", (Matcher("__name__", "=", "foo"),))
BAR = Selector("bar", (Matcher("__name__", "=", "bar"),))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1", Number(1.0)),
        ("0x1F", Number(31.0)),
        ("1_000", Number(1000.0)),
        ("010", Number(8.0)),
        (".5e-3", Number(0.0005)),
        ("-Inf", Number(-float("inf"))),
        ("1h30m", Number(5400.0)),
        ("250ms", Number(0.25)),
        (r'"a\"\n\u00e9\x41\101"', Text('a"\né' + "AA")),
        (r"`a\n`", Text(r"a\n")),
        ("foo # a comment", FOO),
        ('{"foo"}', Selector("", (Matcher("__name__", "=", "foo"),))),
        (
            '{"a.b", "c d"=~\'e\', f!="g"}',
            Selector(
                "",
                (
                    Matcher("__name__", "=", "a.b"),
                    Matcher("c d", "=~", "e"),
                    Matcher("f", "!=", "g"),
                ),
            ),
        ),
        ("sum", Selector("sum", (Matcher("__name__", "=", "sum"),))),
        ("foo[5m]", Window(FOO, 300_000)),
        ("foo[300]", Window(FOO, 300_000)),
        ("foo[1m + 2*(3s-500ms)]", Window(FOO, 65_000)),
        ("foo[step() + range()]", Window(FOO, 75_000)),
        ("foo offset -1m", Selector("foo", FOO.matchers, -60_000)),
        ("foo @ 1.5 offset 2", Selector("foo", FOO.matchers, 2000, 1500)),
        ("foo offset 2 @ end()", Selector("foo", FOO.matchers, 2000, "end")),
        ("foo[1m] @ -3", Window(Selector("foo", FOO.matchers, 0, -3000), 60_000)),
        ("foo[1m:]", Subquery(FOO, 60_000)),
        ("foo[1m:7s] offset 1s", Subquery(FOO, 60_000, 7000, 1000)),
        ("-foo ^ 2", Unary("-", Binary("^", FOO, Number(2.0)))),
        ("2 ^ 3 ^ 4", Binary("^", Number(2.0), Binary("^", Number(3.0), Number(4.0)))),
        ("1 - 2 - 3", Binary("-", Binary("-", Number(1.0), Number(2.0)), Number(3.0))),
        ("1 + 2 * 3", Binary("+", Number(1.0), Binary("*", Number(2.0), Number(3.0)))),
        ("1 > bool 2", Binary(">", Number(1.0), Number(2.0), True)),
        ("foo </ 2", Binary("</", FOO, Number(2.0))),
        ("foo or bar", Binary("or", FOO, BAR, False, Matching("many-to-many"))),
        (
            "foo * on(a, b) group_left(c) bar",
            Binary("*", FOO, BAR, False, Matching("many-to-one", True, ("a", "b"), ("c",))),
        ),
        (
            "foo == bool ignoring() group_right bar",
            Binary("==", FOO, BAR, True, Matching("one-to-many")),
        ),
        ("SUM by (a, on) (foo)", Aggregation("sum", FOO, None, ("a", "on"))),
        ('topk(3, foo) without ("x y")', Aggregation("topk", FOO, Number(3.0), ("x y",), True)),
        ("rate(foo[1m])", Call("rate", (Window(FOO, 60_000),))),
        ("round(foo, 5)", Call("round", (FOO, Number(5.0)))),
        ("time()", Call("time", ())),
    ],
)
def test_a_text_has_its_tree(text: str, tree: object) -> None:
    assert parse(text, step=15_000, span=60_000) == tree


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: parse error: no expression found in input"),
        ("foo bar", '1:5: parse error: unexpected identifier "bar"'),
        ("foo\n  + )", "2:5: parse error: unexpected right parenthesis ')'"),
        ("(foo", "1:5: parse error: unclosed left parenthesis"),
        ("foo{a=b}", 'unexpected identifier "b" in label matching, expected string'),
        ("foo{a", "unexpected end of input inside braces"),
        ("foo[", "unclosed left bracket"),
        ("foo[5x]", 'bad number or duration syntax: "5x"'),
        ("foo[0]", "duration must be greater than 0"),
        ("foo[1/0]", "division by zero"),
        ("1 +", "1:4: parse error: unexpected end of input"),
        ("abs(foo,)", "trailing commas not allowed in function call args"),
        ("foo @ bar", 'unexpected identifier "bar" in @, expected timestamp'),
        ("1 @ 5", "@ modifier must be preceded by an instant vector selector"),
        ("foo offset 5m offset 5m", "offset may not be set multiple times"),
        ("foo offset 1m [5m]", "no offset modifiers allowed before range"),
        ("foo[5m][5m]", "ranges only allowed for vector selectors"),
        ('foo{__name__="bar"}', 'metric name must not be set twice: "foo" or "bar"'),
        ('{a=~".*"}', "vector selector must contain at least one non-empty matcher"),
        ('foo{a=~"("}', "error parsing regexp: missing )"),
        ("rate(foo)", "expected type range vector in call to function"),
        ("abs()", 'expected 1 argument(s) in call to "abs", got 0'),
        ("hour(foo, foo)", 'expected at most 1 argument(s) in call to "hour", got 2'),
        ("sum(1)", "expected type instant vector in aggregation expression, got scalar"),
        ("topk(foo)", "expected 2, got 1"),
        ("nothing(foo)", 'unknown function with name "nothing"'),
        ("limitk(1, foo)", "limitk() is experimental"),
        ("info(foo)", 'function "info" is not enabled'),
        ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        ("foo + bool bar", "bool modifier can only be used on comparison operators"),
        ("foo and 1", 'set operator "and" not allowed in binary scalar expression'),
        ("foo + on(a) 1", "vector matching only allowed between instant vectors"),
        ("foo and on(a) group_left bar", 'no grouping allowed for "and" operation'),
        ("foo * on(a) group_left(a) bar", 'label "a" must not occur in ON and GROUP clause'),
        ("foo[5m] + 1", "binary expression must contain only scalar and instant vector types"),
        ('-"a"', "unary expression only allowed on expressions of type scalar or instant vector"),
        ('sum by ("\\xff") (foo)', "invalid label name for grouping"),
        ("(" * 101 + "1" + ")" * 101, "nested deeper than 100"),
        ("+".join(["foo"] * 300), "more than 200 operators in a row"),
    ],
)
def test_what_is_no_query_is_told(text: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.code == "bad_data"
    assert said in caught.value.message
