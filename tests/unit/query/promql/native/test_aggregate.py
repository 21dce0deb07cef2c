"""Sums of series, and operators between two."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.query.promql.native.reference import (
    Sample,
    added,
    close,
    coarsened,
    keyed,
    multiplied,
    rows,
    stored,
)
from tests.unit.query.promql.native.strategies import BOUNDS, any_exponential, custom, jumble
from tests.unit.query.promql.native.test_windows import collected

from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.query.promql.native.aggregate import averaged, summed
from watchroom.query.promql.native.algebra import equal, meeting, plus
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, kept, moved, presence, scaled
from watchroom.query.promql.native.rates import extrapolated
from watchroom.query.promql.native.reconcile import coarsen
from watchroom.query.promql.native.samples import collect
from watchroom.query.promql.native.windows import cut, last

alike = st.one_of(
    st.lists(any_exponential(), min_size=1, max_size=6),
    st.lists(st.one_of(*(custom(bounds) for bounds in BOUNDS)), min_size=1, max_size=6),
)
STEPS = 10
few = settings(max_examples=40)


def parts_of(samples: list[Sample], series: int = 0) -> list[Part]:
    every = collected(samples)
    ends = np.arange(1, STEPS + 1) * 15_000
    return moved(last(every, cut(every.times, ends, 1)), series)


def single(histogram: Histogram, series: int = 0, time: int = 15_000) -> list[Part]:
    return parts_of([(time, histogram)], series)


@few
@given(alike)
def test_sums_and_means_over_series_are_those_of_the_single_histograms(
    histograms: list[Histogram],
) -> None:
    parts = [part for at, each in enumerate(histograms) for part in single(each, at)]
    group = np.zeros(len(histograms), np.int64)
    wanted = reduce(added, histograms)
    assert close(rows(summed(parts, group, STEPS, set()))[0], wanted)
    mean = multiplied(wanted, 1 / len(histograms))
    assert close(rows(averaged(parts, group, STEPS, set()))[0], mean)


@few
@given(st.lists(jumble(), min_size=1, max_size=5))
def test_every_step_of_a_sum_is_its_own(series: list[list[Sample]]) -> None:
    parts = [part for at, samples in enumerate(series) for part in parts_of(samples, at)]
    found = rows(summed(parts, np.zeros(len(series), np.int64), STEPS, set()))
    for step in range(STEPS):
        time = 15_000 * (step + 1)
        here = [histogram for samples in series for at, histogram in samples if at == time]
        if len({histogram.scale == CUSTOM for histogram in here}) == 1:
            assert close(found[step], reduce(added, here))
        else:
            assert step not in found


@few
@given(jumble(), jumble(), st.sampled_from([1.0, -1.0]))
def test_operators_stand_where_both_sides_do(
    left: list[Sample], right: list[Sample], sign: float
) -> None:
    found = rows(plus(parts_of(left), parts_of(right), sign, set()))
    both = dict(left).keys() & dict(right).keys()
    for step in range(STEPS):
        time = 15_000 * (step + 1)
        if time not in both:
            assert step not in found
            continue
        mine, other = dict(left)[time], dict(right)[time]
        if (mine.scale == CUSTOM) == (other.scale == CUSTOM):
            assert close(found[step], added(mine, other, sign))
        else:
            assert step not in found


@few
@given(jumble(), jumble())
def test_equal_is_equal_in_every_number(left: list[Sample], right: list[Sample]) -> None:
    same = rows(equal(parts_of(left), parts_of(right), True))
    other = rows(equal(parts_of(left), parts_of(right), False))
    both = meeting(parts_of(left), parts_of(right), STEPS)
    assert {*same, *other} == set(np.flatnonzero(both).tolist())
    assert not {*same} & {*other}
    for step in same:
        time = 15_000 * (step + 1)
        mine, his = dict(left)[time], dict(right)[time]
        assert (mine[:3], mine[5:8], keyed(mine)) == (his[:3], his[5:8], keyed(his))


@few
@given(st.lists(any_exponential(), min_size=2, max_size=5), st.integers(-4, -1))
def test_coarsening_commutes_with_sums(histograms: list[Histogram], scale: int) -> None:
    level = [each._replace(threshold=0.0) for each in histograms]
    parts = [part for at, each in enumerate(level) for part in single(each, at)]
    group = np.zeros(len(level), np.int64)
    sums = [coarsen(part, scale) for part in summed(parts, group, STEPS, set())]
    coarse = [coarsen(part, scale) for part in parts]
    again = summed(coarse, group, STEPS, set())
    assert close(rows(sums)[0], rows(again)[0])
    assert close(rows(again)[0], coarsened(reduce(added, level), scale))


@few
@given(st.lists(st.lists(any_exponential(), min_size=4, max_size=4), min_size=2, max_size=3))
def test_the_rate_of_merged_series_is_the_sum_of_their_rates(
    grown: list[list[Histogram]],
) -> None:
    series = []
    for increments in grown:
        steps = [each._replace(scale=1, threshold=0.0) for each in increments]
        values = [reduce(added, steps[: at + 1]) for at in range(len(steps))]
        series.append([(15_000 * (at + 1), each) for at, each in enumerate(values)])
    merged = [
        (time, reduce(added, [samples[at][1] for samples in series]))
        for at, (time, _) in enumerate(series[0])
    ]
    ends = np.array([60_000])

    def rate(samples: list[Sample], at: int) -> list[Part]:
        (every, _) = collect([stored(samples)])
        windows = cut(every.times, ends, 60_000)
        found = extrapolated(every, windows, set(), counter=False, per_second=True)
        return moved(found, at)

    parts = [part for at, samples in enumerate(series) for part in rate(samples, at)]
    found = rows(summed(parts, np.zeros(len(series), np.int64), 1, set()))
    assert close(found[0], rows(rate(merged, 0))[0])


def test_groups_are_summed_apart() -> None:
    each = Histogram(2, 3.0, 1, {0: 1}, {}, 1)
    parts = [part for at in range(4) for part in single(each, at)]
    found = summed(parts, np.array([0, 1, 1, 1]), STEPS, set())
    assert {part.series: part.counts.tolist() for part in found} == {0: [2.0], 1: [6.0]}
    assert presence(found, (2, STEPS)).sum(axis=1).tolist() == [1, 1]


def test_what_cannot_be_added_is_said() -> None:
    plain = Histogram(2, 3.0, 1, {0: 1}, {}, 1)
    one = Histogram(1, 1.0, 0, {0: 1}, {}, CUSTOM, 0.0, (1.0, 2.0))
    two = one._replace(bounds=(1.0, 3.0))
    group = np.zeros(2, np.int64)
    notes: set[Note] = set()
    assert rows(summed([*single(plain), *single(one, 1)], group, STEPS, notes)) == {}
    assert notes == {Note.LAYOUTS}
    notes = set()
    found = rows(summed([*single(one), *single(two, 1)], group, STEPS, notes))
    assert found[0].bounds == (1.0,)
    assert notes == {Note.BOUNDS}
    notes = set()
    assert plus(single(plain), single(one), 1.0, notes) == []
    assert notes == {Note.BINARY_LAYOUTS}


def test_large_values_of_series_cancel_out_exactly() -> None:
    sums = [1.0, 1e100, 1.0, -1e100]
    parts = [
        part
        for at, each in enumerate(sums)
        for part in single(Histogram(2, each, 1, {0: 1}, {}, 1), at)
    ]
    assert summed(parts, np.zeros(4, np.int64), STEPS, set())[0].sums.tolist() == [2.0]


def test_a_mean_of_series_outlives_the_overflow_of_its_sum() -> None:
    huge = Histogram(1.5e308, 1.0, 0, {0: 1.5e308}, {}, 1)
    parts = [part for at in range(3) for part in single(huge, at)]
    (found,) = averaged(parts, np.zeros(3, np.int64), STEPS, set())
    assert found.counts == pytest.approx(1.5e308)


def test_a_negative_factor_makes_a_gauge() -> None:
    (part,) = single(Histogram(2, 3.0, 1, {0: 1}, {}, 1))
    assert not scaled(part, np.array([2.0])).gauge
    assert scaled(part, np.array([-1.0])).gauge
    mask = np.zeros((1, STEPS), np.bool_)
    assert kept([part], mask) == []
