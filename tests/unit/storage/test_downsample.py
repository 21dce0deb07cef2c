from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model.histogram import Histogram
from watchroom.model.stale import STALE, is_stale
from watchroom.storage.contract import COARSE
from watchroom.storage.embedded import downsample
from watchroom.storage.embedded.histograms import composed, rows, value

STRAND = ((), False)


def coarse(samples: list[tuple[int, float]], *, cumulative: bool = False) -> downsample.Coarse:
    times = np.array([time for time, _ in samples], np.int64)
    values = np.array([sample for _, sample in samples], np.float64)
    return downsample.floats(times, values, cumulative=cumulative)


def test_a_window_keeps_its_last_sample_and_what_all_were() -> None:
    found = coarse([(1, 3.0), (2, 9.0), (COARSE, 4.0), (COARSE + 1, 7.0)])
    assert found.times.tolist() == [COARSE, COARSE + 1]
    assert found.last.tolist() == [4.0, 7.0]
    assert found.least.tolist() == [3.0, 7.0]
    assert found.most.tolist() == [9.0, 7.0]
    assert found.sums.tolist() == [16.0, 7.0]
    assert found.counts.tolist() == [3, 1]


def test_a_counter_keeps_the_samples_around_a_reset_too() -> None:
    samples = [(1, 5.0), (2, 8.0), (3, 1.0), (4, 2.0)]
    assert coarse(samples, cumulative=True).last.tolist() == [8.0, 1.0, 2.0]
    assert coarse(samples, cumulative=True).counts.tolist() == [2, 1, 1]
    assert coarse(samples).last.tolist() == [2.0]


def test_stale_markers_stay_with_the_sample_before_and_are_not_counted() -> None:
    found = coarse([(1, 4.0), (2, 5.0), (3, STALE), (COARSE + 1, STALE)])
    assert found.times.tolist() == [2, 3, COARSE + 1]
    assert [column[0] for column in found[1:]] == [5.0, 4.0, 5.0, 9.0, 2.0]
    assert all(is_stale(column).tolist() == [False, True, True] for column in found[1:])


def test_a_counter_that_began_again_behind_a_stale_marker_keeps_what_it_was() -> None:
    found = coarse([(1, 5.0), (2, 80.0), (3, STALE), (4, 2.0), (5, 9.0)], cumulative=True)
    assert found.last.tolist() == [80.0, 2.0, 9.0]
    assert found.counts.tolist() == [2, 1, 1]


def test_a_histogram_keeps_what_it_was_before_a_stale_marker_and_where_a_bucket_fell() -> None:
    gone = Histogram(0, STALE)
    values = [
        Histogram(2, 2.0, 0, {3: 2}),
        Histogram(4, 4.0, 0, {3: 4}),
        gone,
        Histogram(6, 6.0, 0, {4: 6}),
        Histogram(8, 8.0, 0, {4: 8}),
        gone,
    ]
    found = downsample.histograms(composed(dict(enumerate(values, 1))), STRAND)
    assert found.times.tolist() == [2, 4, 5, 6]
    assert is_stale(found.sums).tolist() == [False, False, False, True]


def test_a_number_that_is_none_is_a_value() -> None:
    found = coarse([(1, float("nan")), (2, 5.0)])
    assert np.isnan(found.sums[0])
    assert (found.least[0], found.most[0], found.counts[0]) == (5.0, 5.0, 2)


@given(
    st.lists(
        st.tuples(st.integers(-3 * COARSE, 3 * COARSE), st.floats(-1e6, 1e6)),
        min_size=1,
        unique_by=lambda sample: sample[0],
    )
)
def test_no_sample_is_lost_in_the_figures(samples: list[tuple[int, float]]) -> None:
    samples.sort()
    for cumulative in (False, True):
        found = coarse(samples, cumulative=cumulative)
        values = [sample for _, sample in samples]
        assert found.counts.sum() == len(samples)
        assert found.least.min() == min(values)
        assert found.most.max() == max(values)
        assert np.isclose(found.sums.sum(), sum(values), atol=1e-3)
        assert set(zip(found.times.tolist(), found.last.tolist(), strict=True)) <= set(samples)


def rises(values: list[float]) -> float:
    return sum(after - before if after >= before else after for before, after in pairwise(values))


@given(st.lists(st.integers(0, 50), min_size=2, max_size=60))
def test_the_increase_of_a_counter_stays_exact(values: list[int]) -> None:
    samples = [(1 + 70_000 * i, float(each)) for i, each in enumerate(values)]
    found = coarse(samples, cumulative=True)
    first = found.last[0]
    whole = [sample for time, sample in samples if time >= found.times[0]]
    assert whole[0] == first
    assert rises(found.last.tolist()) == rises(whole)


def histogram(count: int) -> Histogram:
    return Histogram(count, float(count), 0, {3: count} if count else {})


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_a_histogram_keeps_what_its_count_keeps(counts: list[int]) -> None:
    times = [1 + 70_000 * i for i in range(len(counts))]
    columns = composed(dict(zip(times, map(histogram, counts), strict=True)))
    found = downsample.histograms(columns, STRAND)
    as_floats = coarse(list(zip(times, map(float, counts), strict=True)), cumulative=True)
    assert found.times.tolist() == as_floats.times.tolist()
    assert found.counts.tolist() == as_floats.last.tolist()
    running = None
    for row in rows(found):
        running = value(running, row, STRAND)
        assert running == histogram(int(row.count))
