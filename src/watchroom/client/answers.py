"""Answers as Python has them, and as frames of the libraries that are installed."""

from collections.abc import Iterator
from importlib.util import find_spec
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
    numbers = row.values or ([row.value] if row.value else [])
    shown = row.histograms or ([row.histogram] if row.histogram else [])
    histograms = [(time, _numbers(histogram)) for time, histogram in shown]
    times = [time for time, _ in numbers]
    values: list[float | Histogram] = [float(value) for _, value in numbers]
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
    columns = _columns(answer)
    if library == "polars":
        import polars

        times = polars.Series("time", columns.pop("time"), polars.Float64)
        shape = {"time": (times * 1000).round().cast(polars.Datetime("ms", "UTC")), **columns}
        values = {
            "value": polars.Float64,
            **dict.fromkeys(map(_apart, _labels(answer)), polars.String),
        }
        return polars.DataFrame(shape, schema_overrides=values)
    import pandas

    frame = pandas.DataFrame(columns)
    moments = (pandas.Series(columns["time"], dtype="float64") * 1000).round().astype("int64")
    frame["time"] = pandas.to_datetime(moments, unit="ms", utc=True)
    frame["value"] = frame["value"].astype("float64")
    return frame


def _labels(answer: Result) -> list[str]:
    return sorted({name for line in answer.lines for name in line.labels})


def _columns(answer: Result) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"time": [time for line in answer.lines for time in line.times]}
    for name in _labels(answer):
        cells = ([line.labels.get(name)] * len(line.times) for line in answer.lines)
        columns[_apart(name)] = [cell for part in cells for cell in part]
    found = list(_values(answer))
    columns["value"] = [value if isinstance(value, float) else float("nan") for value in found]
    if any(isinstance(value, dict) for value in found):
        columns["histogram"] = [value if isinstance(value, dict) else None for value in found]
    return columns


def _values(answer: Result) -> "Iterator[float | Histogram]":
    for line in answer.lines:
        yield from line.values


def _apart(name: str) -> str:
    """Return a label's column, which is not one of ours."""
    return f"label_{name}" if name in {"time", "value", "histogram"} else name
