"""Windows of distributions: exact counts, and the model's own quantiles."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model.histogram import Histogram, bucket_index, coarsen, merge, quantile
from watchroom.query import distributions
from watchroom.query.plan import Grid, aligned
from watchroom.query.rises import Rises
from watchroom.storage.contract import NEGATIVE

Values = list[tuple[int, float]]


def recorded(values: list[float], scale: int) -> Histogram:
    return Histogram(
        len(values),
        math.fsum(values),
        sum(value == 0 for value in values),
        Counter(bucket_index(value, scale) for value in values if value > 0),
        Counter(bucket_index(-value, scale) for value in values if value < 0),
        scale,
    )


def stored(values: Values, scale: int) -> Rises:
    """Return one sample per distinct time, with its increments."""
    times = sorted({time for time, _ in values})
    parts = [recorded([v for t, v in values if t == time], scale) for time in times]
    rows = [
        (i, index, count)
        for i, part in enumerate(parts)
        for index, count in sorted(
            {**part.positive, **{NEGATIVE - k: n for k, n in part.negative.items()}}.items()
        )
    ]
    sample, index, delta = np.array(rows, np.int64).reshape(-1, 3).T
    return Rises(
        (),
        np.array(times, np.int64),
        np.array([part.count for part in parts], np.float64),
        np.array([part.sum for part in parts]),
        np.array([part.zeros for part in parts], np.float64),
        scale,
        sample,
        index,
        delta.astype(np.float64),
    )


magnitudes = st.floats(1e-4, 1e4)
numbers = st.one_of(magnitudes, magnitudes.map(lambda value: -value), st.just(0.0))
facts = st.lists(st.tuples(st.integers(1, 60), numbers), min_size=1, max_size=60)


@given(facts, facts, st.integers(1, 25), st.integers(1, 40), st.integers(3, 7))
def test_windows_and_quantiles_equal_the_models(
    fine: Values, coarse: Values, step: int, window: int, scale: int
) -> None:
    grid = aligned(0, 70, step, window)
    series = [stored(fine, scale), stored(coarse, scale - 2)]
    found = distributions.window_sums(distributions.pack(series), grid)
    for i, time in enumerate(grid.times.tolist()):
        inside = [
            recorded([v for t, v in part if time - window < t <= time], each)
            for part, each in ((fine, scale), (coarse, scale - 2))
        ]
        whole = merge(coarsen(part, scale - 2) for part in inside)
        assert found.counts[i] == whole.count
        assert found.zeros[i] == whole.zeros
        for q in (0.0, 0.5, 0.95, 1.0):
            ours = distributions.quantile(found, q)[i]
            assert ours == pytest.approx(quantile(whole, q), rel=1e-9, nan_ok=True)


@given(facts, st.integers(1, 60))
def test_histograms_after_a_time(values: Values, after: int) -> None:
    series = [stored(values, 6), stored(values, 4)]
    for found, scale in zip(distributions.histograms(series, after), (6, 4), strict=True):
        wanted = recorded([value for time, value in values if time > after], scale)
        assert found.count == wanted.count
        assert found.zeros == wanted.zeros
        assert found.positive == wanted.positive
        assert found.negative == wanted.negative
        assert found.sum == pytest.approx(wanted.sum, abs=1e-6)


@given(facts)
def test_bins_merge_whole_buckets(values: Values) -> None:
    grid = aligned(0, 60, 20)
    found = distributions.window_sums(distributions.pack([stored(values, 6)]), grid)
    bins = distributions.rebin(found, 60)
    assert bins.counts.shape[1] <= 60
    assert len(bins.edges) == bins.counts.shape[1] + 1
    assert (np.diff(bins.edges) > 0).all() or not any(value > 0 for _, value in values)
    assert bins.counts.sum(axis=1).tolist() == found.counts.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_are_within_one_percent_of_numpys(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(-3, 1.2, 20_000)
    series = stored([(1, float(value)) for value in values], 6)
    found = distributions.window_sums(distributions.pack([series]), Grid(np.array([5]), 5))
    for q in (0.5, 0.9, 0.95, 0.99):
        exact = np.quantile(values, q, method="inverted_cdf")
        assert distributions.quantile(found, q)[0] == pytest.approx(exact, rel=0.01)
    assert distributions.mean(found)[0] == pytest.approx(values.mean(), rel=1e-12)


def test_an_empty_window_has_no_quantile() -> None:
    found = distributions.window_sums(distributions.pack([]), aligned(0, 20, 10))
    assert np.isnan(distributions.quantile(found, 0.5)).all()
    assert np.isnan(distributions.mean(found)).all()
    assert distributions.rebin(found).counts.sum() == 0
