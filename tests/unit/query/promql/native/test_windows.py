"""Functions over windows: the arrays agree with one histogram at a time."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.query.promql.native.reference import (
    Sample,
    added,
    close,
    increase,
    keyed,
    multiplied,
    reset,
    rows,
    stored,
)
from tests.unit.query.promql.native.strategies import counter, jumble

from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.model.stale import STALE
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import divided
from watchroom.query.promql.native.rates import extrapolated, instantaneous
from watchroom.query.promql.native.resets import changes, resets
from watchroom.query.promql.native.samples import Samples, collect, of_parts
from watchroom.query.promql.native.windows import averaged, cut, flagged, last, summed

series = st.one_of(counter(), jumble())
spans = st.sampled_from([20_000, 31_000, 60_000, 200_000])
cuts = st.integers(1, 5)
few = settings(max_examples=40)


def collected(samples: Sequence[Sample], every: int = 1) -> Samples:
    """Return the samples out of the store's form, which has one series per bounds and kind."""
    strands: dict[object, list[Sample]] = {}
    for time, histogram in samples:
        strands.setdefault((histogram.bounds, histogram.gauge), []).append((time, histogram))
    return collect([stored(each, lambda at: at % every == 0) for each in strands.values()])[0]


def grid(samples: Sequence[Sample]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(10_000, samples[-1][0] + 40_000, 10_000)


def window(samples: Sequence[Sample], end: int, span: int) -> list[Sample]:
    return [(time, each) for time, each in samples if end - span < time <= end]


@few
@given(series, spans, cuts, st.booleans())
def test_gains_are_those_of_the_single_histograms(
    samples: list[Sample], span: int, every: int, counts: bool
) -> None:
    ends, all_ = grid(samples), collected(samples, every)
    windows = cut(all_.times, ends, span)
    found = rows(extrapolated(all_, windows, set(), counter=counts, per_second=False))
    for step, end in enumerate(ends.tolist()):
        wanted = increase(window(samples, end, span), end - span, end, counts)
        assert close(found.get(step), wanted)


@few
@given(series, spans, cuts)
def test_sums_and_means_are_those_of_the_single_histograms(
    samples: list[Sample], span: int, every: int
) -> None:
    ends, all_ = grid(samples), collected(samples, every)
    windows = cut(all_.times, ends, span)
    sums = rows(summed(all_, windows, set()))
    means = rows(averaged(all_, windows, set()))
    for step, end in enumerate(ends.tolist()):
        inside = [histogram for _, histogram in window(samples, end, span)]
        if len({histogram.scale == CUSTOM for histogram in inside}) != 1:
            assert step not in sums
            continue
        wanted = inside[0]
        for each in inside[1:]:
            wanted = added(wanted, each)
        assert close(sums[step], wanted)
        assert close(means[step], multiplied(wanted, 1 / len(inside)))


@few
@given(series, cuts)
def test_resets_and_changes_are_those_of_the_single_histograms(
    samples: list[Sample], every: int
) -> None:
    all_ = collected(samples, every)
    every_one = [histogram for _, histogram in samples]
    assert resets(all_).tolist() == [False, *(reset(a, b) for a, b in pairwise(every_one))]
    differ = [
        a[:3] != b[:3] or a[5:8] != b[5:8] or keyed(a) != keyed(b) for a, b in pairwise(every_one)
    ]
    assert changes(all_).tolist() == [False, *differ]


@few
@given(series, spans, cuts)
def test_the_last_of_a_window_is_the_one_written(
    samples: list[Sample], span: int, every: int
) -> None:
    ends, all_ = grid(samples), collected(samples, every)
    found = rows(last(all_, cut(all_.times, ends, span)))
    for step, end in enumerate(ends.tolist()):
        inside = window(samples, end, span)
        assert close(found.get(step), inside[-1][1] if inside else None)


@few
@given(series, spans)
def test_samples_out_of_parts_are_the_samples(samples: list[Sample], span: int) -> None:
    times = np.array([time for time, _ in samples])
    direct = collected(samples)
    again = of_parts(last(direct, cut(times, times, 1)), times)
    ends = grid(samples)
    wanted = rows(summed(direct, cut(times, ends, span), set()))
    found = rows(summed(again, cut(again.times, ends, span), set()))
    assert found.keys() == wanted.keys()
    assert all(close(found[step], wanted[step]) for step in wanted)


@few
@given(series, spans)
def test_instant_rates_are_of_the_last_two(samples: list[Sample], span: int) -> None:
    ends, all_ = grid(samples), collected(samples)
    found = rows(instantaneous(all_, cut(all_.times, ends, span), set(), counter=True))
    for step, end in enumerate(ends.tolist()):
        inside = window(samples, end, span)[-2:]
        if len(inside) < 2:
            assert step not in found
            continue
        (before, old), (now, new) = inside
        gained = new if reset(old, new) else added(new, old, -1.0)
        assert close(found[step], multiplied(gained, 1000 / (now - before)))


def grown(step: int, **about: object) -> Histogram:
    return Histogram(3 * step, 2.0 * step, step, {0: step, 4: step})._replace(**about)


def test_stale_markers_are_no_samples_and_part_no_increments() -> None:
    every = [(15_000 * step, grown(step)) for step in range(1, 9)]
    marked = list(every)
    marked.insert(4, (67_000, grown(4, sum=STALE)))
    found, stale = collect([stored(marked)])
    plain, none = collect([stored(every)])
    assert stale.tolist() == [67_000]
    assert none.tolist() == []
    windows = cut(plain.times, np.array([130_000]), 200_000)
    for each in (found, plain):
        gained = rows(extrapolated(each, windows, set(), counter=True, per_second=False))
        assert gained[0].count == pytest.approx(21 * (105 + 7.5 + 10) / 105)
        assert flagged(resets(each), windows).tolist() == [0.0]


def test_gauges_and_counters_are_told_apart() -> None:
    gauges = collected([(15_000 * step, grown(step, gauge=True)) for step in range(1, 5)])
    counters = collected([(15_000 * step, grown(step)) for step in range(1, 5)])
    windows = cut(gauges.times, np.array([60_000]), 60_000)
    notes: set[Note] = set()
    extrapolated(gauges, windows, notes, counter=False, per_second=False)
    extrapolated(counters, windows, notes, counter=True, per_second=True)
    assert notes == set()
    extrapolated(gauges, windows, notes, counter=True, per_second=True)
    assert notes == {Note.NOT_COUNTER}
    instantaneous(counters, windows, notes, counter=False)
    assert notes == {Note.NOT_COUNTER, Note.NOT_GAUGE}


def test_a_counter_is_not_stretched_beyond_its_zero() -> None:
    samples = collected([(60_000, grown(1)), (75_000, grown(16))])
    windows = cut(samples.times, np.array([80_000]), 40_000)
    (part,) = extrapolated(samples, windows, set(), counter=True, per_second=False)
    assert part.counts[0] == pytest.approx(45 * (15 + 15 * 3 / 45 + 5) / 15)
    (part,) = extrapolated(samples, windows, set(), counter=False, per_second=False)
    assert part.counts[0] == pytest.approx(45 * (15 + 7.5 + 5) / 15)


def test_huge_sums_cancel_out_exactly() -> None:
    sums = [1.0, 1e100, 1.0, -1e100]
    samples = collected([(15_000 * at, grown(at, sum=sums[at - 1])) for at in range(1, 5)])
    windows = cut(samples.times, np.array([60_000]), 60_000)
    assert summed(samples, windows, set())[0].sums.tolist() == [2.0]
    assert averaged(samples, windows, set())[0].sums.tolist() == [0.5]


def test_a_mean_outlives_the_overflow_of_its_sum() -> None:
    samples = collected([(15_000 * at, grown(at, count=1.5e308)) for at in range(1, 5)])
    windows = cut(samples.times, np.array([60_000]), 60_000)
    assert averaged(samples, windows, set())[0].counts == pytest.approx(1.5e308)


def test_division_by_zero_leaves_no_buckets() -> None:
    samples = collected([(15_000, grown(1))])
    (part,) = last(samples, cut(samples.times, np.array([15_000]), 1))
    gone = divided(part, np.zeros(1))
    assert not gone.buckets.any()
    assert np.isposinf(gone.counts).all()


def test_of_mixed_layouts_only_what_a_window_holds_counts() -> None:
    fine = [(15_000 * step, grown(step, scale=3)) for step in range(1, 5)]
    coarse = [(15_000 * step, grown(step, scale=1)) for step in range(5, 9)]
    samples = collected([*fine, *coarse])
    windows = cut(samples.times, np.array([60_000, 90_000, 120_000]), 50_000)
    found = rows(extrapolated(samples, windows, set(), counter=True, per_second=True))
    assert [found[step].scale for step in range(3)] == [3, 1, 1]
    assert [len(list(group)) for _, group in groupby(samples.run.tolist())] == [4, 4]
