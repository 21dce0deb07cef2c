"""The answer to a query as a table for people, and as CSV and JSON for programs."""

import csv
import io
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from watchroom.client.answers import Histogram, Line, Result

_TICKS = "▁▂▃▄▅▆▇█"
_WIDTH = 40


def as_table(answer: Result) -> str:
    """Return a table: labels that differ, then the value, or what became of it."""
    notes = [f"note: {note}" for note in answer.notes]
    if answer.kind == "string":
        return "\n".join([answer.text, *notes])
    if answer.kind == "scalar":
        return "\n".join([_shown(answer.lines[0].values[-1]), *notes])
    if not answer.lines:
        return "\n".join(["no data", *notes])
    names, shared = _labels(answer.lines)
    above = [", ".join(f"{name}={value}" for name, value in shared.items())] if shared else []
    ranged = answer.kind == "matrix"
    heads = ["least", "most", "last", "over time"] if ranged else ["value"]
    rows = [
        [line.labels.get(name, "") for name in names] + (_summary(line) if ranged else _last(line))
        for line in answer.lines
    ]
    return "\n".join([*above, *_aligned([*names, *heads], rows, len(names)), *notes])


def as_csv(answer: Result) -> str:
    """Return a row for each sample: time, labels, value."""
    if answer.kind == "string":
        return answer.text
    names = sorted({name for line in answer.lines for name in line.labels})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time", *names, "value"])
    for line in answer.lines:
        labels = [line.labels.get(name, "") for name in names]
        for time, value in zip(line.times, line.values, strict=True):
            writer.writerow([_moment(time), *labels, _plain(value)])
    return text.getvalue().rstrip("\n")


def as_json(answer: Result) -> str:
    """Return type, series and notes; what is no number in JSON is a text."""
    if answer.kind == "string":
        return json.dumps({"type": answer.kind, "text": answer.text, "notes": answer.notes})
    series = [
        {
            "labels": line.labels,
            "samples": [
                [time, _jsonable(value)]
                for time, value in zip(line.times, line.values, strict=True)
            ],
        }
        for line in answer.lines
    ]
    return json.dumps({"type": answer.kind, "series": series, "notes": answer.notes})


def sparkline(values: Sequence[float], width: int = _WIDTH) -> str:
    """Return a drawing of values in at most `width` characters; gaps where they are no numbers."""
    cells = [_mean(part) for part in _parts(values, width)]
    finite = [cell for cell in cells if math.isfinite(cell)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    height = (high - low) or 1.0
    return "".join(
        _TICKS[int((cell - low) / height * (len(_TICKS) - 1) + 0.5)] if math.isfinite(cell) else " "
        for cell in cells
    )


def _parts(values: Sequence[float], width: int) -> list[Sequence[float]]:
    number = min(width, len(values))
    edges = [len(values) * part // number for part in range(number + 1)] if number else [0]
    return [values[low:high] for low, high in pairwise(edges)]


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(finite) / len(finite) if finite else math.nan


def _labels(lines: Sequence[Line]) -> tuple[list[str], dict[str, str]]:
    """Return the labels that differ, the name first, and those that all share."""
    names = sorted({name for line in lines for name in line.labels}, key=_name_first)
    shared = {
        name: value
        for name, value in lines[0].labels.items()
        if all(line.labels.get(name) == value for line in lines)
    }
    return [name for name in names if name not in shared], shared


def _name_first(name: str) -> tuple[bool, str]:
    return name != "__name__", name


def _last(line: Line) -> list[str]:
    return [_shown(line.values[-1])]


def _summary(line: Line) -> list[str]:
    numbers = [value for value in line.values if isinstance(value, float)]
    if not numbers:
        return ["", "", *_last(line), ""]
    finite = [value for value in numbers if not math.isnan(value)] or numbers
    return [_shown(min(finite)), _shown(max(finite)), *_last(line), sparkline(numbers)]


def _aligned(heads: list[str], rows: list[list[str]], texts: int) -> list[str]:
    """Return lines in columns: the first `texts` to the left, numbers to the right."""
    cells = [heads, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    last = len(heads) - 1
    return [
        "  ".join(
            cell.ljust(width)
            if column < texts or (heads[last] == "over time" and column == last)
            else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def _shown(value: "float | Histogram") -> str:
    if isinstance(value, dict):
        return f"count {_shown(value['count'])}, sum {_shown(value['sum'])}"
    return (
        f"{value:.6g}"
        if abs(value) < 1e6
        else f"{value:.0f}"
        if abs(value) < 1e15
        else f"{value:g}"
    )


def _plain(value: "float | Histogram") -> Any:
    return (
        json.dumps(_jsonable(value)) if isinstance(value, dict) else repr(value).removesuffix(".0")
    )


def _jsonable(value: Any) -> Any:
    """Return what JSON can hold: infinities and NaN as texts."""
    if isinstance(value, dict):
        return {name: _jsonable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_jsonable(each) for each in value]
    return value if math.isfinite(value) else str(value)


def _moment(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
