"""Histograms as the store keeps them, turned into what each sample adds."""

from pathlib import Path

import pytest

from watchroom.model.histogram import CUSTOM, SCALE, Histogram, bucket_index
from watchroom.model.labels import labels
from watchroom.model.stale import STALE
from watchroom.query.rises import Rises, rises
from watchroom.storage.contract import EVER, HistogramSeries, Matcher, Write
from watchroom.storage.embedded import EmbeddedStore

T = 1_700_000_000_000


def read(folder: Path, samples: list[Histogram], start: int = EVER[0]) -> Rises:
    store = EmbeddedStore(folder, sync=False, now=lambda: T / 1000)
    for number, sample in enumerate(samples):
        store.append(Write("", [], [], [], [(labels("h"), T + number, sample)])).result()
        if number == 1:
            store.seal()
    (series,) = store.select([Matcher("__name__", "=", "h")], start, EVER[1])
    store.close()
    assert isinstance(series, HistogramSeries)
    return rises(series)


def of(counts: dict[int, float], scale: int = SCALE) -> Histogram:
    total = sum(counts.values())
    return Histogram(total, total * 0.5, 0, counts, {}, scale)


def entries(found: Rises) -> list[tuple[int, int, float]]:
    columns = found.bucket_sample, found.bucket_index, found.bucket_delta
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_the_first_of_a_range_rises_over_the_sample_before(tmp_path: Path) -> None:
    found = read(tmp_path, [of({1: 2}), of({1: 5}), of({1: 6, 4: 1})], T)
    assert found.counts.tolist() == [3, 2]
    assert found.sums.tolist() == [1.5, 1.0]
    assert entries(found) == [(0, 1, 3), (1, 1, 1), (1, 4, 1)]
    assert found.life == 7


def test_what_was_never_heard_of_before_rises_from_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, [of({1: 2}), of({1: 5})]).counts.tolist() == [2, 3]


def test_a_reset_counts_what_came_since(tmp_path: Path) -> None:
    found = read(tmp_path, [of({1: 9}), of({1: 2, 3: 1}), of({1: 2, 3: 2})])
    assert found.counts.tolist() == [9, 3, 1]
    assert entries(found) == [(0, 1, 9), (1, 1, 2), (1, 3, 1), (2, 3, 1)]


def test_a_coarser_scale_is_no_reset(tmp_path: Path) -> None:
    found = read(tmp_path, [of({4: 2}, 5), of({4: 2, 5: 1}, 5), of({2: 5}, 4), of({4: 6}, 5)])
    assert found.scale == 4
    assert found.counts.tolist() == [2, 1, 2, 1]
    assert entries(found) == [(0, 2, 2), (1, 2, 1), (2, 2, 2), (3, 2, 1)]


@pytest.mark.parametrize("start", [EVER[0], T, T + 1])
def test_a_staleness_marker_is_no_reset(tmp_path: Path, start: int) -> None:
    stale = Histogram(sum=STALE)
    found = read(tmp_path, [of({1: 4}), stale, of({1: 6}), stale, of({1: 7})], start)
    assert found.counts.tolist()[-2:] == [2, 1]
    assert found.life == 7


def test_custom_buckets_lie_where_their_upper_bounds_are(tmp_path: Path) -> None:
    def custom(counts: dict[int, float]) -> Histogram:
        return of(counts, CUSTOM)._replace(bounds=(0.1, 0.5))

    found = read(tmp_path, [custom({0: 1}), custom({0: 1, 1: 1, 2: 2})], T)
    assert (found.scale, found.counts.tolist()) == (SCALE, [3])
    assert entries(found) == [(0, bucket_index(0.5), 3)]
