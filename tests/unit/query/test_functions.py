"""Windows of float series, against a slow and obvious oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.query import functions
from watchroom.query.plan import Grid, aligned
from watchroom.query.samples import Samples, pack
from watchroom.storage.contract import FloatSeries

Drawn = list[tuple[int, int]]


@st.composite
def counters(draw: st.DrawFn) -> Drawn:
    """Draw a counter with resets: pairs of time and value."""
    times = sorted(draw(st.sets(st.integers(1, 200), min_size=1, max_size=30)))
    value, pairs = 0, []
    for time in times:
        value = 0 if draw(st.integers(0, 6)) == 0 else value
        value += draw(st.integers(0, 50))
        pairs.append((time, value))
    return pairs


def packed(drawn: list[Drawn]) -> Samples:
    return pack(
        FloatSeries(
            (("__name__", f"c{i}_total"),),
            np.array([time for time, _ in pairs], np.int64),
            np.array([value for _, value in pairs], np.float64),
        )
        for i, pairs in enumerate(drawn)
    )


def rises(pairs: Drawn, start: int, end: int) -> int:
    total, old = 0, 0
    for time, value in pairs:
        if start < time <= end:
            total += value - old if value >= old else value
        old = value
    return total


@given(st.lists(counters(), min_size=1, max_size=4), st.integers(1, 40), st.integers(1, 60))
def test_increase_is_what_a_slow_walk_counts(drawn: list[Drawn], step: int, window: int) -> None:
    grid = aligned(0, 220, step, window)
    found = functions.increase(packed(drawn), grid)
    wanted = [[rises(pairs, t - window, t) for t in grid.times.tolist()] for pairs in drawn]
    assert found.tolist() == wanted


@given(st.lists(counters(), min_size=1, max_size=4), st.integers(1, 60))
def test_increases_of_adjacent_windows_add_up(drawn: list[Drawn], step: int) -> None:
    grid = aligned(0, 600, step)
    whole = Grid(grid.times[-1:], int(grid.times[-1]))
    samples = packed(drawn)
    parts = functions.increase(samples, grid).sum(axis=1)
    assert parts.tolist() == functions.increase(samples, whole)[:, 0].tolist()


@given(st.lists(counters(), min_size=1, max_size=4), st.integers(1, 60))
def test_value_at_is_the_last_within_reach(drawn: list[Drawn], reach: int) -> None:
    at = np.arange(0, 260, 7)
    found = functions.value_at(packed(drawn), at, reach)
    for i, pairs in enumerate(drawn):
        for j, time in enumerate(at.tolist()):
            known = [value for when, value in pairs if time - reach < when <= time]
            assert found[i, j] == known[-1] if known else np.isnan(found[i, j])


def test_what_a_series_was_before_the_range_is_no_increase() -> None:
    samples = packed([[(100, 70)], [(100, 70)]])._replace(before=np.array([60.0, 90.0]))
    grid = Grid(np.array([100]), 50)
    assert functions.increase(samples, grid).tolist() == [[10.0], [70.0]]
    assert functions.rate(samples, grid).tolist() == [[200.0], [1400.0]]
    assert functions.difference(samples, grid).tolist() == [[10.0], [-20.0]]


def test_nan_says_nothing() -> None:
    series = FloatSeries((), np.array([1, 2, 3]), np.array([5.0, np.nan, 9.0]))
    samples = pack([series])
    assert functions.last(samples, Grid(np.array([2, 3]), 2)).tolist() == [[5.0, 9.0]]


def test_no_series_is_no_rows() -> None:
    grid = aligned(0, 10, 5)
    for function in (functions.increase, functions.difference, functions.last, functions.rate):
        assert function(pack([]), grid).shape == (0, 2)


def test_newest_rise() -> None:
    samples = packed([[(1, 1), (5, 2), (9, 2)], [(3, 4), (7, 4)]])
    assert functions.newest_rise(samples)[0] == 5
    assert np.isnan(functions.newest_rise(samples)[1])


@pytest.mark.parametrize(("start", "end", "wanted"), [(0, 30, [10, 20, 30]), (5, 29, [10, 20])])
def test_grids_stand_on_multiples_of_the_step(start: int, end: int, wanted: list[int]) -> None:
    assert aligned(start, end, 10).times.tolist() == wanted
