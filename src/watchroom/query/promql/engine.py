"""The door of PromQL: instant and range queries."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.query.errors import QueryError
from watchroom.query.plan import LOOKBACK
from watchroom.query.promql.answer import Answer, AnswerSeries
from watchroom.query.promql.evaluation import Evaluation, Question
from watchroom.query.promql.language import parse
from watchroom.query.promql.language.check import kind_of
from watchroom.query.promql.language.tree import Expression
from watchroom.query.promql.limits import DEFAULT, Budget, Limits, check_points
from watchroom.query.promql.native.part import Part, histograms
from watchroom.query.promql.native.samples import rows
from watchroom.query.promql.native.windows import cut
from watchroom.query.promql.selection import RangeVector
from watchroom.query.promql.values import Scalar, String, Value, Vector, as_vector, step_times
from watchroom.runtime.clock import Clock, SystemClock
from watchroom.storage.contract import Store, Times

RESOLUTION = 60_000
"""The step of subqueries that name none."""


class PromQL:
    """Answers queries; safe to call from several threads. Calls block."""

    def __init__(
        self,
        store: Store,
        limits: Limits = DEFAULT,
        clock: Clock | None = None,
        resolution: int = RESOLUTION,
    ) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock or SystemClock()
        self._resolution = resolution

    @np.errstate(all="ignore")  # values go where IEEE 754 takes them, as PromQL has it
    def instant(
        self,
        expr: str,
        time: int,
        *,
        lookback: int | None = None,
        timeout: float | None = None,
        limit: int = 0,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """Answer at one time, in milliseconds since the epoch; a range selector gives a matrix.

        `limit` bounds the series of the answer, 0 does not. Setting `cancel` ends the query.

        Raises:
            QueryError: bad_data, execution, timeout, canceled, too_many_samples, too_many_series.
        """
        node = parse(expr)
        budget = Budget(self._limits, self._clock, timeout, cancel)
        steps = np.array([time], np.int64)
        evaluation = self._evaluation(node, budget, expr, time, time, lookback)
        if kind_of(node) == "matrix":
            series = _raw(evaluation.windows(node, steps))
            return _limited(Answer("matrix", series, samples=budget.samples), limit)
        answer = _instant(evaluation.value(node, steps), steps)
        return _limited(_annotated(answer, evaluation, budget), limit)

    @np.errstate(all="ignore")
    def range(
        self,
        expr: str,
        start: int,
        end: int,
        step: int,
        *,
        lookback: int | None = None,
        timeout: float | None = None,
        limit: int = 0,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """Answer at start, start + step, … up to the end, in milliseconds since the epoch.

        Raises:
            QueryError: bad_data, execution, timeout, canceled, too_many_samples, too_many_series.
        """
        node = parse(expr, step=step, span=end - start)
        _check_range(node, start, end, step)
        check_points(start, end, step, self._limits)
        budget = Budget(self._limits, self._clock, timeout, cancel)
        steps = step_times(start, end, step)
        evaluation = self._evaluation(node, budget, expr, start, end, lookback)
        answer = _range(evaluation.value(node, steps), steps)
        return _limited(_annotated(answer, evaluation, budget), limit)

    def _evaluation(
        self,
        node: Expression,
        budget: Budget,
        text: str,
        start: int,
        end: int,
        lookback: int | None,
    ) -> Evaluation:
        question = Question(start, end, lookback or LOOKBACK, self._resolution, text)
        return Evaluation(self._store, budget, question, node)


def _annotated(answer: Answer, evaluation: Evaluation, budget: Budget) -> Answer:
    said = evaluation.said
    return answer._replace(warnings=said.warnings, infos=said.infos, samples=budget.samples)


def _check_range(node: Expression, start: int, end: int, step: int) -> None:
    if step <= 0:
        raise QueryError(
            "bad_data",
            'invalid parameter "step": zero or negative query resolution step widths are not '
            "accepted. Try a positive integer",
        )
    if end < start:
        raise QueryError(
            "bad_data", 'invalid parameter "end": end timestamp must not be before start time'
        )
    kind = {"matrix": "range vector", "string": "string"}.get(kind_of(node))
    if kind is not None:
        raise QueryError(
            "bad_data",
            f'invalid parameter "query": invalid expression type "{kind}" for range query, must '
            "be Scalar or instant Vector",
        )


def _limited(answer: Answer, limit: int) -> Answer:
    if not limit or len(answer.series) <= limit:
        return answer
    warning = "results truncated due to limit"
    return answer._replace(series=answer.series[:limit], warnings=(*answer.warnings, warning))


def _instant(value: Value, steps: Times) -> Answer:
    if isinstance(value, Scalar):
        return Answer("scalar", [AnswerSeries((), steps, value.values)])
    if isinstance(value, String):
        return Answer("string", [], value.text)
    return Answer("vector", list(_shown(value, steps)))


def _range(value: Value, steps: Times) -> Answer:
    if isinstance(value, Scalar):
        return Answer("matrix", [AnswerSeries((), steps, value.values)])
    return Answer("matrix", sorted(_shown(as_vector(value), steps), key=lambda each: each.labels))


def _shown(vector: Vector, steps: Times) -> Iterator[AnswerSeries]:
    """Yield the series that have a value, without the steps at which they have none."""
    number = vector.present.sum(axis=1).tolist()
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    for part in vector.parts:
        if len(part.steps):
            parts[part.series].append(part)
    order: Sequence[int] = range(len(vector.labels))
    if not vector.ordered:
        order = sorted(order, key=vector.labels.__getitem__)
    for row in order:
        if number[row] == len(steps):
            yield AnswerSeries(vector.labels[row], steps, vector.values[row])
        elif number[row] or row in parts:
            kept = vector.present[row]
            native = _histograms(parts.get(row, ()), steps)
            yield AnswerSeries(vector.labels[row], steps[kept], vector.values[row][kept], native)


def _histograms(parts: Iterable[Part], times: Times) -> list[tuple[int, Histogram]]:
    """Return the histograms of one series with their times, in time order."""
    every = [(int(times[step]), each) for part in parts for step, each in histograms(part)]
    return sorted(every, key=lambda each: each[0])


def _raw(ranges: RangeVector) -> list[AnswerSeries]:
    """Return the samples of the only window."""
    end, span = int(ranges.ends[0]), int(ranges.span[0])
    found = []
    for bundle in ranges.bundles:
        low, high = np.searchsorted(bundle.times, [end - span, end], side="right").tolist()
        if low < high:
            found += [
                AnswerSeries(ranges.labels[row], bundle.times[low:high], values[low:high])
                for row, values in zip(bundle.rows, bundle.values, strict=True)
            ]
    found = _with_raw_histograms(ranges, found) if ranges.histograms else found
    return sorted(found, key=lambda each: each.labels)


def _with_raw_histograms(ranges: RangeVector, floats: list[AnswerSeries]) -> list[AnswerSeries]:
    """Return the series of floats together with the histograms of the only window."""
    found = {each.labels: each for each in floats}
    for row, samples, _ in ranges.histograms:
        window = cut(samples.times, ranges.ends, ranges.span)
        places = np.arange(window.low[0], window.high[0])
        native = _histograms(rows(samples, places, places), samples.times)
        if native:
            labels = ranges.labels[row]
            none = AnswerSeries(labels, samples.times[:0], np.zeros(0))
            found[labels] = found.get(labels, none)._replace(histograms=native)
    return list(found.values())
