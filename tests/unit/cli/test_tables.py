"""Answers at the terminal."""

import json
import math

import pytest

from watchroom.cli.tables import as_csv, as_json, as_table, sparkline
from watchroom.client.answers import Line, Result

VECTOR = Result(
    "vector",
    [
        Line({"__name__": "up", "job": "api", "zone": "x"}, [1.5], [1.0]),
        Line({"__name__": "up", "job": "web"}, [1.5], [1234567.25]),
    ],
    notes=("careful",),
)
HISTOGRAM = {"count": 3.0, "sum": 4.5, "buckets": [[0.0, 1.0, math.inf, 3.0]]}


def test_labels_that_differ_are_columns() -> None:
    assert as_table(VECTOR).splitlines() == [
        "__name__=up",
        "job  zone    value",
        "api  x           1",
        "web        1234567",
        "note: careful",
    ]


def test_a_range_is_drawn() -> None:
    matrix = Result("matrix", [Line({"a": "1"}, [0.0, 1.0, 2.0], [0.0, math.nan, 2.0])])
    assert as_table(matrix).splitlines() == [
        "a=1",
        "least  most  last  over time",
        "    0     2     2  ▁ █",
    ]


def test_what_is_no_series() -> None:
    assert as_table(Result("scalar", [Line({}, [0.0], [0.1 + 0.2])])) == "0.3"
    assert as_table(Result("string", [], "hello")) == "hello"
    assert as_csv(Result("string", [], "hello")) == "hello"
    assert json.loads(as_json(Result("string", [], "hello")))["text"] == "hello"
    assert as_table(Result("vector", [])) == "no data"


def test_histograms() -> None:
    answer = Result("vector", [Line({}, [0.0], [HISTOGRAM])])
    assert "count 3, sum 4.5" in as_table(answer)
    assert '"{""count"": 3.0' in as_csv(answer)
    (series,) = json.loads(as_json(answer))["series"]
    assert series["samples"] == [[0.0, {**HISTOGRAM, "buckets": [[0.0, 1.0, "inf", 3.0]]}]]
    ranged = Result("matrix", [Line({}, [0.0], [HISTOGRAM])])
    assert "count 3, sum 4.5" in as_table(ranged)


def test_csv_has_a_row_for_each_sample() -> None:
    assert as_csv(VECTOR) == (
        "time,__name__,job,zone,value\n"
        "1970-01-01T00:00:01.500+00:00,up,api,x,1\n"
        "1970-01-01T00:00:01.500+00:00,up,web,,1234567.25"
    )


def test_json_has_what_is_no_number_as_text() -> None:
    answer = Result("vector", [Line({"a": "1"}, [0.0, 1.0], [math.nan, 2.0])])
    assert json.loads(as_json(answer)) == {
        "type": "vector",
        "series": [{"labels": {"a": "1"}, "samples": [[0.0, "nan"], [1.0, 2.0]]}],
        "notes": [],
    }


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([math.nan], ""),
        ([5.0, 5.0], "▁▁"),
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], "▁▂▃▄▅▆▇█"),
        ([float(value // 50) for value in range(400)], "".join(tick * 5 for tick in "▁▂▃▄▅▆▇█")),
    ],
)
def test_drawings(values: list[float], drawn: str) -> None:
    assert sparkline(values) == drawn
