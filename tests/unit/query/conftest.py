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
    EVER,
    NEGATIVE,
    Aggregate,
    Exemplar,
    FloatSeries,
    HistogramSeries,
    Matcher,
    Receipt,
    Series,
    Times,
    Watch,
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


def _stored(histogram: Histogram) -> dict[int, float]:
    return dict(histogram.positive) | {NEGATIVE - i: n for i, n in histogram.negative.items()}


def _strands(samples: list[tuple[int, Histogram]]) -> list[list[tuple[int, Histogram]]]:
    """Return the histograms of one series apart by their custom bounds and their kind."""
    strands: dict[object, list[tuple[int, Histogram]]] = {}
    for time, histogram in samples:
        strands.setdefault((histogram.bounds, histogram.gauge), []).append((time, histogram))
    return list(strands.values())


class ListStore:
    def __init__(self) -> None:
        self.floats: dict[Labels, list[tuple[int, float]]] = {}
        self.histograms: dict[Labels, list[tuple[int, Histogram]]] = {}
        self.happened: list[Event] = []
        self.known: dict[str, Metadata] = {}

    def append(self, write: Write) -> Future[Receipt]:
        owners = range(len(write.series)) if write.owners is None else write.owners.tolist()
        for owner, time, value in zip(owners, write.times, write.values, strict=True):
            labels = write.series[owner]
            self.floats.setdefault(labels, []).append((time, value))
        for labels, time, histogram in write.histograms:
            self.histograms.setdefault(labels, []).append((time, histogram))
        self.happened += write.events
        self.known |= {each.name: each for each in write.metadata}
        done: Future[Receipt] = Future()
        done.set_result(Receipt(len(write.series)))
        return done

    def select(
        self,
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        watch: Watch | None = None,
        aggregate: Aggregate = "last",
    ) -> list[Series]:
        found: list[Series] = []
        shared: dict[tuple[int, ...], Times] = {}
        for labels, pairs in self.floats.items():
            kept = [pair for pair in pairs if start < pair[0] <= end]
            if kept and _matches(labels, matchers):
                if watch is not None:
                    watch(len(kept))
                times, values = zip(*kept, strict=True)
                same = shared.setdefault(times, np.array(times))
                found.append(FloatSeries(labels, same, np.array(values, np.float64)))
        for labels, samples in self.histograms.items():
            if not _matches(labels, matchers):
                continue
            found += [
                self._histograms(labels, history, start, end)
                for history in _strands(samples)
                if any(start < time <= end for time, _ in history)
            ]
        return found

    def _histograms(
        self, labels: Labels, history: list[tuple[int, Histogram]], start: int, end: int
    ) -> HistogramSeries:
        kept = [pair for pair in history if start < pair[0] <= end]
        older = [histogram for time, histogram in history if time <= start]
        buckets = [
            (i, index, count)
            for i, (_, histogram) in enumerate(kept)
            for index, count in sorted(_stored(histogram).items())
        ]
        columns = np.array(buckets, np.float64).reshape(-1, 3).T
        parts = [histogram for _, histogram in kept]
        return HistogramSeries(
            labels,
            np.array([time for time, _ in kept]),
            *(
                np.array([getattr(part, name) for part in parts], np.float64)
                for name in ("count", "sum", "zeros", "threshold")
            ),
            np.array([part.scale for part in parts]),
            np.ones(len(parts), bool),
            columns[0].astype(np.int64),
            columns[1].astype(np.int64),
            columns[2],
            older[-1] if older else None,
            history[0][1].bounds,
            history[0][1].gauge,
        )

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        return [each.labels for each in self.select(matchers, start, end)]

    def label_names(
        self, matchers: Sequence[Matcher] = (), start: int = EVER[0], end: int = EVER[1]
    ) -> list[str]:
        return sorted({name for each in self.series(matchers, start, end) for name, _ in each})

    def label_values(
        self,
        name: str,
        matchers: Sequence[Matcher] = (),
        start: int = EVER[0],
        end: int = EVER[1],
    ) -> list[str]:
        found = self.series(matchers, start, end)
        return sorted({value for each in found if (value := value_of(each, name))})

    def exemplars(
        self, matchers: Sequence[Matcher], start: int, end: int
    ) -> list[tuple[Labels, list[Exemplar]]]:
        return []

    def delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        return 0

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

    def coarse_until(self) -> int:
        return EVER[0]

    def retain(self, oldest: int, coarse: int | None = None, most_bytes: int = 0) -> int:
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
