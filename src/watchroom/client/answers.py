"""Answers as Python has them, and as frames of the libraries that are installed."""

import math
from importlib.util import find_spec
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from watchroom.client.connection import Data, Row

Frame: TypeAlias = Literal["pandas", "polars"]
Histogram: TypeAlias = dict[str, Any]
"""`count`, `sum` and `buckets`: rule of the bounds, lower and upper bound, count."""


class Line(NamedTuple):
    """One series: its labels, and its samples in time order; times are seconds since the epoch."""

    labels: dict[str, str]
    times: list[float]
    values: "list[float | Histogram]"


class Result(NamedTuple):
    """An answer: of a scalar or a text one line without labels, of a text its value in `text`."""

    kind: Literal["scalar", "vector", "matrix", "string"]
    lines: list[Line]
    text: str = ""
    notes: tuple[str, ...] = ()


def result(data: Data, notes: list[str]) -> Result:
    """Return an answer with numbers in place of texts."""
    if data.kind == "string":
        _, text = msgspec.json.decode(data.result, type=tuple[float, str])
        return Result(data.kind, [], text, tuple(notes))
    if data.kind == "scalar":
        time, value = msgspec.json.decode(data.result, type=tuple[float, str])
        return Result(data.kind, [Line({}, [time], [float(value)])], notes=tuple(notes))
    rows = msgspec.json.decode(data.result, type=list[Row])
    return Result(data.kind, list(map(_line, rows)), notes=tuple(notes))


def _line(row: Row) -> Line:
    samples = row.values or ([row.value] if row.value else [])
    shown = row.histograms or ([row.histogram] if row.histogram else [])
    histograms = [(time, _numbers(histogram)) for time, histogram in shown]
    times: list[float] = []
    values: list[float | Histogram] = []
    if samples:
        moments, texts = zip(*samples, strict=True)
        times, values = list(moments), list(map(float, texts))
    if histograms:
        both = sorted([*zip(times, values, strict=True), *histograms], key=lambda each: each[0])
        times, values = [time for time, _ in both], [value for _, value in both]
    return Line(row.metric, times, values)


def _numbers(histogram: dict[str, Any]) -> Histogram:
    return {
        "count": float(histogram["count"]),
        "sum": float(histogram["sum"]),
        "buckets": [[float(cell) for cell in row] for row in histogram.get("buckets", ())],
    }


def installed() -> Frame | None:
    """Return the library that makes frames here: pandas, else polars, else none."""
    libraries: tuple[Frame, ...] = ("pandas", "polars")
    return next((each for each in libraries if find_spec(each)), None)


def framed(answer: Result, library: Frame) -> Any:
    """Return an answer as a frame: one row per sample, with `time`, the labels, and `value`.

    A series that lacks a label has none there. Histograms are in a column `histogram` of their
    own.

    Raises:
        ImportError: the library is not installed.
    """
    return _polars(answer) if library == "polars" else _pandas(answer)


def _polars(answer: Result) -> Any:
    import polars

    names = _labels(answer)
    moments = polars.Series("time", _flat(answer, "times"), polars.Float64)
    places = polars.Series(_places(answer), dtype=polars.UInt32)
    columns = [(moments * 1000).round().cast(polars.Datetime("ms", "UTC"))]
    for name in names:
        cells = [line.labels.get(name) for line in answer.lines]
        columns.append(polars.Series(_apart(name), cells, polars.String).gather(places))
    floats, histograms = _apart_by_kind(_flat(answer, "values"))
    columns.append(polars.Series("value", floats, polars.Float64))
    columns += [polars.Series("histogram", histograms)] if histograms else []
    return polars.DataFrame(columns)


def _pandas(answer: Result) -> Any:
    import pandas

    names = _labels(answer)
    cells = [[line.labels.get(name) for name in names] for line in answer.lines]
    labels = pandas.DataFrame(cells, columns=list(map(_apart, names)))
    frame = labels.take(_places(answer)).reset_index(drop=True)
    moments = (pandas.Series(_flat(answer, "times"), dtype="float64") * 1000).round()
    frame.insert(0, "time", pandas.to_datetime(moments.astype("int64"), unit="ms", utc=True))
    floats, histograms = _apart_by_kind(_flat(answer, "values"))
    frame["value"] = pandas.Series(floats, dtype="float64")
    if histograms:
        frame["histogram"] = pandas.Series(histograms, dtype="object")
    return frame


def _flat(answer: Result, part: Literal["times", "values"]) -> list[Any]:
    return list(chain.from_iterable(getattr(line, part) for line in answer.lines))


def _places(answer: Result) -> list[int]:
    """Return for each sample the place of its line."""
    lengths = [len(line.times) for line in answer.lines]
    return list(chain.from_iterable(map(repeat, range(len(lengths)), lengths)))


def _apart_by_kind(values: "list[float | Histogram]") -> tuple[list[float], list[Histogram | None]]:
    """Return the floats, and the histograms if there are any, each with nothing for the other."""
    if not any(isinstance(value, dict) for value in values):
        return values, []  # type: ignore[return-value]  # floats alone, as nearly always
    return (
        [value if isinstance(value, float) else math.nan for value in values],
        [value if isinstance(value, dict) else None for value in values],
    )


def _labels(answer: Result) -> list[str]:
    return sorted({name for line in answer.lines for name in line.labels})


def _apart(name: str) -> str:
    """Return a label's column, which is not one of ours."""
    return f"label_{name}" if name in {"time", "value", "histogram"} else name
