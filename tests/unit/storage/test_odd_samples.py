"""Odd times and odd values, each with the result that docs/store.md gives."""

import math
from pathlib import Path

import numpy as np
from tests.unit.storage.test_store import NOW, UP, T, put, read

from watchroom.storage.contract import EVER, FloatSeries, Matcher, Write
from watchroom.storage.embedded import EmbeddedStore

HOUR = 3_600_000


class SetClock:
    """A wall clock that somebody sets."""

    def __init__(self) -> None:
        self.seconds = NOW

    def __call__(self) -> float:
        return self.seconds


def test_a_clock_set_back_an_hour_keeps_what_is_there_and_takes_what_it_calls_now(
    tmp_path: Path,
) -> None:
    clock = SetClock()
    store = EmbeddedStore(tmp_path, sync=False, now=clock)
    put(store, UP, (T, 1.0))
    clock.seconds -= 3600
    refused = store.append(Write("", [UP], [T + 1000], [2.0])).result()
    assert (refused.samples, len(refused.rejected)) == (0, 1)
    put(store, UP, (T - HOUR, 3.0))
    store.seal()
    clock.seconds += 3600
    put(store, UP, (T + 1000, 4.0))
    assert read(store) == [(T - HOUR, 3.0), (T, 1.0), (T + 1000, 4.0)]
    store.close()


def test_values_that_are_no_numbers_are_values(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, sync=False, now=lambda: NOW)
    given = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308]
    put(store, UP, *((T + i, value) for i, value in enumerate(given)))
    store.compact()
    (series,) = store.select([Matcher("__name__", "=", "up")], *EVER)
    assert isinstance(series, FloatSeries)
    assert series.values.view(np.int64).tolist() == np.array(given).view(np.int64).tolist()
    store.close()


def test_of_equal_times_the_last_written_stands_wherever_the_first_lies(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, sync=False, now=lambda: NOW)
    for value in range(12):
        put(store, UP, (T, value), (T - value, value))
        if value % 3 == 0:
            store.seal()
        if value == 7:
            store.compact()
        assert dict(read(store))[T] == value
    store.compact()
    assert dict(read(store))[T] == 11
    assert store.statistics()["blocks"] == 1
    store.close()


def test_months_of_old_samples_are_sorted_in(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, sync=False, now=lambda: NOW, retention_seconds=1e9)
    times = (T - np.arange(400) * 12 * HOUR)[::-1]
    put(store, UP, (T, 0.0))
    store.seal()
    store.append(Write("", [UP] * 400, np.roll(times, 100), np.arange(400.0))).result()
    store.compact()
    assert [time for time, _ in read(store)] == times.tolist()
    assert len(read(store, window=(T - 48 * HOUR, T))) == 4
    assert store.retain(T - 100 * 24 * HOUR) > 0
    assert read(store)[-1][0] == T
    store.close()
