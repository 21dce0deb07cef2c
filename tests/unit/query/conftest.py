"""A store that keeps what it was told in lists: the contract and nothing else."""

import re
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Metadata
from watchroom.model.labels import Labels, value_of
from watchroom.query.engine import Engine
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import (
    NEGATIVE,
    FloatSeries,
    HistogramSeries,
    Matcher,
    Receipt,
    Series,
    Write,
)


def _matches(series: Labels, matchers: Sequence[Matcher]) -> bool:
    def test(matcher: Matcher) -> bool:
        value = value_of(series, matcher.name)
        equal = (
            bool(re.fullmatch(matcher.value, value))
            if "~" in matcher.op
            else value == matcher.value
        )
        return equal if matcher.op[0] == "=" else not equal

    return all(test(matcher) for matcher in matchers)


def _stored(histogram: Histogram) -> dict[int, int]:
    return dict(histogram.positive) | {NEGATIVE - i: n for i, n in histogram.negative.items()}


class ListStore:
    def __init__(self) -> None:
        self.floats: dict[Labels, list[tuple[int, float]]] = {}
        self.histograms: dict[Labels, list[tuple[int, Histogram]]] = {}
        self.happened: list[Event] = []
        self.known: dict[str, Metadata] = {}

    def append(self, write: Write) -> Future[Receipt]:
        for labels, time, value in zip(write.series, write.times, write.values, strict=True):
            self.floats.setdefault(labels, []).append((time, value))
        for labels, time, histogram in write.histograms:
            self.histograms.setdefault(labels, []).append((time, histogram))
        self.happened += write.events
        self.known |= {each.name: each for each in write.metadata}
        done: Future[Receipt] = Future()
        done.set_result(Receipt(len(write.series)))
        return done

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Series]:
        found: list[Series] = []
        for labels, pairs in self.floats.items():
            kept = [pair for pair in pairs if start < pair[0] <= end]
            if kept and _matches(labels, matchers):
                times, values = zip(*kept, strict=True)
                found.append(FloatSeries(labels, np.array(times), np.array(values, np.float64)))
        for labels, history in self.histograms.items():
            if _matches(labels, matchers) and any(start < time <= end for time, _ in history):
                found.append(self._increments(labels, history, start, end))
        return found

    def _increments(
        self, labels: Labels, history: list[tuple[int, Histogram]], start: int, end: int
    ) -> HistogramSeries:
        old, rows, buckets, life = Histogram(), [], [], 0
        for time, new in history:
            base = Histogram() if new.count < old.count else old
            if start < time <= end:
                before = _stored(base)
                for index, count in sorted(_stored(new).items()):
                    if count > before.get(index, 0):
                        buckets.append((len(rows), index, count - before.get(index, 0)))
                gained = (new.count - base.count, new.sum - base.sum, new.zeros - base.zeros)
                rows.append((time, *gained))
                life = new.count
            old = new
        times, counts, sums, zeros = (np.array(column) for column in zip(*rows, strict=True))
        columns = np.array(buckets, np.int64).reshape(-1, 3).T
        scale = history[0][1].scale
        return HistogramSeries(labels, times, counts, sums * 1.0, zeros, scale, *columns, life)

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        return [each.labels for each in self.select(matchers, start, end)]

    def label_values(self, name: str, matchers: Sequence[Matcher] = ()) -> list[str]:
        found = [each for each in (*self.floats, *self.histograms) if _matches(each, matchers)]
        return sorted({value for each in found if (value := value_of(each, name))})

    def metadata(self) -> dict[str, Metadata]:
        return self.known

    def events(
        self,
        start: int,
        end: int,
        *,
        name: str | None = None,
        job: str | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        found = [
            each
            for each in self.happened
            if start < each.time <= end and name in {None, each.name} and job in {None, each.job}
        ]
        return sorted(found, key=lambda each: each.time, reverse=True)[:limit]

    def retain(self, oldest: int) -> int:
        return 0

    def statistics(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        pass


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store() -> ListStore:
    return ListStore()


@pytest.fixture
def engine(store: ListStore, clock: ManualClock) -> Engine:
    return Engine(store, clock)
