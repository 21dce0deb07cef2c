"""A query's answer as Prometheus' JSON, in blocks; quick enough for matrices of any size."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from watchroom.api.encoded import encoded
from watchroom.api.prometheus.numbers import number, numbers, seconds
from watchroom.model.buckets import buckets
from watchroom.model.histogram import Histogram
from watchroom.query.promql.answer import Answer, AnswerSeries
from watchroom.storage.contract import Times

_BLOCK = 1 << 17
"""Bytes of a block, about; a block has whole series."""


def encode(
    answer: Answer, moment: int = 0, statistics: Mapping[str, Any] | None = None
) -> list[bytes]:
    """Return an answer in the envelope, as blocks that follow each other.

    Args:
        answer: what the engine says.
        moment: the time of a string, in milliseconds since the epoch; all else has its own.
        statistics: what to tell of how the answer came about.
    """
    return list(_blocks(_pieces(answer, moment, statistics)))


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    yield b"".join(waiting)


def _pieces(answer: Answer, moment: int, statistics: Mapping[str, Any] | None) -> Iterator[bytes]:
    yield f'{{"status":"success","data":{{"resultType":"{answer.kind}","result":'.encode()
    yield from _result(answer, moment)
    if statistics is not None:
        yield b',"stats":' + encoded(statistics)
    yield b"}"
    for name in ("warnings", "infos"):
        notes = getattr(answer, name)
        if notes:
            yield f',"{name}":'.encode() + encoded(list(notes))
    yield b"}"


def _result(answer: Answer, moment: int) -> Iterator[bytes]:
    if answer.kind == "string":
        yield f"[{seconds(moment)},".encode() + encoded(answer.text) + b"]"
    elif answer.kind == "scalar":
        yield _point(answer.series[0])
    else:
        yield b"["
        yield from _rows(answer)
        yield b"]"


def _rows(answer: Answer) -> Iterator[bytes]:
    heads = _Heads()
    comma = b""
    for series in answer.series:
        row = _line(series, heads) if answer.kind == "matrix" else _sample(series)
        yield comma + b'{"metric":' + encoded(dict(series.labels)) + row + b"}"
        comma = b","


def _sample(series: AnswerSeries) -> bytes:
    if series.histograms:
        return b',"histogram":' + _histogram(*series.histograms[0])
    return b',"value":' + _point(series)


def _point(series: AnswerSeries) -> bytes:
    time, value = int(series.times[0]), float(series.values[0])
    return f'[{seconds(time)},"{number(value)}"]'.encode()


def _line(series: AnswerSeries, heads: "_Heads") -> bytes:
    line = b""
    if len(series.times):
        line = b',"values":[' + _points(series, heads) + b"]"
    if series.histograms:
        line += b',"histograms":[' + b",".join(_histogram(*each) for each in series.histograms)
        line += b"]"
    return line


class _Heads:
    """What stands before a value at each time, for series most of which share their times."""

    def __init__(self) -> None:
        self._shared: tuple[Times, list[bytes]] | None = None

    def of(self, times: Times) -> list[bytes]:
        """Return the heads of a series, with a place after each for the value."""
        if self._shared is None or self._shared[0] is not times:
            parts = [b""] * (2 * len(times))
            parts[0::2] = _heads(times)
            self._shared = (times, parts)
        return self._shared[1].copy()


def _heads(times: Times) -> list[bytes]:
    """Return `"],[t,"` for each time; whole seconds by the JSON encoder, which is quicker."""
    whole, rest = np.divmod(times, 1000)
    if rest.any():
        return [f'"],[{seconds(time)},"'.encode() for time in times.tolist()]
    text = msgspec.json.encode(whole.tolist())[1:-1].replace(b",", b',"|"],[')
    return (b'"],[' + text + b',"').split(b"|")


def _points(series: AnswerSeries, heads: _Heads) -> bytes:
    """Return [t,"v"],[t,"v"],…"""
    parts = heads.of(series.times)
    parts[1::2] = numbers(series.values)
    return b"".join(parts)[3:] + b'"]'


def _histogram(time: int, histogram: Histogram) -> bytes:
    content: dict[str, Any] = {
        "count": number(float(histogram.count)),
        "sum": number(histogram.sum),
    }
    found = [
        (bucket.rule, number(bucket.low), number(bucket.high), number(bucket.count))
        for bucket in buckets(histogram)
    ]
    if found:
        content["buckets"] = found
    return f"[{seconds(time)},".encode() + msgspec.json.encode(content) + b"]"
