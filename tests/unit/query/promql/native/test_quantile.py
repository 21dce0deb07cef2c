"""Quantiles, shares and moments of native histograms."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.query.promql.native.reference import keyed, stored
from tests.unit.query.promql.native.strategies import BOUNDS, any_exponential, custom

from watchroom.model.histogram import CUSTOM, Histogram, bucket_index, quantiles
from watchroom.query.promql.native import moments
from watchroom.query.promql.native.fraction import fraction
from watchroom.query.promql.native.layout import Layout, limits
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part
from watchroom.query.promql.native.quantile import quantile
from watchroom.query.promql.native.samples import collect, rows
from watchroom.storage.contract import NEGATIVE

some = st.one_of(any_exponential(), *(custom(bounds) for bounds in BOUNDS))


def part_of(*histograms: Histogram) -> Part:
    samples, _ = collect([stored([(at, each) for at, each in enumerate(histograms)])])
    every = np.arange(len(histograms))
    (part,) = rows(samples, every, every)
    return part


def quantile_of(histogram: Histogram, q: float, notes: set[Note] | None = None) -> float:
    return float(quantile(part_of(histogram), np.array([q]), set() if notes is None else notes)[0])


def fraction_of(histogram: Histogram, low: float, high: float) -> float:
    return float(fraction(part_of(histogram), np.array([low]), np.array([high]), set())[0])


def edges(histogram: Histogram) -> list[tuple[float, float, float]]:
    """Return lower bound, upper bound and count of each bucket, in ascending order."""
    found = []
    for key, count in keyed(histogram).items():
        if histogram.scale == CUSTOM:
            bounds = [-math.inf, *histogram.bounds, math.inf]
            found.append((bounds[key], bounds[key + 1], count))
            continue
        index = key if key > NEGATIVE // 2 else NEGATIVE - key
        near, far = (2.0 ** ((index + more) * 2.0**-histogram.scale) for more in (0, 1))
        near = max(near, histogram.threshold)
        found.append((near, far, count) if key == index else (-far, -near, count))
    if histogram.zeros:
        low = -histogram.threshold if histogram.negative or not histogram.positive else 0.0
        high = histogram.threshold if histogram.positive or not histogram.negative else 0.0
        found.append((low, high, histogram.zeros))
    return sorted(found)


@given(some, st.lists(st.floats(0, 1), min_size=2, max_size=6).map(sorted))
def test_quantiles_stay_within_the_buckets_and_ascend(
    histogram: Histogram, wanted: Sequence[float]
) -> None:
    found = [quantile_of(histogram, q) for q in wanted]
    if not histogram.count:
        assert all(math.isnan(each) for each in found)
        return
    every = edges(histogram)
    low = every[0][0] if every[0][0] > -math.inf else min(0.0, every[0][1])
    high = every[-1][1] if every[-1][1] < math.inf else max(every[-1][0], low)
    if low == high == -math.inf or every[0][:2] == (-math.inf, math.inf):
        return
    for before, after in pairwise([low, *found, high]):
        assert before <= after + 1e-9 * abs(after)


@given(any_exponential(), st.floats(0, 1))
def test_the_quantile_is_that_of_the_model(histogram: Histogram, q: float) -> None:
    if not histogram.count or histogram.threshold:
        return
    found, wanted = quantile_of(histogram, q), quantiles(histogram, [q])[0]
    steps = [k * n for n in (1,) for k in range(int(histogram.count) + 1)]
    if min(abs(q * histogram.count - step) for step in steps) > 1e-9:
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@given(some, st.floats(0.001, 0.999))
def test_a_fraction_inverts_a_quantile(histogram: Histogram, q: float) -> None:
    if not histogram.count or min(histogram.bounds, default=0.0) < 0:
        return
    value = quantile_of(histogram, q)
    inside = [(low, high) for low, high, _ in edges(histogram) if low < value < high]
    if any(math.isfinite(high) for _, high in inside):
        assert fraction_of(histogram, -math.inf, value) == pytest.approx(q)


@given(some, st.floats(-20, 20), st.floats(-20, 20))
def test_fractions_add_up(histogram: Histogram, one: float, other: float) -> None:
    if not histogram.count:
        assert math.isnan(fraction_of(histogram, one, other))
        return
    low, high = sorted((one, other))
    shares = [
        fraction_of(histogram, *each) for each in ((-math.inf, low), (low, high), (high, math.inf))
    ]
    assert all(-1e-12 <= share <= 1 + 1e-12 for share in shares)
    assert sum(shares) == pytest.approx(1.0)
    assert fraction_of(histogram, high, low) == 0.0


def test_the_examples_of_the_documentation() -> None:
    """Half of a bucket (1, 2] is the bound that twice the resolution would have."""
    histogram = Histogram(4, 6.0, 0, {0: 4}, {}, 0)
    assert quantile_of(histogram, 0.5) == pytest.approx(math.sqrt(2))
    assert fraction_of(histogram, 0, math.sqrt(2)) == pytest.approx(0.5)
    assert fraction_of(histogram, -math.inf, math.inf) == 1.0


def test_out_of_range_and_empty() -> None:
    histogram = Histogram(4, 6.0, 0, {0: 4}, {}, 0)
    assert quantile_of(histogram, -0.1) == -math.inf
    assert quantile_of(histogram, 1.1) == math.inf
    assert math.isnan(quantile_of(histogram, math.nan))
    assert math.isnan(quantile_of(Histogram(scale=0), 0.5))
    assert quantile_of(Histogram(scale=0), -1) == -math.inf


@pytest.mark.parametrize(
    ("positive", "negative", "wanted"),
    [({4: 2}, {}, 0.25), ({}, {4: 2}, -0.25), ({4: 1}, {4: 1}, 0.0)],
)
def test_the_zero_bucket_ends_at_zero_where_nothing_is(
    positive: dict[int, int], negative: dict[int, int], wanted: float
) -> None:
    histogram = Histogram(4, 6.0, 2, positive, negative, 0, 0.5)
    q = {0.25: 0.25, -0.25: 0.75, 0.0: 0.5}[wanted]
    assert quantile_of(histogram, q) == pytest.approx(wanted)


def test_nothing_but_a_zero_bucket_is_interpolated_across_zero() -> None:
    assert quantile_of(Histogram(4, 0.0, 4, {}, {}, 0, 0.5), 0.75) == pytest.approx(0.25)


def test_a_bucket_begins_where_the_zero_bucket_ends() -> None:
    histogram = Histogram(4, 6.0, 0, {0: 4}, {}, 0, 1.5)
    assert quantile_of(histogram, 0.0) == pytest.approx(1.5)


def test_custom_buckets_are_open_at_their_ends() -> None:
    histogram = Histogram(4, 6.0, 0, {0: 2, 2: 2}, {}, CUSTOM, 0.0, (1.0, 2.0))
    assert quantile_of(histogram, 0.25) == pytest.approx(0.5)
    assert quantile_of(histogram, 0.9) == 2.0
    below = histogram._replace(bounds=(-1.0, 2.0))
    assert quantile_of(below, 0.25) == -1.0


def test_nan_observations_count_as_the_highest() -> None:
    notes: set[Note] = set()
    histogram = Histogram(8, math.nan, 0, {0: 4}, {}, 0)
    assert quantile_of(histogram, 0.25, notes) == pytest.approx(math.sqrt(2))
    assert notes == {Note.QUANTILE_SKEWED}
    assert math.isnan(quantile_of(histogram, 0.75, notes))
    assert notes == {Note.QUANTILE_SKEWED, Note.QUANTILE_NAN}
    said: set[Note] = set()
    found = fraction(part_of(histogram), np.array([-math.inf]), np.array([math.inf]), said)
    assert found.tolist() == [0.5]
    assert said == {Note.FRACTION_NAN}


def test_the_infinite_bucket_has_the_largest_number_before_it() -> None:
    last = bucket_index(1.7e308, 2)
    low, high = limits(Layout(2), np.array([last, last + 1]))
    assert low[1] == high[0] == np.finfo(np.float64).max
    assert high[1] == math.inf
    assert quantile_of(Histogram(1, 1.0, 0, {last + 1: 1}, {}, 2), 1.0) == math.inf


@given(some)
def test_the_variance_is_that_of_the_middles(histogram: Histogram) -> None:
    if histogram.scale == CUSTOM:
        bounded = not {0, len(histogram.bounds)} & histogram.positive.keys()
    else:
        bounded = True
    if not histogram.count or not bounded:
        return
    mean = histogram.sum / histogram.count
    wanted = 0.0
    for low, high, count in edges(histogram):
        if histogram.scale == CUSTOM:
            middle = (low + high) / 2
        elif low <= 0 <= high:
            middle = 0.0
        else:
            middle = math.copysign(math.sqrt(low * high), low)
        wanted += count * (middle - mean) ** 2 / histogram.count
    part = part_of(histogram)
    assert moments.variance(part)[0] == pytest.approx(wanted)
    assert moments.deviation(part)[0] == pytest.approx(math.sqrt(wanted))
    assert moments.mean(part)[0] == mean


def test_many_rows_at_once_are_the_rows() -> None:
    every = [Histogram(n + 2, 1.0, 1, {n: n + 1}, {}, 1) for n in range(6)]
    q = np.array([0.0, 0.2, 0.5, 0.7, 1.0, math.nan])
    found = quantile(part_of(*every), q, set())
    wanted = [quantile_of(each, float(at)) for each, at in zip(every, q, strict=True)]
    assert np.allclose(found, wanted, equal_nan=True)
