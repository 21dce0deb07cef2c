"""Queries that want everything, over the real store: refused or ended, and never in the way."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from watchroom.model.labels import labels
from watchroom.query.errors import QueryError
from watchroom.query.promql.engine import PromQL
from watchroom.query.promql.limits import Limits
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import Store, Write
from watchroom.storage.embedded import EmbeddedStore

NOW = 1_700_000_000_000
TEN_YEARS = 10 * 365 * 86_400_000
SERIES, SAMPLES = 100, 3_000
EVERYTHING = '{__name__=~".+"}'


class Ticking(ManualClock):
    """A clock that goes on by a millisecond each time somebody looks."""

    def monotonic(self) -> float:
        self.advance(0.001)
        return super().monotonic()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("store")
    store = EmbeddedStore(folder, sync=False, now=lambda: NOW / 1000)
    times = NOW - 1000 * np.arange(SAMPLES, 0, -1)
    names = [labels("x", {"i": str(place), "a": "a" * 2000 + "b"}) for place in range(SERIES)]
    for place in range(0, SERIES, 20):
        owners = np.repeat(np.arange(20), SAMPLES)
        stamps = np.tile(times, 20)
        some = names[place : place + 20]
        store.append(Write("", some, stamps, stamps * 1e-3, owners=owners)).result(60)
    yield store
    store.close()


@pytest.mark.parametrize(
    "expr",
    [EVERYTHING, f"sum(rate({EVERYTHING}[1y]))", f"max_over_time({EVERYTHING}[10y])"],
)
def test_everything_over_ten_years_is_refused(store: Store, expr: str) -> None:
    engine = PromQL(store, Limits(samples=100_000))
    with pytest.raises(QueryError, match="exceeded maximum resolution"):
        engine.range(expr, NOW - TEN_YEARS, NOW, 60_000)
    with pytest.raises(QueryError, match="too many samples") as error:
        engine.range(expr, NOW - TEN_YEARS, NOW, TEN_YEARS // 10_000)
    assert "query_max_samples" in error.value.hint
    narrow = engine.range("sum(rate(x[1m]))", NOW - 300_000, NOW, 60_000)
    assert narrow.series[0].values[0] == pytest.approx(SERIES)


def test_reading_ends_when_the_time_is_over(store: Store) -> None:
    engine = PromQL(store, Limits(seconds=0.05), Ticking())
    with pytest.raises(QueryError) as error:
        engine.instant(f"sum(sum_over_time({EVERYTHING}[10y]))", NOW)
    assert error.value.code == "timeout"


def test_reading_ends_when_the_client_has_gone(store: Store) -> None:
    gone = threading.Event()
    gone.set()
    with pytest.raises(QueryError) as error:
        PromQL(store).instant(EVERYTHING, NOW, cancel=gone)
    assert error.value.code == "canceled"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*c", "(a*)*(a*)*(a*)*c", "(.*a){12}"])
def test_a_wild_regex_takes_linear_time(store: Store, pattern: str) -> None:
    found = PromQL(store).instant(f'count(x{{a=~"{pattern}"}})', NOW)
    assert list(found.series) == []
