"""Range functions over series that have histograms and floats."""

import numpy as np
import pytest
from tests.unit.query.promql.native.reference import rows, stored

from watchroom.model.histogram import Histogram
from watchroom.model.stale import STALE
from watchroom.query.promql.native.newest import NEVER, newest
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.ranges import FUNCTIONS, Outcome, evaluate, ranged
from watchroom.query.promql.native.samples import collect

MINUTE = 60_000


def grown(step: int, **about: object) -> Histogram:
    return Histogram(3 * step, 2.0 * step, step, {0: step, 4: step})._replace(**about)


def outcome(name: str, histograms: list[int], floats: list[int]) -> tuple[Outcome, set[Note]]:
    """Evaluate at each of ten minutes over three, with samples at the given minutes."""
    samples, _ = collect([stored([(at * MINUTE, grown(at)) for at in histograms])])
    times = np.array(floats, np.int64) * MINUTE
    ends = np.arange(1, 11) * MINUTE + 1000
    notes: set[Note] = set()
    series = ranged(samples, times, np.array(floats, np.float64), ends, 3 * MINUTE)
    return evaluate(name, series, notes), notes


@pytest.mark.parametrize("name", ["rate", "increase", "sum_over_time", "avg_over_time"])
def test_mixed_windows_have_no_answer(name: str) -> None:
    found, notes = outcome(name, [1, 2, 3, 4], [5, 6, 7, 8])
    assert notes == {Note.MIXED}
    assert np.flatnonzero(found.hidden).tolist() == [4, 5]
    assert max(rows(found.parts)) == 3


def test_delta_of_counters_is_said() -> None:
    _, notes = outcome("delta", [1, 2, 3], [])
    assert notes == {Note.NOT_GAUGE}


@pytest.mark.parametrize("name", ["irate", "idelta"])
def test_the_last_two_must_be_of_one_kind(name: str) -> None:
    found, notes = outcome(name, [1, 2, 3, 6], [4, 5])
    assert Note.MIXED in notes
    assert sorted(rows(found.parts)) == [1, 2]
    assert np.flatnonzero(~found.hidden).tolist() == [4]


def test_the_newest_and_the_oldest_win() -> None:
    found, _ = outcome("last_over_time", [1, 3], [2, 4])
    assert sorted(rows(found.parts)) == [0, 2]
    found, _ = outcome("first_over_time", [1, 3], [2, 4])
    assert sorted(rows(found.parts)) == [0, 1, 2, 4]


def test_samples_are_counted_whatever_they_are() -> None:
    found, notes = outcome("count_over_time", [1, 3], [2, 4])
    assert found.values is not None
    assert found.values[:6].tolist() == [1.0, 2.0, 3.0, 3.0, 2.0, 1.0]
    assert np.isnan(found.values[6:]).all()
    assert notes == set()


def test_each_change_of_kind_is_a_reset_and_a_change() -> None:
    for name in ("resets", "changes"):
        found, _ = outcome(name, [1, 4], [2, 3])
        assert found.values is not None
        switches = [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]
        if name == "changes":
            switches[2:4] = [2.0, 2.0]
        assert found.values[:6].tolist() == switches


def test_other_functions_ignore_histograms() -> None:
    found, notes = outcome("min_over_time", [1, 2], [3, 4])
    assert (found.parts, found.values, found.hidden.any()) == ([], None, False)
    assert notes == {Note.IGNORED_IN_RANGE}
    assert outcome("min_over_time", [1, 2], [])[1] == set()
    assert "min_over_time" not in FUNCTIONS


def test_the_newest_is_recent_and_not_stale() -> None:
    every = [(MINUTE, grown(1)), (2 * MINUTE, grown(1, sum=STALE)), (9 * MINUTE, grown(9))]
    samples, stale = collect([stored(every)])
    ends = np.arange(1, 16) * MINUTE + 1000
    parts, times = newest(samples, stale, ends, 5 * MINUTE)
    assert sorted(rows(parts)) == [0, 8, 9, 10, 11, 12]
    assert times[:2].tolist() == [MINUTE, 2 * MINUTE]
    assert times[7] == times[14] == NEVER
    assert Note.MIXED.warning
    assert not Note.BOUNDS.warning
