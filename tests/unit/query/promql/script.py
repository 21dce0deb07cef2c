"""Cases as text: what the store holds, a question, and one row for each series of its answer.

    load 1m
      x{job="a"}  0,10..50 _ NaN stale 3*4

    eval instant 5m  sum(x)
      {}  50

    eval range 0 10m 5m  x
      x{job="a"}  0 50 _

    eval instant 0  a + b
      error  found duplicate series

`load STEP` adds samples from time 0 on: `a,b..c` counts from a to c by b - a, `v*n` repeats, `_` is
no sample. After `eval ordered` the rows come in this order. `nothing` stands for an empty answer,
`warn` and `info` for the annotations. A number equals another one to 1e-9 of it. `clear` empties
the store. How a histogram is written is said in `spelling.py`.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from tests.unit.query.promql import spelling

from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels
from watchroom.model.stale import STALE
from watchroom.query.promql.answer import Answer, AnswerSeries
from watchroom.query.promql.engine import PromQL
from watchroom.query.promql.language import parse
from watchroom.query.promql.language.tree import Number, Selector

Sample: TypeAlias = float | Histogram


class Line(NamedTuple):
    number: int
    text: str


class Case(NamedTuple):
    """One question with what was loaded before it, and the rows that are expected."""

    name: str
    loads: tuple[tuple[str, tuple[str, ...]], ...]
    question: str
    rows: tuple[str, ...]


def cases(path: Path) -> Iterator[Case]:
    """Yield the cases of a file."""
    loads: list[tuple[str, tuple[str, ...]]] = []
    for head, rows in _paragraphs(path):
        command, _, rest = head.text.partition(" ")
        if command == "clear":
            loads = []
        elif command == "load":
            loads.append((rest, rows))
        elif command == "eval":
            yield Case(f"{path.stem}:{head.number} {rest}", tuple(loads), rest, rows)
        else:
            raise ValueError(f"{path}:{head.number}: {command}")


def _paragraphs(path: Path) -> Iterator[tuple[Line, tuple[str, ...]]]:
    head: Line | None = None
    rows: list[str] = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if text[0] in " \t":
            rows.append(text.strip())
            continue
        if head is not None:
            yield head, tuple(rows)
        head, rows = Line(number, text.strip()), []
    if head is not None:
        yield head, tuple(rows)


def milliseconds(text: str) -> int:
    """Return a duration or a number of seconds in milliseconds."""
    sign = -1 if text.startswith("-") else 1
    value = parse(text.removeprefix("-"))
    assert isinstance(value, Number)
    return sign * round(value.value * 1000)


def series(text: str) -> tuple[Labels, list[str]]:
    """Return the labels and the words of a row."""
    end = (
        text.index("}") + 1
        if "{" in text.split(" ", maxsplit=1)[0]
        else len(text.split(" ", maxsplit=1)[0])
    )
    return labels(text[:end]), text[end:].split()


def labels(text: str) -> Labels:
    """Return the labels of `name{a="b"}`."""
    if text == "{}":
        return ()
    selector = parse(text)
    assert isinstance(selector, Selector)
    return tuple(sorted((each.name, each.value) for each in selector.matchers))


def numbers(words: Sequence[str]) -> Iterator[Sample | None]:
    """Yield the samples of a row; None where there is none."""
    for word in words:
        if word.startswith("h("):
            yield from spelling.samples(word)
        elif ".." in word:
            first, second, last = word.replace("..", ",").split(",")
            step = float(second) - float(first)
            count = round((float(last) - float(first)) / step) + 1
            yield from (float(first) + step * place for place in range(count))
        else:
            value, _, count_ = word.partition("*")
            yield from [_number(value)] * int(count_ or 1)


def _number(word: str) -> float | None:
    if word == "_":
        return None
    return STALE if word == "stale" else float(word)


def ask(engine: PromQL, question: str) -> tuple[Answer, Sequence[int], bool]:
    """Return the answer, the times of the steps, and whether the order matters."""
    ordered = question.startswith("ordered ")
    kind, rest = question.removeprefix("ordered ").split(" ", 1)
    if kind == "instant":
        time, expr = rest.split(None, 1)
        return engine.instant(expr, milliseconds(time)), [milliseconds(time)], ordered
    first, last, step, expr = rest.split(None, 3)
    bounds = milliseconds(first), milliseconds(last), milliseconds(step)
    answer = engine.range(expr, *bounds)
    return answer, range(bounds[0], bounds[1] + 1, bounds[2]), ordered


def found(answer: Answer, steps: Sequence[int]) -> list[tuple[Labels, list[Sample | None]]]:
    """Return the rows of an answer; a matrix of an instant query as it is."""
    if answer.kind == "matrix" and len(steps) == 1:
        return [(each.labels, [at[time] for time in sorted(at)]) for each, at in _timed(answer)]
    return [(each.labels, [at.get(step) for step in steps]) for each, at in _timed(answer)]


def _timed(answer: Answer) -> Iterator[tuple[AnswerSeries, dict[int, Sample]]]:
    """Yield each series with its samples by their times."""
    for each in answer.series:
        at: dict[int, Sample] = dict(each.histograms)
        at.update(zip(each.times.tolist(), each.values.tolist(), strict=True))
        yield each, at


def same(one: Sequence[Sample | None], other: Sequence[Sample | None]) -> bool:
    """Say whether two rows are the same, to 1e-9."""
    return len(one) == len(other) and all(map(_same, one, other))


def _same(one: Sample | None, other: Sample | None) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, Histogram) or isinstance(other, Histogram):
        both = isinstance(one, Histogram) and isinstance(other, Histogram)
        return both and spelling.same(one, other)
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-300)


def stamps(words: Sequence[str], step: int) -> tuple[list[int], list[float]]:
    """Return the times and values of a loaded row."""
    pairs = [(place * step, value) for place, value in enumerate(numbers(words))]
    kept = [(time, value) for time, value in pairs if isinstance(value, float)]
    return [time for time, _ in kept], [value for _, value in kept]


def histograms(words: Sequence[str], step: int) -> list[tuple[int, Histogram]]:
    """Return the times and histograms of a loaded row."""
    pairs = [(place * step, value) for place, value in enumerate(numbers(words))]
    return [(time, value) for time, value in pairs if isinstance(value, Histogram)]
