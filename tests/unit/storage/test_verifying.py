import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.labels import labels
from watchroom.storage.contract import Exemplar, StoreUnavailable, Write
from watchroom.storage.embedded import EmbeddedStore
from watchroom.storage.embedded.verifying import checked

NOW = 1_700_000_000.0
T = int(NOW * 1000)
OLD = T - 20 * 86_400_000
UP = labels("up", {"job": "a"})
LATENCY = labels("latency", {"job": "a"})


def fill(store: EmbeddedStore, start: int, name: str) -> None:
    times = [start + i * 1000 for i in range(600)]
    store.append(
        Write(
            name,
            [UP] * len(times),
            times,
            [float(i % 7) for i in range(len(times))],
            [(LATENCY, time, Histogram(i, i * 1.0, 0, {3: i})) for i, time in enumerate(times)],
            [Event("deploy", start, {"version": "1"})],
            exemplars=[Exemplar(UP, (("trace_id", "1"),), start, 1.0)],
        )
    ).result()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with coarse blocks, blocks, a journal, events and exemplars."""
    data = tmp_path / "data"
    store = EmbeddedStore(data, sync=False, now=lambda: NOW, retention_seconds=30 * 86_400.0)
    fill(store, OLD, "old")
    store.seal()
    store.retain(T - 10 * 86_400_000, T - 365 * 86_400_000)
    fill(store, T - 3_600_000, "new")
    store.seal()
    fill(store, T - 1_800_000, "newest")
    store.close()
    return data


def flip(data: Path, table: str, column: str, last: str) -> None:
    """Change one character or byte in the middle of the newest row, or the oldest."""
    with sqlite3.connect(data / "series.db") as database:
        place = f"FROM {table} ORDER BY 1 {last} LIMIT 1"
        (value,) = database.execute(f"SELECT {column} {place}").fetchone()
        middle = len(value) // 2
        part = value[middle : middle + 1]
        other = "A" if part != "A" else "B"
        changed = value[:middle] + (other if isinstance(value, str) else bytes([part[0] ^ 1]))
        changed += value[middle + 1 :]
        database.execute(
            f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT rowid {place})",  # noqa: S608
            (changed,),
        )
    database.close()


def found(data: Path) -> list[str]:
    return [f"{what}: {reason}" for what, reason in checked(data).findings]


def test_a_whole_store_is_found_whole(data: Path) -> None:
    verdict = checked(data)
    assert verdict.findings == verdict.aside == ()
    assert (verdict.series, verdict.blocks, verdict.journal, verdict.events) == (2, 2, 1, 2)
    assert verdict.samples > 1200


def test_a_store_is_checked_while_it_is_open(data: Path) -> None:
    store = EmbeddedStore(data, sync=False, now=lambda: NOW)
    assert checked(data).findings == ()
    store.close()


@pytest.mark.parametrize(
    ("table", "column", "last", "named"),
    [
        ("series", "labels", "ASC", "series, row 1: checksum"),
        ("journal", "body", "DESC", "journal, row"),
        ("events", "payload", "DESC", "events, row 2: checksum"),
        ("exemplars", "body", "DESC", "exemplars, row"),
        ("blocks", "directory", "DESC", "checksum mismatch"),
        ("blocks", "body", "DESC", "checksum mismatch"),
        ("blocks", "body", "ASC", "checksum mismatch"),
    ],
)
def test_what_is_damaged_is_named(
    data: Path, table: str, column: str, last: str, named: str
) -> None:
    flip(data, table, column, last)
    assert any(named in each for each in found(data)), found(data)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE shelf SET samples = samples + 1 WHERE NOT coarse", "as the shelf has it"),
        ("DELETE FROM blocks WHERE id = (SELECT max(id) FROM blocks)", "it is missing"),
    ],
)
def test_what_does_not_fit_is_named(data: Path, statement: str, named: str) -> None:
    with sqlite3.connect(data / "series.db") as database:
        assert database.execute(statement).rowcount == 1
    database.close()
    assert any(named in each for each in found(data)), found(data)


def test_broken_pages_are_named(data: Path) -> None:
    file = data / "series.db"
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(size // 4096 // 2 * 4096)
        raw.write(b"\xff" * 4096)
    assert checked(data).findings


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda data: data.joinpath("series.db").unlink(), r"there is no series\.db"),
        (lambda data: data.joinpath("series.db").write_bytes(b"x" * 9000), "not a database"),
    ],
)
def test_what_is_no_store_is_said_to_be_none(
    data: Path, prepare: Callable[[Path], object], reason: str
) -> None:
    prepare(data)
    with pytest.raises(StoreUnavailable, match=reason):
        checked(data)
