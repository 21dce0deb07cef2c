"""What one query may use, and how it ends where it wants more."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from watchroom.query.errors import QueryError
from watchroom.query.promql.engine import PromQL
from watchroom.query.promql.limits import Limits
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import EVER, Aggregate, FloatSeries, Matcher, Series, Watch

YEAR = 365 * 86_400_000
HEAVY = [
    "quantile_over_time(0.9, x[30m])",
    "sum_over_time(x[30m])",
    "topk(3, x)",
    "quantile(0.5, x)",
    "stddev_over_time(x[30m])",
    "predict_linear(x[30m], 60)",
    "sum(rate(x[5m])) / avg(avg_over_time(x[5m]))",
    "max_over_time(rate(x[5m])[1h:30s])",
]


class Ticking(ManualClock):
    """A clock that goes on by a second each time somebody looks."""

    def monotonic(self) -> float:
        self.advance(1.0)
        return super().monotonic()


class Generated:
    """A store of `number` series with a sample every five seconds for `length` ms."""

    def __init__(self, number: int, length: int) -> None:
        self._times = np.arange(0, length, 5000, dtype=np.int64)
        rng = np.random.default_rng(3)
        self._values = rng.normal(size=(number, len(self._times)))
        self.decoded = 0

    def _labels(self, place: int) -> tuple[tuple[str, str], ...]:
        return (("__name__", "x"), ("i", f"{place:04d}"))

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> Any:
        return [self._labels(place) for place in range(len(self._values))]

    def coarse_until(self) -> int:
        return EVER[0]

    def select(
        self,
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        watch: Watch | None = None,
        aggregate: Aggregate = "last",
    ) -> list[Series]:
        low, high = np.searchsorted(self._times, [start, end], side="right")
        if watch is not None:
            watch(len(self._values) * int(high - low))
        self.decoded += 1
        times = self._times[low:high]
        return [
            FloatSeries(self._labels(place), times, values[low:high])
            for place, values in enumerate(self._values)
        ]


def asked(store: Any, limits: Limits, expr: str, **more: Any) -> QueryError:
    with pytest.raises(QueryError) as error:
        PromQL(store, limits, more.pop("clock", None)).range(expr, 0, 3_600_000, 60_000, **more)
    return error.value


def test_too_many_samples_are_refused_before_they_are_decoded() -> None:
    store = Generated(20, YEAR // 100)
    error = asked(store, Limits(samples=1000), '{__name__=~".+"}')
    assert error.code == "too_many_samples"
    assert "query_max_samples" in error.hint
    assert store.decoded == 0


def test_everything_over_ten_years_is_refused() -> None:
    store = Generated(20, YEAR // 100)
    engine = PromQL(store, Limits(samples=1_000_000))  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="exceeded maximum resolution") as error:
        engine.range('{__name__=~".+"}', 0, 10 * YEAR, 15_000)
    assert "query_max_points" in error.value.hint
    with pytest.raises(QueryError, match="too many samples"):
        engine.range('sum(rate({__name__=~".+"}[1d]))', 0, 10 * YEAR, 10 * YEAR // 11_000)
    assert store.decoded == 0


def test_too_many_series_are_refused_before_they_are_read() -> None:
    store = Generated(20, 3_600_000)
    error = asked(store, Limits(series=10), "x")
    assert error.code == "too_many_series"
    assert "query_max_series" in error.hint
    assert store.decoded == 0


def test_a_value_that_would_not_fit_is_not_made() -> None:
    store = Generated(1, 3_600_000)
    error = asked(store, Limits(samples=10_000), "sum_over_time(vector(1)[1d:1s])")
    assert error.code == "too_many_samples"


@pytest.mark.parametrize("expr", HEAVY)
def test_work_ends_when_its_time_is_over(expr: str) -> None:
    store = Generated(400, 12 * 3_600_000)
    engine = PromQL(store, Limits(seconds=9.0), Ticking())  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="timed out") as error:
        engine.range(expr, 0, 12 * 3_600_000, 300_000)
    assert error.value.code == "timeout"
    assert "query_timeout_seconds" in error.value.hint


def test_a_timeout_is_at_most_that_of_the_settings() -> None:
    store = Generated(1, 3_600_000)
    error = asked(store, Limits(seconds=100.0), "x", clock=Ticking(), timeout=2.0)
    assert "after 2 s" in error.message
    error = asked(store, Limits(seconds=2.0), "x", clock=Ticking(), timeout=100.0)
    assert "after 2 s" in error.message


def test_nobody_waits_any_longer() -> None:
    left = threading.Event()
    left.set()
    assert asked(Generated(1, 1000), Limits(), "x", cancel=left).code == "canceled"


def test_a_wild_regex_takes_linear_time() -> None:
    store = Generated(3, 3_600_000)
    engine = PromQL(store)  # type: ignore[arg-type]
    value = "a" * 50_000
    expr = f'label_replace(vector(1), "l", "{value}!", "", "")'
    found = engine.instant(f'label_replace({expr}, "m", "$1", "l", "(a+)+(a*)*b")', 0)
    assert [name for name, _ in found.series[0].labels] == ["l"]


def test_deep_expressions_do_not_exhaust_the_stack() -> None:
    engine = PromQL(Generated(1, 1000))  # type: ignore[arg-type]
    with pytest.raises(QueryError):
        engine.instant("(" * 5000 + "1" + ")" * 5000, 0)
    with pytest.raises(QueryError):
        engine.instant("1" + "+1" * 5000, 0)
    assert engine.instant("1" + "+1" * 199, 0).series[0].values[0] == 200
    assert engine.instant("vector(1)" + "+vector(1)" * 199, 0).series[0].values[0] == 200
    assert engine.instant("-" * 90 + "vector(1)", 0).series[0].values[0] == 1


def test_the_series_of_an_answer_are_limited() -> None:
    answer = PromQL(Generated(5, 3_600_000)).instant("x", 60_000, limit=2)  # type: ignore[arg-type]
    assert len(answer.series) == 2
    assert answer.warnings == ("results truncated due to limit",)


def test_a_subquery_of_endless_steps_is_refused() -> None:
    error = asked(Generated(1, 3_600_000), Limits(), "max_over_time(x[10y:1ms])")
    assert error.code == "too_many_samples"


def test_what_is_named_twice_is_read_once() -> None:
    store = Generated(3, 3_600_000)
    engine = PromQL(store)  # type: ignore[arg-type]
    engine.range("sum(x) / count(x) + max(x offset 5m)", 600_000, 1_200_000, 60_000)
    assert store.decoded == 2
    engine.range("sum(rate(x[5m])) / sum(increase(x[5m])) > bool 1", 600_000, 1_200_000, 60_000)
    assert store.decoded == 3


def test_labels_cannot_be_made_to_fill_the_memory() -> None:
    engine = PromQL(Generated(3, 60_000))  # type: ignore[arg-type]
    fourfold = "x"
    for _ in range(20):
        fourfold = f'label_join({fourfold}, "i", "", "i", "i", "i", "i")'
    for expr in (fourfold, f'label_replace(x, "i", "{"$0" * 300_000}", "i", ".*")'):
        with pytest.raises(QueryError, match="a label would have more than 1048576 characters"):
            engine.instant(expr, 10_000)
    many = PromQL(Generated(1_000, 60_000))  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="more than 67108864 characters together"):
        many.instant(f'label_replace(x, "j", "{"a" * 100_000}", "i", ".*")', 10_000)


def test_groups_within_groups_take_no_longer_than_their_length() -> None:
    engine = PromQL(Generated(1, 60_000))  # type: ignore[arg-type]
    nested = "(" * 20_000 + "a" + ")" * 20_000
    assert engine.instant(f'x{{i=~"{nested}"}}', 10_000).series is not None
    with pytest.raises(QueryError, match="it has 40001 characters"):
        engine.instant(f'label_replace(x, "a", "$1", "i", "{nested}")', 10_000)


def test_bytes_that_are_no_text_are_no_regex() -> None:
    engine = PromQL(Generated(1, 60_000))  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="no UTF-8"):
        engine.instant('x{i=~"\\xff"}', 10_000)
    with pytest.raises(QueryError, match="invalid regular expression"):
        engine.instant('label_replace(x, "a", "$1", "i", "\\xff")', 10_000)
