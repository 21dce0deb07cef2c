"""Torn ends, flipped bits, missing and empty files: named exactly, and no wrong value."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from tests.unit.storage.test_store import UP, T, opened, put, put_histogram, read, series_of

from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import labels
from watchroom.storage.contract import EVER, Exemplar, FloatSeries, Matcher, Write
from watchroom.storage.embedded import EmbeddedStore, log
from watchroom.storage.embedded.directory import decode

NAMES = [labels("m", {"n": str(number)}) for number in range(6)]
FRAME = 4096 + 24
EVERY = [Matcher("__name__", "=", "m")]


def filled(folder: Path) -> None:
    """Write two stamps' worth of series, sealed into one block."""
    store = opened(folder)
    for number, series in enumerate(NAMES):
        put(store, series, *((T + 2 * i + number % 2, i * 1.5 + number) for i in range(300)))
    store.seal()
    store.close()


def told(store: EmbeddedStore) -> list[str]:
    store.retain(0)  # the writer has done what was found
    return [each["what"] for each in store.statistics()["damage"]]


def served(store: EmbeddedStore) -> dict[str, list[tuple[int, float]]]:
    found = {}
    for series in store.select(EVERY, *EVER):
        assert isinstance(series, FloatSeries)
        pairs = zip(series.times.tolist(), series.values.tolist(), strict=True)
        found[dict(series.labels)["n"]] = list(pairs)
    return found


def flip(folder: Path, column: str, position: int) -> None:
    with closing(sqlite3.connect(folder / "series.db")) as database:
        (body,) = database.execute(f"SELECT {column} FROM blocks").fetchone()  # noqa: S608 - our own names
        body = body[:position] + bytes([body[position] ^ 4]) + body[position + 1 :]
        database.execute(f"UPDATE blocks SET {column} = ?", (body,))  # noqa: S608 - our own names
        database.commit()


def offsets(folder: Path) -> tuple[list[int], list[int]]:
    with closing(sqlite3.connect(folder / "series.db")) as database:
        block, body = database.execute("SELECT id, directory FROM blocks").fetchone()
    stamps, pieces = decode(body, block).offsets()
    return stamps.tolist(), pieces.tolist()


def test_a_flipped_bit_in_a_piece_costs_that_piece_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    flip(tmp_path, "body", offsets(tmp_path)[1][2] + 9)
    store = opened(tmp_path)
    assert sorted(served(store)) == ["0", "1", "3", "4", "5"]
    assert told(store) == [f"series 3, {T} to {T + 598}: 300 samples (block 1)"]
    store.compact()
    assert sorted(served(store)) == ["0", "1", "3", "4", "5"]
    store.close()


def test_a_flipped_bit_in_sample_times_costs_the_series_that_share_them(tmp_path: Path) -> None:
    filled(tmp_path)
    flip(tmp_path, "body", offsets(tmp_path)[0][1] + 9)
    store = opened(tmp_path)
    assert sorted(served(store)) == ["0", "2", "4"]
    (what,) = told(store)
    assert what.startswith(f"the sample times of series 2, 4, 6, {T + 1} to {T + 599}")
    store.close()


@pytest.mark.parametrize("position", [0, 5, 40, 90])
def test_a_flipped_bit_in_a_directory_costs_the_block(tmp_path: Path, position: int) -> None:
    filled(tmp_path)
    flip(tmp_path, "directory", position)
    store = opened(tmp_path)
    put(store, labels("m", {"n": "new"}), (T, 1.0))
    assert served(store) == {"new": [(T, 1.0)]}
    assert told(store) == [f"block 1: 1800 samples of series 1 to 6, {T} to {T + 599}"]
    store.close()


@pytest.mark.parametrize("column", ["start", "ending", "low", "samples", "rank"])
def test_a_changed_row_of_the_shelf_is_named(tmp_path: Path, column: str) -> None:
    filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        database.execute(f"UPDATE shelf SET {column} = {column} + 1")  # noqa: S608 - our own names
        database.commit()
    store = opened(tmp_path)
    assert served(store) == {}
    assert told(store) == ["block 1, as the shelf has it"]
    store.close()


def test_a_missing_block_is_named(tmp_path: Path) -> None:
    filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        database.execute("DELETE FROM blocks")
        database.commit()
    store = opened(tmp_path)
    assert served(store) == {}
    assert told(store)[0].startswith("block 1: 1800 samples")
    store.close()


def test_a_missing_journal_entry_is_named_and_adds_nothing_up(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for number in (1, 2, 3):
        put_histogram(store, T + number, Histogram(number, 1.0, 0, {1: number}))
    store.close()
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        database.execute("DELETE FROM journal WHERE seq = 2")
        database.commit()
    for _ in range(2):
        store = opened(tmp_path)
        assert series_of(store).times.tolist() == [T + 1]
        assert "a journal entry (row 2)" in told(store)
        store.close()


def test_what_a_metric_says_of_itself_is_never_another(tmp_path: Path) -> None:
    store = opened(tmp_path)
    told_of = [Metadata("up", Kind.GAUGE, "", "whether it is up"), Metadata("x", Kind.COUNTER)]
    store.append(Write("", [], [], [], metadata=told_of)).result()
    store.close()
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        database.execute("UPDATE metadata SET kind = 'gaugf' WHERE name = 'up'")
        database.commit()
    store = opened(tmp_path)
    assert list(store.metadata()) == ["x"]
    assert told(store) == ["what up says of itself"]
    store.close()


def test_an_exemplar_is_never_another(tmp_path: Path) -> None:
    store = opened(tmp_path)
    given = [Exemplar(UP, labels("", {"trace_id": name}), T, 1.0) for name in ("aa", "bb")]
    store.append(Write("", [UP], [T], [1.0], exemplars=given)).result()
    store.close()
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        database.execute("UPDATE exemplars SET body = replace(body, 'aa', 'ab')")
        database.commit()
    store = opened(tmp_path)
    assert store.exemplars([], *EVER) == [(UP, [given[1]])]
    assert told(store) == ["an exemplar of series 1 (row 1)"]
    store.close()


@pytest.mark.parametrize("empty", [False, True])
def test_a_lost_database_is_named(tmp_path: Path, empty: bool) -> None:
    filled(tmp_path)
    (tmp_path / "series.db").unlink()
    if empty:
        (tmp_path / "series.db").touch()
    store = opened(tmp_path)
    assert told(store) == ["series.db"]
    put(store, UP, (T, 1.0))
    store.close()
    store = opened(tmp_path)
    assert read(store) == [(T, 1.0)]
    assert told(store) == ["series.db"]
    store.close()


def crashed(tmp_path: Path) -> Path:
    """Return the files of a store as a kill would leave them."""
    store = opened(tmp_path / "live")
    for number in range(20):
        put(store, UP, (T + number, number))
    shutil.copytree(tmp_path / "live", tmp_path / "left")
    store.close()
    return tmp_path / "left"


def test_a_torn_end_of_the_log_loses_what_was_not_committed_and_no_more(tmp_path: Path) -> None:
    left = crashed(tmp_path)
    wal = left / "series.db-wal"
    end = 32 + log.last_commit(wal.read_bytes()) * FRAME
    wal.write_bytes(wal.read_bytes()[: end - 100])
    store = opened(left)
    assert read(store) == [(T + number, number) for number in range(19)]
    assert told(store) == []
    store.close()


def test_a_flipped_bit_within_the_log_is_named(tmp_path: Path) -> None:
    left = crashed(tmp_path)
    wal = left / "series.db-wal"
    content = bytearray(wal.read_bytes())
    content[32 + log.last_commit(wal.read_bytes()) * 3 // 4 * FRAME + 500] ^= 1
    wal.write_bytes(content)
    store = opened(left)
    found = read(store)
    assert found == [(T + number, number) for number in range(len(found))]
    assert 0 < len(found) < 20
    assert told(store) == ["the end of series.db-wal"]
    assert len(list(left.glob("series.db-wal.damaged-*"))) == 1
    store.close()


def test_a_long_log_that_a_kill_left_is_whole(tmp_path: Path) -> None:
    store = opened(tmp_path / "live")
    many = 300_000  # more than a thousand pages: opening it copies them, and begins the log anew
    times = T - np.arange(many)[::-1]
    owners = np.zeros(many, np.int64)
    store.append(Write("", [UP], times, np.arange(float(many)), owners=owners)).result()
    shutil.copytree(tmp_path / "live", tmp_path / "left")
    store.close()
    store = opened(tmp_path / "left")
    put(store, UP, (T + 1, 0.0))
    assert len(read(store)) == many + 1
    assert told(store) == []
    assert list((tmp_path / "left").glob("*.damaged-*")) == []
    store.close()


@pytest.mark.parametrize("seed", range(10))
def test_random_flips_in_the_body_make_no_wrong_value(tmp_path: Path, seed: int) -> None:
    filled(tmp_path)
    truth = {
        str(number): [(T + 2 * i + number % 2, i * 1.5 + number) for i in range(300)]
        for number in range(6)
    }
    draw = np.random.default_rng(seed)
    end = offsets(tmp_path)[1][-1]
    flip(tmp_path, "body", int(draw.integers(0, end)))
    store = opened(tmp_path)
    found = served(store)
    assert found.items() <= truth.items()
    assert len(found) == 6 or told(store)
    store.close()
