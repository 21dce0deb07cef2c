"""The text formats, against prometheus_client's own parsers and line by line."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from watchroom.ingest.text import DROPPED, UNTIMED, Lines, Parsed, TextError, parse
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels, labels

NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True)
LABEL_NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    ["\\", '"', "}", "{", "a b", " # {", 'x="y",', "\n", "\\n", "} 5", "="]
)
VALUES = st.floats() | st.integers(-1000, 1000).map(float)


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def line(row: tuple[str, dict[str, str], float, int | None]) -> str:
    name, pairs, value, time = row
    inside = ",".join(f'{key}="{escaped(text)}"' for key, text in pairs.items())
    stamp = "" if time is None else f" {time}"
    return f"{name}{{{inside}}} {value!r}{stamp}" if inside else f"{name} {value!r}{stamp}"


ROWS = st.lists(
    st.tuples(
        NAMES,
        st.dictionaries(LABEL_NAMES, TEXTS, max_size=4),
        VALUES,
        st.none() | st.integers(-(10**12), 10**13),
    ),
    max_size=8,
)


def samples(parsed: Parsed) -> list[tuple[Labels, float, int]]:
    times = [UNTIMED] * len(parsed.series) if parsed.times is None else parsed.times.tolist()
    return list(zip(parsed.series, parsed.values.tolist(), times, strict=True))


def same(ours: list[Any], theirs: list[Any]) -> None:
    assert [(each[0], each[2]) for each in ours] == [(each[0], each[2]) for each in theirs]
    np.testing.assert_array_equal([each[1] for each in ours], [each[1] for each in theirs])


@given(ROWS)
def test_text_is_read_as_it_was_written(rows: Any) -> None:
    body = "".join(line(row) + "\n" for row in rows).encode()
    expected = [
        (labels(name, pairs), value, UNTIMED if time is None else time)
        for name, pairs, value, time in rows
        if "__name__" not in pairs
    ]
    if len(expected) == len(rows):
        known = Lines()
        for _ in range(2):  # by reading, then by looking up
            same(samples(parse(body, False, known)), expected)


@given(ROWS)
def test_text_is_read_as_by_prometheus_client(rows: Any) -> None:
    # It refuses label names that begin with two underscores.
    rows = [row for row in rows if not any(name.startswith("__") for name in row[1])]
    text = "".join(line(row) + "\n" for row in rows)
    theirs = [
        (
            labels(each.name, each.labels),
            each.value,
            # their own seconds, from our milliseconds and back
            UNTIMED if each.timestamp is None else round(each.timestamp * 1000),
        )
        for family in plain(text)
        for each in family.samples
    ]
    same(sorted(samples(parse(text.encode(), False)), key=repr), sorted(theirs, key=repr))


OPENMETRICS = """\
# TYPE http_seconds histogram
# UNIT http_seconds seconds
# HELP http_seconds How long\\nit took.
http_seconds_bucket{le="0.5"} 3 1700000000.5 # {trace_id="KOO5S4vxi0o"} 0.67
http_seconds_bucket{le="+Inf"} 4 1700000000.5 # {trace_id="x # {y} 5"} 9.8 1700000000.25
http_seconds_count 4 1700000000.5
http_seconds_sum 7.5 1700000000.5
# TYPE jobs counter
jobs_total{kind="a b"} 17.0 1.7e9
jobs_created{kind="a b"} 1690000000.125 1.7e9
# TYPE build info
build_info{version="1"} 1
# EOF
"""


def test_openmetrics_is_read_as_by_prometheus_client() -> None:
    ours = parse(OPENMETRICS.encode(), True)
    theirs = [each for family in openmetrics(OPENMETRICS) for each in family.samples]
    assert ours.lines == len(theirs) == 7
    for (series, value, time), each in zip(samples(ours), theirs, strict=True):
        assert (series, value) == (labels(each.name, each.labels), each.value)
        stamp = UNTIMED if each.timestamp is None else round(float(each.timestamp) * 1000)
        assert time == stamp
    exemplars = [each.exemplar for each in theirs if each.exemplar is not None]
    assert [(dict(each.labels), each.value) for each in ours.exemplars] == [
        (each.labels, each.value) for each in exemplars
    ]
    assert [each.time for each in ours.exemplars] == [UNTIMED, 1_700_000_000_250]
    assert ours.exemplars[1].series == labels("http_seconds_bucket", {"le": "+Inf"})
    first = Metadata("http_seconds", Kind.HISTOGRAM, "seconds", "How long\nit took.")
    assert first in ours.metadata


def test_oddly_set_text_is_text() -> None:
    body = b"""
# an ordinary comment
  # TYPE a counter
# HELP  a  Some   help.
a  1
\ta{ x = "1" , y="2", } \t 2 \t 1000
a{x="1"}3
{"b.c", "d.e"="f"} 4
{"just.a.name"} 5 7
g {h="i"} 6
g 7
g {h="i"} +Inf
nan NaN
"""
    known = Lines()
    for _ in range(2):
        found = samples(parse(body, False, known))
        assert [each[1] for each in found[:-1]] == [1, 2, 3, 4, 5, 6, 7, math.inf]
        assert [each[2] for each in found if each[2] != UNTIMED] == [1000, 7]
        assert found[1][0] == labels("a", {"x": "1", "y": "2"})
        assert found[3][0] == labels("b.c", {"d.e": "f"})
        assert found[4][0] == labels("just.a.name")
        assert math.isnan(found[-1][1])
    assert parse(body, False).metadata == [Metadata("a", Kind.COUNTER, "", "Some   help.")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a", "value"),
        ("a x", "'x' is no number"),
        ("a 1_000", "'1_000' is no number"),
        ("a 0x1p3", "is no number"),
        ("a 1 2.5", "'2.5' is no time"),
        ("a 1 99999999999999999999", "is no time"),
        ("a 1 2 3", "at most its time"),
        ("a-1", "value"),
        ('a{b="c" 1', "is no label"),
        ('a{b="c} 1', "is no label"),
        ("a{b} 1", "'b' has no value"),
        ('a{b="c"d="e"} 1', "is no label"),
        ('a{b="c",b="d"} 1', "'b' comes twice"),
        ('{b="c"} 1', "metric name"),
        ("9a 1", "no metric name"),
        ('a{b="c"} 1 # {d="e"} 1', "exemplars"),
        ("# TYPE a number", "'number' is no type"),
    ],
)
def test_an_error_names_its_line(row: str, said: str) -> None:
    known = Lines()
    parse(b'a 1\na{b="c"} 2\n', False, known)
    with pytest.raises(TextError, match=r"^line 3: ") as caught:
        parse(f"a 1\n\n{row}\na 2\n".encode(), False, known)
    assert said in str(caught.value)
    assert caught.value.line == 3


def test_bytes_that_are_no_text_are_named() -> None:
    with pytest.raises(TextError, match=r"line 2: this is no UTF-8"):
        parse(b'a 1\nb{c="\xff"} 1\n', False)


@pytest.mark.parametrize(
    ("body", "said"),
    [("a 1\n", "cut short"), ("a 1\n# EOF\nb 2\n", "line 3: nothing stands behind")],
)
def test_openmetrics_ends_with_its_end(body: str, said: str) -> None:
    with pytest.raises(TextError, match=said):
        parse(body.encode(), True)


def test_a_source_finishes_its_labels_once() -> None:
    asked: list[Labels] = []

    def finish(found: Labels) -> Labels:
        asked.append(found)
        return DROPPED if found[0][1] == "unwanted" else (*found, ("job", "x"))

    lines = Lines(finish)
    for value in (1, 2):
        parsed = parse(f"a {value} 5\nunwanted 7 6\nb {value}\n".encode(), False, lines)
        assert samples(parsed) == [
            ((("__name__", "a"), ("job", "x")), value, 5),
            ((("__name__", "b"), ("job", "x")), value, UNTIMED),
        ]
        assert parsed.lines == 3
    assert len(asked) == 3


def test_what_is_known_is_bounded() -> None:
    lines = Lines(size=1500)
    for number in range(10):
        parse(f'a{{b="{number}"}} 1\n'.encode(), False, lines)
        assert len(lines.known) <= 4


def test_a_large_body_is_read_in_blocks() -> None:
    rows = [f'a{{b="{number}"}} {number}' for number in range(30_000)]
    body = "\n".join([*rows, "# EOF", ""]).encode()
    parsed = parse(body, True)
    assert parsed.values.tolist() == list(range(30_000))
    with pytest.raises(TextError, match="at most 9999 samples"):
        parse(body, True, most=9999)
    with pytest.raises(TextError, match=r"^line 30003: nothing stands behind"):
        parse(body + b"\na 1\n" * 30_000, True)
    rows[25_000] = "wrong"
    with pytest.raises(TextError, match=r"^line 25001: "):
        parse("\n".join(rows).encode(), False)


def test_a_line_without_end_is_named() -> None:
    with pytest.raises(TextError, match="line 3: a line has at most 1048576 bytes"):
        parse(b"a 1\nb 2\n" + b"c" * (2 << 20) + b"\nd 4\n", openmetrics=False)


def test_long_exemplars_are_counted() -> None:
    body = f'a_total 1 # {{trace="{"x" * 130}"}} 1\n# EOF\n'.encode()
    parsed = parse(body, True)
    assert (parsed.exemplars, parsed.long_exemplars, parsed.lines) == ([], 1, 1)
