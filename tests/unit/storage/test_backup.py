import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchroom.model.event import Event
from watchroom.model.labels import labels
from watchroom.storage.contract import EVER, Matcher, StoreUnavailable, Write
from watchroom.storage.embedded import EmbeddedStore, StoreLocked, backup
from watchroom.storage.embedded.backup import CannotCopy

NOW = 1_700_000_000.0
T = int(NOW * 1000)
UP = labels("up", {"job": "a"})
ALL = [Matcher("__name__", "=", "up")]


def opened(directory: Path) -> EmbeddedStore:
    return EmbeddedStore(directory, sync=False, now=lambda: NOW)


def put(store: EmbeddedStore, *samples: tuple[int, float], name: str = "") -> None:
    times, values = [time for time, _ in samples], [value for _, value in samples]
    store.append(Write(name, [UP] * len(samples), times, values)).result()


def values(store: EmbeddedStore) -> list[float]:
    return [value for each in store.select(ALL, *EVER) for value in each.values.tolist()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Iterator[EmbeddedStore]:
    store = opened(data)
    yield store
    store.close()


def test_a_copy_of_an_open_store_shows_one_moment(
    store: EmbeddedStore, data: Path, tmp_path: Path
) -> None:
    put(store, (T, 1.0))
    store.seal()
    put(store, (T + 1, 2.0))
    assert backup.backup(data, tmp_path / "copy") > 0
    put(store, (T + 2, 3.0))
    copy = opened(tmp_path / "copy")
    assert values(copy) == [1.0, 2.0]
    copy.close()


def test_writes_go_on_while_a_copy_is_taken(
    store: EmbeddedStore, data: Path, tmp_path: Path
) -> None:
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            put(store, (T - 10_000 + number, 1.0))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup.backup(data, tmp_path / str(number))
    finally:
        ended.set()
        writer.join()
    lengths = []
    for number in range(5):
        copy = opened(tmp_path / str(number))
        lengths.append(len(values(copy)))
        assert copy.statistics()["damage"] == []
        copy.close()
    assert lengths == sorted(lengths)


def test_a_copy_goes_into_an_empty_folder_only(
    store: EmbeddedStore, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").touch()
    with pytest.raises(CannotCopy, match="not empty; name a new folder"):
        backup.backup(data, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["note"]


def test_what_is_no_store_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(CannotCopy, match=r"there is no series\.db in it"):
        backup.backup(tmp_path, tmp_path / "copy")
    (tmp_path / "series.db").write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(CannotCopy, match="not a database"):
        backup.backup(tmp_path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_copy_becomes_the_store_of_a_new_folder(
    store: EmbeddedStore, data: Path, tmp_path: Path
) -> None:
    put(store, (T, 1.0))
    backup.backup(data, tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "new", replace=False)
    new = opened(tmp_path / "new")
    assert values(new) == [1.0]
    new.close()


def test_a_store_is_replaced_only_when_asked_and_then_kept(data: Path, tmp_path: Path) -> None:
    store = opened(data)
    put(store, (T, 1.0))
    backup.backup(data, tmp_path / "copy")
    put(store, (T + 1, 2.0))
    store.close()
    with pytest.raises(CannotCopy, match="--replace"):
        backup.restore(tmp_path / "copy", data, replace=False)
    backup.restore(tmp_path / "copy", data, replace=True, now=lambda: NOW)
    restored = opened(data)
    assert values(restored) == [1.0]
    restored.close()
    (tmp_path / "kept").mkdir()
    (data / f"series.db.replaced-{int(NOW)}").rename(tmp_path / "kept" / "series.db")
    kept = opened(tmp_path / "kept")
    assert values(kept) == [1.0, 2.0]
    kept.close()


def test_an_open_store_is_not_replaced_behind_its_back(
    store: EmbeddedStore, data: Path, tmp_path: Path
) -> None:
    put(store, (T, 1.0))
    backup.backup(data, tmp_path / "copy")
    with pytest.raises(StoreLocked):
        backup.restore(tmp_path / "copy", data, replace=True)


def test_an_open_store_becomes_what_a_copy_holds(
    store: EmbeddedStore, data: Path, tmp_path: Path
) -> None:
    put(store, (T, 1.0), name="first")
    backup.backup(data, tmp_path / "copy")
    other = labels("other", {"job": "a"})
    store.append(Write("second", [other], [T], [5.0], events=[Event("e", T, {})])).result()
    assert store.restore(tmp_path / "copy") == 1
    assert values(store) == [1.0]
    assert store.select([Matcher("__name__", "=", "other")], *EVER) == []
    assert store.label_values("__name__") == ["up"]
    assert store.events(*EVER) == []
    # What was acknowledged since is news again, what was in the copy is not.
    assert store.append(Write("first", [UP], [T], [1.0])).result().duplicate
    assert not store.append(Write("second", [UP], [T + 1], [2.0])).result().duplicate
    assert values(store) == [1.0, 2.0]


def test_a_restored_store_is_restored_after_a_restart_too(data: Path, tmp_path: Path) -> None:
    store = opened(data)
    put(store, (T, 1.0))
    backup.backup(data, tmp_path / "copy")
    put(store, (T + 1, 2.0))
    store.restore(tmp_path / "copy")
    put(store, (T + 2, 3.0))
    store.close()
    again = opened(data)
    assert values(again) == [1.0, 3.0]
    again.close()
    (tmp_path / "kept").mkdir()
    (data / f"series.db.replaced-{int(NOW)}").rename(tmp_path / "kept" / "series.db")
    kept = opened(tmp_path / "kept")
    assert values(kept) == [1.0, 2.0]
    kept.close()


def test_a_copy_of_another_layout_changes_nothing(store: EmbeddedStore, tmp_path: Path) -> None:
    put(store, (T, 1.0))
    with pytest.raises(CannotCopy, match="no store"):
        store.restore(tmp_path / "nowhere")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "series.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises((CannotCopy, StoreUnavailable)):
        store.restore(tmp_path / "odd")
    assert values(store) == [1.0]


@pytest.mark.parametrize("page", range(1, 40, 3))
def test_a_damaged_copy_changes_nothing(store: EmbeddedStore, tmp_path: Path, page: int) -> None:
    source = opened(tmp_path / "source")
    many = [labels("up", {"job": "a", "pod": str(number)}) for number in range(2_000)]
    source.append(Write("", many, [T] * len(many), [1.0] * len(many))).result()
    source.close()
    backup.backup(tmp_path / "source", tmp_path / "copy")
    file = tmp_path / "copy" / "series.db"
    body = file.read_bytes()
    file.write_bytes(body[: page * 4096] + bytes(4096) + body[(page + 1) * 4096 :])
    put(store, (T, 7.0))
    with pytest.raises(CannotCopy, match=r"series\.db"):
        store.restore(tmp_path / "copy")
    with pytest.raises(CannotCopy, match=r"series\.db"):
        backup.restore(tmp_path / "copy", tmp_path / "other", replace=False)
    put(store, (T + 1, 8.0))
    assert values(store) == [7.0, 8.0]
    assert list((tmp_path / "data").glob("series.db.replaced-*")) == []
