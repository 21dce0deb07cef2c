"""Exponential histograms against the values they were made of."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model.histogram import (
    CUSTOM,
    SCALE,
    Histogram,
    bucket_bounds,
    bucket_index,
    coarsen,
    gained,
    merge,
    quantile,
    quantiles,
)
from watchroom.sdk.instruments import Cell

VALUES = st.lists(
    st.one_of(
        st.just(0.0),
        st.floats(1e-9, 1e9),
        st.floats(-1e9, -1e-9),
    ),
    min_size=1,
    max_size=60,
)


def of(values: list[float]) -> Histogram:
    cell = Cell()
    for value in values:
        cell.observe(value)
    return cell.histogram()


@given(st.floats(1e-300, 1e300), st.integers(-4, 9))
def test_a_value_lies_in_its_bucket(value: float, scale: int) -> None:
    low, high = bucket_bounds(bucket_index(value, scale), scale)
    assert low * (1 - 1e-9) <= value <= high * (1 + 1e-9)


@given(VALUES, st.sampled_from([0.0, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_quantile_is_off_by_one_bucket_at_most(values: list[float], q: float) -> None:
    exact = float(np.quantile(values, q, method="inverted_cdf"))
    found = quantile(of(values), q)
    assert found == pytest.approx(exact, rel=2 ** (2.0**-SCALE) - 1 + 1e-9)


def test_the_geometric_middle_of_a_bucket_is_within_a_percent() -> None:
    low, high = bucket_bounds(17)
    middle = math.sqrt(low * high)
    assert max(middle / low - 1, 1 - middle / high) < 0.0055


@given(VALUES, VALUES)
def test_merging_is_recording_together(left: list[float], right: list[float]) -> None:
    both, together = merge([of(left), of(right)]), of(left + right)
    assert both._replace(sum=0.0) == together._replace(sum=0.0)
    assert both.sum == pytest.approx(together.sum, rel=1e-9, abs=1e-3)


@given(VALUES, st.integers(-4, SCALE))
def test_coarsening_is_recording_coarsely(values: list[float], scale: int) -> None:
    coarse = coarsen(of(values), scale)
    assert (coarse.scale, coarse.count) == (scale, len(values))
    for value in values:
        if value > 0:
            near = {bucket_index(value * factor, scale) for factor in (1 - 1e-9, 1.0, 1 + 1e-9)}
            assert near & coarse.positive.keys()


def test_detail_cannot_be_made_up() -> None:
    with pytest.raises(ValueError, match="finer"):
        coarsen(Histogram(scale=3), 4)


def test_scales_meet_at_the_coarsest() -> None:
    fine, coarse = Histogram(1, 1.0, 0, {4: 1}), Histogram(1, 1.0, 0, {1: 1}, scale=4)
    assert merge([fine, coarse]) == Histogram(2, 2.0, 0, {1: 2}, {}, 4)
    assert merge([]) == Histogram()


def test_nothing_has_no_quantile_and_a_wrong_one_is_refused() -> None:
    assert all(math.isnan(each) for each in quantiles(Histogram(), (0.5, 0.99)))
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(of([1.0]), 95)


def test_what_was_gained_at_different_scales_and_thresholds() -> None:
    before = Histogram(3, 3.0, 1, {4: 2}, scale=5)
    after = Histogram(6, 9.0, 2, {2: 3, 3: 1}, scale=4)
    assert gained(before, after) == Histogram(3, 6.0, 1, {2: 1, 3: 1}, {}, 4)
    wider = Histogram(3, 3.0, 3, {}, scale=5, threshold=2.0)
    assert gained(before, wider) == Histogram(0, 0.0, 0, {}, {}, 5, 2.0)


@pytest.mark.parametrize("after", [Histogram(2, 1.0, 0, {1: 2}), Histogram(9, 1.0, 0, {2: 9})])
def test_where_a_bucket_fell_everything_is_new(after: Histogram) -> None:
    assert gained(Histogram(3, 2.0, 0, {1: 3}), after) == after


def test_custom_bounds_have_linear_quantiles_and_no_other_scale() -> None:
    custom = Histogram(4, 1.0, 0, {0: 2, 1: 1, 2: 1}, {}, CUSTOM, 0.0, (1.0, 3.0))
    assert quantiles(custom, (0.25, 0.75, 1.0)) == [0.5, 3.0, 3.0]
    assert merge([custom, custom]).positive == {0: 4, 1: 2, 2: 2}
    with pytest.raises(ValueError, match="different custom bounds"):
        merge([custom, custom._replace(bounds=(1.0, 2.0))])
    with pytest.raises(ValueError, match="no scale in common"):
        coarsen(custom, -54)


def test_a_zero_bucket_has_a_width() -> None:
    wide = Histogram(4, 0.0, 4, {}, {}, threshold=2.0)
    assert quantile(wide, 0.5) == 1.0
    assert quantile(wide._replace(count=5, negative={0: 1}), 0.2) == pytest.approx(-1.0)
