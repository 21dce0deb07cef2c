import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels, labels
from watchroom.storage.contract import (
    NEGATIVE,
    FloatSeries,
    HistogramSeries,
    Matcher,
    StoreUnavailable,
    Write,
)
from watchroom.storage.embedded import EmbeddedStore, StoreLocked

NOW = 1_700_000_000.0
T = int(NOW * 1000)
UP = labels("up", {"job": "a"})
EVER = (0, T + 10**9)


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


def increments(store: EmbeddedStore) -> HistogramSeries:
    found = store.select([Matcher("__name__", "=", "h")], *EVER)
    assert isinstance(found[0], HistogramSeries)
    return found[0]


def test_histograms_become_increments_across_seals_and_restarts(tmp_path: Path) -> None:
    h = labels("h")
    growth = [{1: 2}, {1: 2, 5: 1}, {1: 4, 5: 1}, {1: 1}, {1: 1, -3: 7}]
    store = opened(tmp_path)
    for number, counts in enumerate(growth):
        store.append(Write("", [], [], [], [(h, T + number, histogram(counts))])).result()
        if number == 1:
            store.seal()
        if number == 2:
            store.close()
            store = opened(tmp_path)
    found = increments(store)
    assert found.counts.tolist() == [2, 1, 2, 1, 7]
    triples = zip(found.bucket_sample, found.bucket_index, found.bucket_delta, strict=True)
    assert sorted(map(tuple, np.array(list(triples)).tolist())) == [
        (0, 1, 2),
        (1, 5, 1),
        (2, 1, 2),
        (3, 1, 1),
        (4, -3, 7),
    ]
    store.close()


def test_a_window_of_histograms_has_its_own_buckets_only(store: EmbeddedStore) -> None:
    h = labels("h")
    for number, counts in enumerate([{1: 2}, {1: 2}, {1: 3, 4: 1}, {1: 3, 4: 2, 6: 5}]):
        store.append(Write("", [], [], [], [(h, T + number, histogram(counts))])).result()
    found = store.select([Matcher("__name__", "=", "h")], T + 1, T + 3)[0]
    assert isinstance(found, HistogramSeries)
    assert found.counts.tolist() == [2, 6]
    assert found.life == 10
    triples = zip(found.bucket_sample, found.bucket_index, found.bucket_delta, strict=True)
    assert sorted(triples) == [(0, 1, 1), (0, 4, 1), (1, 4, 1), (1, 6, 5)]


def test_negative_values_have_buckets_of_their_own(store: EmbeddedStore) -> None:
    store.append(Write("", [], [], [], [(labels("h"), T, histogram({3: 1}, {3: 2}))])).result()
    found = increments(store)
    assert sorted(found.bucket_index.tolist()) == [NEGATIVE - 3, 3]


def test_a_histogram_that_is_not_newer_is_refused(store: EmbeddedStore) -> None:
    h = labels("h")
    for time in (T, T - 5):
        receipt = store.append(Write("", [], [], [], [(h, time, histogram({1: 1}))])).result()
    assert receipt.samples == 0
    assert "not newer" in receipt.rejected[0]


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


@pytest.mark.parametrize("table", ["journal", "chunks"])
def test_flipped_bits_are_found_named_and_set_aside(tmp_path: Path, table: str) -> None:
    store = opened(tmp_path)
    put(store, UP, (T, 1.0))
    if table == "chunks":
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
            total = sum(int(each.counts.sum()) for each in counted)  # type: ignore[union-attr]
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
        assert snapshot.execute("SELECT count(*) FROM chunks").fetchone() == (0,)
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
