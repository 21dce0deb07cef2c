"""Walking the tree: every node is evaluated once, for all steps."""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from watchroom.query.promql import (
    absence,
    aggregation,
    binary,
    coarse,
    distributions,
    ranking,
    selection,
    sliding,
)
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.functions import FUNCTIONS, SLIDING, Arguments
from watchroom.query.promql.invariant import pinned, repeated
from watchroom.query.promql.language.check import kind_of
from watchroom.query.promql.language.tree import (
    Aggregation,
    At,
    Binary,
    Call,
    Expression,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.native.part import scaled
from watchroom.query.promql.values import (
    Scalar,
    String,
    Value,
    Vector,
    as_scalar,
    as_vector,
    distinct,
    spread,
    step_times,
    without_names,
)
from watchroom.storage.contract import COARSE, Aggregate, Floats, Store, Times


class Question(NamedTuple):
    """What holds for all of a query; times and durations in milliseconds."""

    start: int
    end: int
    lookback: int
    resolution: int
    """The step of subqueries that name none."""
    text: str
    """The query as it was asked."""


class Evaluation:
    """The evaluation of one query."""

    def __init__(self, store: Store, budget: Budget, question: Question, tree: Expression) -> None:
        self._store = store
        self._budget = budget
        self._question = question
        self._pins = pinned(tree)
        self._repeated = repeated(tree)
        self._selected: dict[Hashable, selection.Selection] = {}
        self.said = Annotations(question.text)

    def value(self, node: Expression, steps: Times) -> Value:
        """Return the value of an expression at each step."""
        self._budget.check()
        if len(steps) > 1 and id(node) in self._pins:
            return spread(self._value(node, steps[:1]), len(steps))
        return self._value(node, steps)

    def _value(self, node: Expression, steps: Times) -> Value:
        match node:
            case Number():
                return Scalar(np.full(len(steps), node.value))
            case Text():
                return String(node.value)
            case Paren():
                return self.value(node.expression, steps)
            case Selector():
                return self.newest(node, steps)[0]
            case Unary():
                return _signed(node.operator, self.value(node.expression, steps))
            case Binary():
                operands = self.value(node.left, steps), self.value(node.right, steps)
                self.said.about(node)
                return binary.apply(node, *operands, self._budget, self.said)
            case Aggregation():
                return self._aggregated(node, steps)
            case Call():
                return self._called(node, steps)
            case Window() | Subquery():
                raise TypeError("a range vector has no value at a step")

    def newest(self, node: Selector, steps: Times) -> tuple[Vector, Floats]:
        """Return the newest samples of a selector, and their times in ms."""
        ends = self._ends(steps, node.offset, node.at)
        lookback = self._reach(ends, self._question.lookback)
        found = self._select(node, ends, lookback)
        return selection.newest(found, ends, lookback, self._budget)

    def windows(
        self, node: Expression, steps: Times, aggregate: Aggregate = "last"
    ) -> selection.RangeVector:
        """Return the samples of a range selector or a subquery, with their windows."""
        node = bare(node)
        if isinstance(node, Window):
            ends = self._ends(steps, node.selector.offset, node.selector.at)
            span = self._reach(ends, node.range)
            found = self._select(node.selector, ends, span, aggregate)
            return selection.ranged(found, steps, ends, span)
        if not isinstance(node, Subquery):
            raise TypeError(f"no samples of {type(node).__name__}")
        return self._subquery(node, steps)

    def _subquery(self, node: Subquery, steps: Times) -> selection.RangeVector:
        """Evaluate the inner expression at the multiples of its step that the windows hold."""
        ends = self._ends(steps, node.offset, node.at)
        span = np.full(len(ends), node.range, np.int64)
        step = node.step or self._question.resolution
        first = (int(ends.min()) - node.range) // step * step + step
        self._budget.hold(1, max(0, (int(ends.max()) - first) // step + 1))
        inner = step_times(first, int(ends.max()), step)
        if not len(inner):
            return selection.RangeVector([], [], steps, ends, span)
        vector = as_vector(self.value(node.expression, inner))
        return selection.resampled(vector, inner, steps, ends, span)

    def _ends(self, steps: Times, offset: int, at: At) -> Times:
        question = self._question
        if at is None:
            return steps - offset
        time = {"start": question.start, "end": question.end}[at] if isinstance(at, str) else at
        return np.full(len(steps), time - offset, np.int64)

    def _reach(self, ends: Times, wanted: int) -> Times:
        """Return how far each step looks back: over two coarse samples where there are some."""
        wide = max(wanted, 2 * COARSE)
        found: Times = np.where(ends - wanted < self._store.coarse_until(), wide, wanted)
        return found

    def _select(
        self, node: Selector, ends: Times, reach: Times, aggregate: Aggregate = "last"
    ) -> selection.Selection:
        low, high = int((ends - reach).min()), int(ends.max())
        key = (node.matchers, low, high, aggregate)
        found = self._selected.get(key)
        if found is None:
            found = selection.select(self._store, self._budget, node, low, high, aggregate)
            if node.matchers in self._repeated:
                self._selected[key] = found
        return found

    def _aggregated(self, node: Aggregation, steps: Times) -> Vector:
        parameter = None if node.parameter is None else self.value(node.parameter, steps)
        vector = as_vector(self.value(node.expression, steps))
        self.said.about(node.expression, node.parameter)
        if parameter is None:
            return aggregation.reduced(node, vector, self.said)
        return ranking.ranked(node, vector, parameter, self._budget, self.said)

    def _called(self, node: Call, steps: Times) -> Value:
        if node.function in SLIDING:
            return self._slid(node, steps)
        if node.function == "absent_over_time":
            return self._absent_over_time(node, steps)
        if node.function == "timestamp" and isinstance(bare(node.arguments[0]), Selector):
            return self._timestamps(node, steps)
        arguments = [self.value(each, steps) for each in node.arguments]
        self._turn_to(node)
        return FUNCTIONS[node.function](
            Arguments(arguments, steps, self.said, node.arguments, self._budget)
        )

    def _slid(self, node: Call, steps: Times) -> Vector:
        """Return a function of samples; the other argument, if there is one, is a scalar."""
        parameter = None
        samples = None
        for each in node.arguments:
            if kind_of(each) == "matrix":
                samples = bare(each)
            else:
                parameter = as_scalar(self.value(each, steps)).values
        if samples is None:
            raise TypeError(f"{node.function} is a function of samples")
        windows = self.windows(samples, steps)
        self._turn_to(node)
        if node.function == "quantile_over_time" and parameter is not None:
            distributions.check_quantile(parameter, self.said)
        found = self._slide(node.function, windows, parameter)
        if isinstance(samples, Window) and self._coarse(windows):
            return self._of_coarse(node.function, samples, steps, windows, found)
        return found

    def _slide(
        self, function: str, windows: selection.RangeVector, parameter: Floats | None = None
    ) -> Vector:
        return sliding.slide(SLIDING[function], windows, self._budget, self.said, parameter)

    def _coarse(self, windows: selection.RangeVector) -> bool:
        return bool((windows.ends - windows.span).min() < self._store.coarse_until())

    def _of_coarse(
        self,
        function: str,
        samples: Window,
        steps: Times,
        windows: selection.RangeVector,
        found: Vector,
    ) -> Vector:
        """Return a function of what coarse samples stand for, given that of the samples."""
        aggregate = coarse.AGGREGATES.get(function)
        if aggregate is not None:
            found = self._of_all(function, samples, steps, found, aggregate)
        if function in coarse.SCALED:
            return coarse.shortened(found, samples.range / windows.span)
        return found

    def _of_all(
        self, function: str, samples: Window, steps: Times, found: Vector, aggregate: Aggregate
    ) -> Vector:
        """Return a function of all samples there were."""
        of_all = {"count_over_time": "sum_over_time", "avg_over_time": "sum_over_time"}
        again = self._slide(of_all.get(function, function), self.windows(samples, steps, aggregate))
        summed = coarse.valued(found, again)
        if function != "avg_over_time":
            return summed
        counts = self._slide("sum_over_time", self.windows(samples, steps, "count"))
        return coarse.mean(summed, coarse.valued(found, counts), found)

    def _turn_to(self, node: Call) -> None:
        """Let annotations be about the vector that a function is given, or of sorting, the call."""
        if node.function in {"sort", "sort_desc"}:
            self.said.about(node)
            return
        for each in node.arguments:
            if kind_of(each) in {"matrix", "vector"}:
                self.said.about(each, node.arguments[0])

    def _absent_over_time(self, node: Call, steps: Times) -> Vector:
        windows = self.windows(node.arguments[0], steps)
        present = self._slide("last_over_time", windows).occupied
        return absence.absent(present, node.arguments[0])

    def _timestamps(self, node: Call, steps: Times) -> Vector:
        selector = bare(node.arguments[0])
        if not isinstance(selector, Selector):
            raise TypeError("the times of samples are known to selectors only")
        vector, times = self.newest(selector, steps)
        found = Vector(vector.labels, times / 1000.0, vector.occupied)
        return without_names(found)


def _signed(sign: str, value: Value) -> Value:
    if sign == "+":
        return value
    if isinstance(value, Scalar):
        return Scalar(-value.values)
    vector = as_vector(value)
    parts = [scaled(part, np.full(len(part.steps), -1.0)) for part in vector.parts]
    negated = vector._replace(values=-vector.values, ordered=False, parts=parts)
    return distinct(without_names(negated))


def bare(node: Expression) -> Expression:
    """Return an expression without the parentheses around it."""
    while isinstance(node, Paren):
        node = node.expression
    return node
