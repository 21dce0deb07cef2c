import sqlite3
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchroom.model.event import Event
from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.model.labels import Labels, labels
from watchroom.model.stale import STALE, is_stale
from watchroom.storage.contract import (
    EVER,
    NEGATIVE,
    Exemplar,
    FloatSeries,
    HistogramSeries,
    Matcher,
    Receipt,
    StoreUnavailable,
    Write,
)
from watchroom.storage.embedded import EmbeddedStore, StoreLocked, exemplars

NOW = 1_700_000_000.0
T = int(NOW * 1000)
UP = labels("up", {"job": "a"})


def opened(directory: Path) -> EmbeddedStore:
    return EmbeddedStore(directory, sync=False, now=lambda: NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = opened(tmp_path)
    yield store
    store.close()


def put(store: EmbeddedStore, series: Labels, *samples: tuple[int, float], name: str = "") -> int:
    times, values = [time for time, _ in samples], [value for _, value in samples]
    return store.append(Write(name, [series] * len(samples), times, values)).result().samples


def read(
    store: EmbeddedStore, name: str = "up", window: tuple[int, int] = EVER
) -> list[tuple[int, float]]:
    found = store.select([Matcher("__name__", "=", name)], *window)
    assert len(found) <= 1
    if not found:
        return []
    assert isinstance(found[0], FloatSeries)
    return list(zip(found[0].times.tolist(), found[0].values.tolist(), strict=True))


def test_what_was_written_is_read(store: EmbeddedStore) -> None:
    put(store, UP, (T, 1.0), (T + 1000, 0.0))
    assert read(store) == [(T, 1.0), (T + 1000, 0.0)]


def test_a_range_is_open_on_the_left_and_closed_on_the_right(store: EmbeddedStore) -> None:
    put(store, UP, (T, 1.0), (T + 1, 2.0), (T + 2, 3.0))
    found = store.select([Matcher("job", "=", "a")], T, T + 1)
    assert [series.times.tolist() for series in found] == [[T + 1]]


def test_a_write_with_a_known_id_changes_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    put(store, UP, (T, 1.0), name="batch")
    receipt = store.append(Write("batch", [UP], [T + 1], [2.0])).result()
    assert receipt.duplicate
    store.close()
    again = opened(tmp_path)
    assert again.append(Write("batch", [UP], [T + 1], [2.0])).result().duplicate
    assert read(again) == [(T, 1.0)]
    again.close()


def test_late_samples_are_sorted_in_and_the_last_written_stands(store: EmbeddedStore) -> None:
    put(store, UP, (T + 2, 1.0))
    store.seal()
    put(store, UP, (T, 5.0), (T + 2, 9.0))
    assert read(store) == [(T, 5.0), (T + 2, 9.0)]


@pytest.mark.parametrize("time", [T + 11 * 60_000, T - 16 * 86_400_000])
def test_samples_out_of_bounds_are_named_and_the_rest_kept(store: EmbeddedStore, time: int) -> None:
    receipt = store.append(Write("", [UP, UP], [time, T], [1.0, 2.0])).result()
    assert receipt.samples == 1
    assert "1 samples are older" in receipt.rejected[0]
    assert read(store) == [(T, 2.0)]


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("=", "a", {"a"}),
        ("!=", "a", {"b", ""}),
        ("=~", "a|c", {"a"}),
        ("=~", "", {""}),
        ("!~", "a.*", {"b", ""}),
        ("=", "", {""}),
    ],
)
def test_matchers(store: EmbeddedStore, op: str, value: str, found: set[str]) -> None:
    for job in ("a", "b", ""):
        put(store, labels("up", {"job": job, "x": "1"}), (T, 1.0))
    series = store.series([Matcher("job", op, value)], *EVER)  # type: ignore[arg-type]
    assert {dict(each).get("job", "") for each in series} == found


def test_a_bad_regex_says_what_is_wrong(store: EmbeddedStore) -> None:
    put(store, UP, (T, 1.0))
    with pytest.raises(ValueError, match="is wrong"):
        store.select([Matcher("job", "=~", "(")], *EVER)


def test_events_come_newest_first(store: EmbeddedStore) -> None:
    events = [Event("deploy", T + number, {"n": number}, job="a") for number in range(5)]
    store.append(Write("", [], [], [], events=events)).result()
    assert [event.payload["n"] for event in store.events(0, T + 3, limit=2)] == [3, 2]
    assert store.events(*EVER, name="other") == []


def histogram(counts: dict[int, int], negative: dict[int, int] | None = None) -> Histogram:
    low = negative or {}
    total = sum(counts.values()) + sum(low.values())
    return Histogram(total, float(total), 0, counts, low)


def series_of(store: EmbeddedStore, window: tuple[int, int] = EVER) -> HistogramSeries:
    found = store.select([Matcher("__name__", "=", "h")], *window)
    assert len(found) == 1
    assert isinstance(found[0], HistogramSeries)
    return found[0]


def values_of(series: HistogramSeries) -> list[tuple[int, dict[int, float]]]:
    """Return the buckets of each sample, as the contract says to read them."""
    found, buckets = [], dict[int, float]()
    for sample, time in enumerate(series.times.tolist()):
        if series.whole[sample]:
            buckets = {}
        mine = series.bucket_sample == sample
        for index, delta in zip(series.bucket_index[mine], series.bucket_delta[mine], strict=True):
            buckets[int(index)] = buckets.get(int(index), 0) + float(delta)
        found.append((time, {index: count for index, count in buckets.items() if count}))
    return found


def read_histograms(
    store: EmbeddedStore, window: tuple[int, int] = EVER
) -> list[tuple[int, dict[int, float]]]:
    return values_of(series_of(store, window))


def entries(series: HistogramSeries) -> list[tuple[int, int, float]]:
    columns = series.bucket_sample, series.bucket_index, series.bucket_delta
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def put_histogram(store: EmbeddedStore, time: int, value: Histogram) -> Receipt:
    return store.append(Write("", [], [], [], [(labels("h"), time, value)])).result()


def test_histograms_are_read_as_rises_across_seals_and_restarts(tmp_path: Path) -> None:
    growth = [{1: 2}, {1: 2, 5: 1}, {1: 4, 5: 1}, {1: 1}, {1: 1, -3: 7}]
    store = opened(tmp_path)
    for number, counts in enumerate(growth):
        put_histogram(store, T + number, histogram(counts))
        if number == 1:
            store.seal()
        if number == 2:
            store.close()
            store = opened(tmp_path)
    found = series_of(store)
    assert found.counts.tolist() == [2, 3, 5, 1, 8]
    assert found.whole.tolist() == [True, False, False, True, False]
    assert entries(found) == [(0, 1, 2), (1, 5, 1), (2, 1, 2), (3, 1, 1), (4, -3, 7)]
    store.close()


def test_a_window_of_histograms_begins_whole_and_knows_what_was_before(
    store: EmbeddedStore,
) -> None:
    for number, counts in enumerate([{1: 2}, {1: 2}, {1: 3, 4: 1}, {1: 3, 4: 2, 6: 5}]):
        put_histogram(store, T + number, histogram(counts))
        if number == 1:
            store.seal()
    found = series_of(store, (T + 1, T + 3))
    assert found.counts.tolist() == [4, 10]
    assert entries(found) == [(0, 1, 3), (0, 4, 1), (1, 4, 1), (1, 6, 5)]
    assert found.before is not None
    assert (found.before.count, dict(found.before.positive)) == (2, {1: 2})


def test_negative_values_have_buckets_of_their_own(store: EmbeddedStore) -> None:
    put_histogram(store, T, histogram({3: 1}, {3: 2}))
    assert entries(series_of(store)) == [(0, NEGATIVE - 3, 2), (0, 3, 1)]


def test_late_histograms_are_sorted_in_and_the_last_written_stands(store: EmbeddedStore) -> None:
    for time, counts in [(9, {1: 9}), (3, {1: 3}), (12, {1: 12}), (9, {1: 8}), (6, {1: 6})]:
        put_histogram(store, T + time, histogram(counts))
        if time == 3:
            store.seal()
    wanted = [(T + 3, {1: 3}), (T + 6, {1: 6}), (T + 9, {1: 8}), (T + 12, {1: 12})]
    assert read_histograms(store) == wanted
    store.seal()
    assert read_histograms(store) == wanted
    assert series_of(store).whole.tolist() == [True, False, False, False]


GROWTH = st.dictionaries(st.integers(-4, 4), st.integers(0, 5), max_size=3)
HISTOGRAMS = st.lists(
    st.tuples(st.integers(0, 30), GROWTH, st.sampled_from([2, 6]), st.sampled_from("psnr")),
    max_size=14,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=HISTOGRAMS, start=st.integers(-1, 20))
def test_any_histograms_read_as_a_plain_mapping_would(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, dict[int, int], int, str]],
    start: int,
) -> None:
    directory = tmp_path_factory.mktemp("store")
    store = opened(directory)
    expected: dict[int, Histogram] = {}
    for time, counts, scale, then in steps:
        value = histogram(counts)._replace(scale=scale)
        if then == "n":
            value = Histogram(sum=STALE)
        expected[T + time] = value
        put_histogram(store, T + time, value)
        if then == "s":
            store.seal()
        elif then == "r":
            store.close()
            store = opened(directory)
    window = {time: value for time, value in sorted(expected.items()) if time > T + start}
    older = [v for time, v in sorted(expected.items()) if time <= T + start and v.sum == v.sum]
    found = store.select([Matcher("__name__", "=", "h")], T + start, EVER[1])
    assert len(found) == bool(window)
    for series in found:
        assert isinstance(series, HistogramSeries)
        stale = is_stale(series.sums).tolist()
        assert stale == [value.sum != value.sum for value in window.values()]
        read = [pair for pair, gone in zip(values_of(series), stale, strict=True) if not gone]
        plain = [
            (time, {index: count for index, count in value.positive.items() if count})
            for time, value in window.items()
            if value.sum == value.sum
        ]
        assert read == plain
        known = [i for i, gone in enumerate(stale) if not gone]
        wanted = [value.scale for value in window.values() if value.sum == value.sum]
        assert series.scales[known].tolist() == wanted
        before = series.before
        assert (before and before.count) == (older[-1].count if older else None)
    store.close()


def test_custom_bounds_gauges_and_fractions_come_back_as_they_went_in(
    store: EmbeddedStore,
) -> None:
    custom = Histogram(3.5, 2.25, 0, {0: 1.5, 2: 2.0}, {}, CUSTOM, 0.0, (0.1, 0.5))
    gauge = Histogram(4, 1.0, 1, {3: 3}, {}, 3, 0.001, (), True)
    for time, value in [(1, custom), (2, gauge), (3, custom), (4, gauge)]:
        put_histogram(store, T + time, value)
    store.seal()
    first, second = store.select([Matcher("__name__", "=", "h")], *EVER)
    assert isinstance(first, HistogramSeries)
    assert isinstance(second, HistogramSeries)
    assert (first.bounds, first.gauge, first.scales.tolist()) == ((0.1, 0.5), False, [CUSTOM] * 2)
    assert values_of(first) == [(T + 1, {0: 1.5, 2: 2.0}), (T + 3, {0: 1.5, 2: 2.0})]
    assert (second.gauge, second.thresholds.tolist()) == (True, [0.001, 0.001])
    assert (second.zeros.tolist(), second.counts.tolist()) == ([1.0, 1.0], [4.0, 4.0])


def test_a_series_may_be_of_floats_and_of_histograms(store: EmbeddedStore) -> None:
    put(store, labels("h"), (T, 1.0))
    put_histogram(store, T + 1, histogram({1: 1}))
    store.seal()
    kinds = [type(each) for each in store.select([Matcher("__name__", "=", "h")], *EVER)]
    assert kinds == [FloatSeries, HistogramSeries]


def test_staleness_markers_and_other_nans_keep_their_bits(tmp_path: Path) -> None:
    other = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000001))[0]
    samples = [(T, STALE), (T + 1, other), (T + 2, float("inf")), (T + 3, -0.0)]
    store = opened(tmp_path)
    put(store, UP, *samples)
    wanted = np.array([value for _, value in samples]).view(np.int64).tolist()
    for _ in range(2):
        (series,) = store.select([Matcher("__name__", "=", "up")], *EVER)
        assert isinstance(series, FloatSeries)
        assert series.values.view(np.int64).tolist() == wanted
        assert is_stale(series.values).tolist() == [True, False, False, False]
        store.close()
        store = opened(tmp_path)
        store.seal()
    store.close()


def test_owners_say_whose_a_sample_is(store: EmbeddedStore) -> None:
    series = [UP, labels("other")]
    owners = np.array([0, 1, 0, 1])
    times, values = np.array([T, T, T + 1, T + 1]), np.array([1.0, 2.0, 3.0, 4.0])
    assert store.append(Write("", series, times, values, owners=owners)).result().samples == 4
    assert read(store) == [(T, 1.0), (T + 1, 3.0)]
    assert read(store, "other") == [(T, 2.0), (T + 1, 4.0)]


def test_columns_of_unequal_length_are_refused(store: EmbeddedStore) -> None:
    for write in (Write("", [UP], [T], [1.0, 2.0]), Write("", [UP], [T, T], [1.0, 2.0])):
        with pytest.raises(ValueError, match="one time and one value"):
            store.append(write).result()
    assert store.label_values("__name__") == []


def test_equal_times_are_one_array(store: EmbeddedStore) -> None:
    names = [labels(f"m{number}") for number in range(4)]
    for block in range(3):
        for number, series in enumerate(names):
            shift = number == 3
            put(store, series, *((T + 2 * (block * 10 + i) + shift, i) for i in range(10)))
        if block < 2:
            store.seal()
    found = store.select([Matcher("__name__", "=~", "m.*")], T + 3, T + 45)
    shared = [id(each.times) for each in found]
    assert shared[0] == shared[1] == shared[2] != shared[3]


def test_exemplars_are_kept_by_series(tmp_path: Path) -> None:
    store = opened(tmp_path)
    trace = labels("", {"trace_id": "1f"})
    given = [Exemplar(UP, trace, T + number, value) for number, value in [(2, 0.5), (1, 0.25)]]
    store.append(Write("", [UP], [T], [1.0], exemplars=given)).result()
    store.close()
    store = opened(tmp_path)
    up = [Matcher("__name__", "=", "up")]
    assert store.exemplars(up, *EVER) == [(UP, [given[1], given[0]])]
    assert store.exemplars(up, T + 1, T + 5) == [(UP, [given[0]])]
    assert store.exemplars([Matcher("job", "=", "b")], *EVER) == []
    store.retain(T + 2)
    assert store.exemplars(up, *EVER) == [(UP, [given[0]])]
    store.close()


def test_exemplars_are_bounded(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exemplars, "MOST", 10)
    given = [Exemplar(UP, (), T + number, 1.0) for number in range(30)]
    store.append(Write("", [UP], [T], [1.0], exemplars=given)).result()
    store.retain(0)
    ((_, kept),) = store.exemplars([], *EVER)
    assert [each.time - T for each in kept] == list(range(20, 30))


def test_names_and_values_of_a_range(store: EmbeddedStore) -> None:
    put(store, labels("old", {"job": "a"}), (T - 10_000, 1.0))
    put(store, labels("new", {"instance": "b"}), (T, 1.0))
    assert store.label_names() == ["__name__", "instance", "job"]
    assert store.label_names([], T - 1, T) == ["__name__", "instance"]
    assert store.label_values("__name__", [], T - 20_000, T - 1) == ["old"]
    assert store.label_names([Matcher("job", "=", "a")]) == ["__name__", "job"]
    assert store.series([], T - 1, T) == [labels("new", {"instance": "b"})]


def test_deleted_samples_are_gone(tmp_path: Path) -> None:
    store = opened(tmp_path)
    put(store, UP, *((T + number, number) for number in range(10)))
    put(store, labels("other"), (T + 5, 1.0))
    for number in range(5):
        put_histogram(store, T + number, histogram({1: number}))
    assert store.delete([Matcher("__name__", "=~", "up|h")], T + 1, T + 3) == 4
    assert store.delete([Matcher("__name__", "=", "other")], *EVER) == 1
    store.close()
    store = opened(tmp_path)
    assert [time - T for time, _ in read(store)] == [0, 1, 4, 5, 6, 7, 8, 9]
    assert [time - T for time, _ in read_histograms(store)] == [0, 1, 4]
    assert store.label_values("__name__") == ["h", "up"]
    store.close()


def test_a_retention_of_a_hundred_years_takes_samples_of_1970(tmp_path: Path) -> None:
    store = EmbeddedStore(
        tmp_path, sync=False, now=lambda: NOW, retention_seconds=100 * 365.25 * 86400
    )
    put(store, UP, *((time, 1.0) for time in range(0, 600_000, 15_000)))
    assert len(read(store, window=(-1, T))) == 40
    store.seal()
    assert store.retain(int((NOW - 100 * 365.25 * 86400) * 1000)) == 0
    assert len(read(store, window=(-1, T))) == 40
    store.close()


def test_retention_forgets_samples_and_series(store: EmbeddedStore) -> None:
    put(store, UP, (T - 1000, 1.0))
    store.seal()
    put(store, labels("new"), (T, 1.0))
    assert store.retain(T - 500) == 1
    assert read(store) == []
    assert store.label_values("__name__") == ["new"]
    put(store, UP, (T, 3.0))
    assert read(store) == [(T, 3.0)]


def test_retention_gives_every_freed_page_back(tmp_path: Path) -> None:
    store = opened(tmp_path)
    random = np.random.default_rng(1).random(20_000).tolist()
    put(store, UP, *((T - 20_000 + i, value) for i, value in enumerate(random)))
    store.seal()
    put(store, UP, (T, 1.0))
    store.retain(T)
    store.close()
    database = sqlite3.connect(tmp_path / "series.db")
    assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
    database.close()


def test_a_second_opener_is_refused(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with pytest.raises(StoreLocked, match="another process"):
        opened(tmp_path)
    store.close()


@pytest.mark.parametrize("table", ["journal", "blocks"])
def test_flipped_bits_are_found_named_and_set_aside(tmp_path: Path, table: str) -> None:
    store = opened(tmp_path)
    put(store, UP, (T, 1.0))
    if table == "blocks":
        store.seal()
    put(store, labels("other"), (T, 2.0))
    store.close()
    database = sqlite3.connect(tmp_path / "series.db")
    row, body = database.execute(f"SELECT rowid, body FROM {table}").fetchone()  # noqa: S608 - one of two names
    damaged = body[:-1] + bytes([body[-1] ^ 1])
    update = f"UPDATE {table} SET body = ? WHERE rowid = ?"  # noqa: S608 - one of two names
    database.execute(update, (damaged, row))
    database.commit()
    database.close()
    store = opened(tmp_path)
    assert read(store) == []
    assert read(store, "other") == [(T, 2.0)]
    store.retain(0)
    assert [each["reason"] for each in store.statistics()["damage"]] == ["checksum mismatch"]
    store.close()


@pytest.mark.parametrize("content", [b"not a database at all", b"\0" * 5000])
def test_a_foreign_file_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "series.db").write_bytes(content)
    store = opened(tmp_path)
    put(store, UP, (T, 1.0))
    store.close()
    assert [path.read_bytes() for path in tmp_path.glob("*damaged*")] == [content]


def test_a_database_with_a_damaged_page_is_moved_aside(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for number in range(300):
        put(store, labels("up", {"n": str(number)}), (T, 1.0))
    store.close()
    file = tmp_path / "series.db"
    database = sqlite3.connect(file)
    root = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'series'").fetchone()
    size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    content = bytearray(file.read_bytes())
    content[(root[0] - 1) * size] = 0xEE
    file.write_bytes(content)
    store = opened(tmp_path)
    assert read(store) == []
    assert put(store, UP, (T, 1.0)) == 1
    assert len(list(tmp_path.glob("series.db.damaged-*"))) == 1
    store.close()


def test_readers_see_whole_states_while_the_head_is_sealed(store: EmbeddedStore) -> None:
    h = labels("h")
    wrong: list[list[int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen = [int(value) for _, value in read(store)]
            counted = store.select([Matcher("__name__", "=", "h")], *EVER)
            total = sum(int(each.counts[-1]) for each in counted)  # type: ignore[union-attr]
            if seen != list(range(len(seen))) or total < len(seen):
                wrong.append([*seen, total])

    readers = [threading.Thread(target=watch) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(400):
        write = Write(
            "", [UP], [T + number], [number], [(h, T + number, histogram({1: number + 1}))]
        )
        store.append(write).result()
        if number % 16 == 0:
            store.seal()
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_a_reader_holds_up_no_commit(store: EmbeddedStore) -> None:
    put(store, UP, (T, 1.0))
    with store._readers.snapshot() as snapshot:
        assert put(store, UP, (T + 1, 2.0)) == 1
        store.seal()
        assert snapshot.execute("SELECT count(*) FROM shelf").fetchone() == (0,)
    assert read(store) == [(T, 1.0), (T + 1, 2.0)]
    figures = store.statistics()
    assert (figures["chunks"], figures["chunk_samples"]) == (1, 2)


STEP = st.one_of(
    st.tuples(
        st.just("put"),
        st.integers(0, 3),
        st.lists(st.tuples(st.integers(0, 50), st.floats(allow_nan=False)), max_size=8),
    ),
    st.tuples(st.just("seal"), st.just(0), st.just([])),
    st.tuples(st.just("reopen"), st.just(0), st.just([])),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_any_history_reads_as_a_plain_mapping_would(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int, list[tuple[int, float]]]],
) -> None:
    directory = tmp_path_factory.mktemp("store")
    store = opened(directory)
    expected: dict[int, dict[int, float]] = {}
    for what, number, samples in steps:
        if what == "seal":
            store.seal()
        elif what == "reopen":
            store.close()
            store = opened(directory)
        else:
            moved = [(T + time, value) for time, value in samples]
            put(store, labels(f"m{number}"), *moved)
            expected.setdefault(number, {}).update(moved)
    for number, samples_of in expected.items():
        assert read(store, f"m{number}") == sorted(samples_of.items())
        window = [(time, value) for time, value in samples_of.items() if T + 9 < time <= T + 30]
        assert read(store, f"m{number}", (T + 9, T + 30)) == sorted(window)
    store.close()


def test_a_cancelled_write_stops_nobody(store: EmbeddedStore) -> None:
    waiting = [
        store.append(Write("", [UP], [T + number], [1.0], metadata=(), events=()))
        for number in range(200)
    ]
    for future in waiting[100:]:
        future.cancel()
    assert put(store, UP, (T + 999, 2.0)) == 1
    kept = [future for future in waiting if not future.cancelled()]
    assert len(read(store)) == len(kept) + 1


def test_a_malformed_write_takes_no_neighbour_with_it(store: EmbeddedStore) -> None:
    writes = [
        store.append(Write("", [UP], [2**70 if number % 10 == 5 else T + number], [1.0]))
        for number in range(50)
    ]
    failed = [number for number, future in enumerate(writes) if future.exception() is not None]
    assert failed == [5, 15, 25, 35, 45]
    assert len(read(store)) == 45


@pytest.mark.parametrize("position", range(24))
def test_any_flipped_byte_at_the_front_is_found(tmp_path: Path, position: int) -> None:
    store = opened(tmp_path)
    put(store, UP, (T, 1.0), (T + 1, 3.0))
    store.close()
    database = sqlite3.connect(tmp_path / "series.db")
    (body,) = database.execute("SELECT body FROM journal").fetchone()
    body = body[:position] + bytes([body[position] ^ 3]) + body[position + 1 :]
    database.execute("UPDATE journal SET body = ?", (body,))
    database.commit()
    database.close()
    store = opened(tmp_path)
    assert read(store) == []
    assert len(store.statistics()["damage"]) == 1
    store.close()


def test_a_full_database_refuses_and_heals(store: EmbeddedStore) -> None:
    put(store, UP, (T, 1.0))
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = [labels("wide", {"n": str(number)}) for number in range(2000)]
    future = store.append(Write("id", many, [T] * 2000, [1.0] * 2000))
    with pytest.raises(StoreUnavailable) as caught:
        future.result()
    assert caught.value.full
    assert store.label_values("__name__") == ["up"]
    store._db.execute("PRAGMA max_page_count = 1000000")
    receipt = store.append(Write("id", many, [T] * 2000, [1.0] * 2000)).result()
    assert (receipt.samples, receipt.duplicate) == (2000, False)


def test_a_deletion_reaches_what_came_after_a_failed_seal(store: EmbeddedStore) -> None:
    random = np.random.default_rng(1)
    many = 40_000
    times, owners = T - 10 * np.arange(many), np.zeros(many, np.int64)
    store.append(Write("", [UP], times, random.random(many), owners=owners)).result()
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StoreUnavailable):
        store.seal()
    put(store, UP, (T + 1, 1.0))
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert store.delete([Matcher("__name__", "=", "up")], *EVER) == many + 1
    assert read(store) == []
