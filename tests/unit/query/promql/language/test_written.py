"""Trees back to text, as Prometheus writes them."""

import pytest

from watchroom.query.promql.language import parse
from watchroom.query.promql.language.written import written, written_neatly

SHORT = [
    ("sum(x)by(y)", "sum by (y) (x)"),
    ("sum without()(x)", "sum without () (x)"),
    ('topk(3,a{b!="c",d=~"e|f"})', 'topk(3, a{b!="c",d=~"e|f"})'),
    ("a[5m:1m]@end() offset -5m", "a[5m:1m] @ end() offset -5m"),
    ("max_over_time(a[90m:])", "max_over_time(a[1h30m:])"),
    ("rate(a[1d12h]@12.5)", "rate(a[36h] @ 12.500)"),
    ("-a^2", "-a ^ 2"),
    ("a*ignoring(x,y)group_left(z)b", "a * ignoring (x, y) group_left (z) b"),
    ("a and on()b", "a and on () b"),
    ("a==bool 1", "a == bool 1"),
    ("(a)+1e21-1e-7", "(a) + 1e+21 - 1e-07"),
    ("100000000000000000000*Inf", "100000000000000000000 * +Inf"),
    ("'a\\nb'", '"a\\nb"'),
    ("a offset 1w", "a offset 1w"),
    ('sum by ("a.b") (a)', 'sum by ("a.b") (a)'),
]


@pytest.mark.parametrize(("text", "neat"), SHORT)
def test_on_one_line(text: str, neat: str) -> None:
    assert written_neatly(parse(text)) == neat
    assert parse(neat) == parse(text)


def test_what_is_long_is_split_where_it_is_made_of_parts() -> None:
    text = (
        "histogram_quantile(0.9,sum by(le)(rate(http_request_duration_seconds_bucket"
        '{job="shop",instance=~"a|b"}[5m])))/on(job)group_left()'
        "sum(rate(http_requests_total{job='shop'}[1h30m]))"
    )
    assert written_neatly(parse(text)) == (
        "  histogram_quantile(\n"
        "    0.9,\n"
        "    sum by (le) (rate(http_request_duration_seconds_bucket"
        '{job="shop",instance=~"a|b"}[5m]))\n'
        "  )\n"
        "/ on (job) group_left ()\n"
        '  sum(rate(http_requests_total{job="shop"}[1h30m]))'
    )
    assert written(parse(written_neatly(parse(text)))) == written(parse(text))
