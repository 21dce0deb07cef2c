"""Answers as plain Python, and as frames."""

import math

import msgspec
import pandas
import polars
import pytest

from watchroom.client.answers import Frame, Line, Result, framed, installed, result
from watchroom.client.connection import Data

HISTOGRAM = {"count": "3", "sum": "4.5", "buckets": [[0, "1", "+Inf", "3"]]}
NUMBERS = {"count": 3.0, "sum": 4.5, "buckets": [[0.0, 1.0, math.inf, 3.0]]}


def answered(kind: str, content: object) -> Result:
    body = msgspec.json.encode({"resultType": kind, "result": content})
    return result(msgspec.json.decode(body, type=Data), ["noted"])


def test_every_kind() -> None:
    assert answered("scalar", [1.5, "2"]) == Result(
        "scalar", [Line({}, [1.5], [2.0])], notes=("noted",)
    )
    assert answered("string", [1, "text"]).text == "text"
    vector = answered("vector", [{"metric": {"a": "1"}, "value": [1, "+Inf"]}])
    assert vector.lines == [Line({"a": "1"}, [1.0], [math.inf])]
    matrix = answered(
        "matrix",
        [{"metric": {}, "values": [[1, "1"], [3, "3"]], "histograms": [[2, HISTOGRAM]]}],
    )
    assert matrix.lines == [Line({}, [1.0, 2.0, 3.0], [1.0, NUMBERS, 3.0])]
    alone = answered("vector", [{"metric": {}, "histogram": [2, HISTOGRAM]}])
    assert alone.lines == [Line({}, [2.0], [NUMBERS])]


MATRIX = Result(
    "matrix",
    [Line({"job": "a"}, [1.0, 2.5], [1.0, math.nan]), Line({"time": "x"}, [1.0], [NUMBERS])],
)


def test_a_frame_of_pandas() -> None:
    frame = framed(MATRIX, "pandas")
    assert list(frame.columns) == ["time", "job", "label_time", "value", "histogram"]
    assert frame["time"][1] == pandas.Timestamp(2.5, unit="s", tz="UTC")
    assert frame["value"].dtype == "float64"
    assert frame["value"][0] == 1.0
    assert frame["value"].isna().tolist() == [False, True, True]
    assert frame["job"].isna().tolist() == [False, False, True]
    assert frame["histogram"][2] == NUMBERS


def test_a_frame_of_polars() -> None:
    frame = framed(MATRIX, "polars")
    assert frame.columns == ["time", "job", "label_time", "value", "histogram"]
    assert frame.schema["time"] == polars.Datetime("ms", "UTC")
    assert frame["time"].dt.epoch("ms").to_list() == [1000, 2500, 1000]
    assert frame["job"].to_list() == ["a", "a", None]
    assert frame["value"][0] == 1.0
    assert frame["histogram"][2] == NUMBERS


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_nothing_is_an_empty_frame(library: Frame) -> None:
    frame = framed(Result("vector", []), library)
    assert list(frame.columns) == ["time", "value"]
    assert len(frame) == 0


def test_pandas_comes_first() -> None:
    assert installed() == "pandas"
