"""Bits flip, pages break: what is served is right, what is lost is named."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.storage.test_store import NOW, T, opened, read_histograms

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.labels import labels
from watchroom.storage.contract import EVER, FloatSeries, Matcher, StoreUnavailable, Write
from watchroom.storage.embedded import EmbeddedStore

NAMES = [f"m{number}" for number in range(60)]


def damage(store: EmbeddedStore) -> list[str]:
    store.retain(0)  # the writer has done what was found
    return [each["what"] for each in store.statistics()["damage"]]


def change(folder: Path, table: str, column: str, old: str, new: str) -> None:
    with closing(sqlite3.connect(folder / "series.db")) as database:
        database.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (old, new))  # noqa: S608 - our own names
        database.commit()


def test_a_label_is_never_another(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for tenant in ("acme-corp", "other"):
        store.append(Write("", [labels("up", {"tenant": tenant})], [T], [1.0])).result()
    store.close()
    change(tmp_path, "series", "labels", "acme-corp", "acmm-corp")
    store = opened(tmp_path)
    assert store.label_values("tenant") == ["other"]
    assert damage(store) == ["the labels of series 1"]
    store.append(Write("", [labels("up", {"tenant": "acme-corp"})], [T + 1], [2.0])).result()
    found = store.select([Matcher("tenant", "=", "acme-corp")], *EVER)
    assert [series.times.tolist() for series in found] == [[T + 1]]
    store.close()


@pytest.mark.parametrize(
    ("column", "old", "new"), [("payload", "1.2.3", "9.2.3"), ("job", "shop", "shoq")]
)
def test_an_event_is_never_another(tmp_path: Path, column: str, old: str, new: str) -> None:
    store = opened(tmp_path)
    events = [Event("deploy", T, {"version": "1.2.3"}, job="shop"), Event("deploy", T, {})]
    store.append(Write("", [], [], [], events=events)).result()
    store.close()
    change(tmp_path, "events", column, old, new)
    store = opened(tmp_path)
    assert [event.payload for event in store.events(*EVER)] == [{}]
    assert damage(store) == ["event deploy (row 1)"]
    store.close()


def test_a_lost_histogram_makes_no_wrong_buckets(tmp_path: Path) -> None:
    h = labels("h")
    store = opened(tmp_path)
    for number in (5, 7, 9):
        value = Histogram(number, 1.0, 0, {1: number})
        store.append(Write("", [], [], [], [(h, T + number, value)])).result()
    store.close()
    with closing(sqlite3.connect(tmp_path / "series.db")) as database:
        row, body = database.execute("SELECT seq, body FROM journal WHERE seq = 2").fetchone()
        flipped = body[:-1] + bytes([body[-1] ^ 1])
        database.execute("UPDATE journal SET body = ? WHERE seq = ?", (flipped, row))
        database.commit()
    store = opened(tmp_path)
    store.append(Write("", [], [], [], [(h, T + 12, Histogram(12, 1.0, 0, {1: 12}))])).result()
    assert read_histograms(store) == [(T + 5, {1: 5}), (T + 12, {1: 12})]
    assert damage(store) == [
        "a journal entry (row 2)",
        "histograms of series 1 behind a damaged journal entry",
    ]
    store.close()


def filled(folder: Path) -> None:
    draw = random.Random(1)
    store = EmbeddedStore(folder, sync=False, now=lambda: NOW)
    for block in range(3):
        for name in NAMES:
            times = [T + block * 1000 + step for step in range(200)]
            values = [draw.random() for _ in times]
            store.append(Write("", [labels(name)] * 200, times, values)).result()
        store.seal()
    store.close()
    with closing(sqlite3.connect(folder / "series.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def served(store: EmbeddedStore) -> dict[str, set[tuple[int, float]]]:
    found = {}
    for name in NAMES:
        try:
            series = store.select([Matcher("__name__", "=", name)], *EVER)
        except StoreUnavailable:
            continue
        for each in series:
            assert isinstance(each, FloatSeries)
            found[name] = set(zip(each.times.tolist(), each.values.tolist(), strict=True))
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    filled(folder)
    return folder


@pytest.mark.parametrize("seed", range(12))
def test_a_broken_page_makes_no_wrong_value(whole: Path, tmp_path: Path, seed: int) -> None:
    truth = served_of(whole, tmp_path / "truth")
    draw = random.Random(seed)
    content = bytearray((whole / "series.db").read_bytes())
    page = draw.randrange(1, len(content) // 4096) * 4096
    content[page + 64 : page + 576] = draw.randbytes(512)
    (tmp_path / "series.db").write_bytes(content)
    try:
        store = EmbeddedStore(tmp_path, sync=False, now=lambda: NOW)
    except StoreUnavailable:
        return
    found = served(store)
    assert all(values <= truth[name] for name, values in found.items())
    if found != truth:
        aside = list(tmp_path.glob("*damaged*"))
        assert aside or store.statistics()["damage"]
    store.close()


def served_of(whole: Path, folder: Path) -> dict[str, set[tuple[int, float]]]:
    folder.mkdir()
    (folder / "series.db").write_bytes((whole / "series.db").read_bytes())
    store = EmbeddedStore(folder, sync=False, now=lambda: NOW)
    truth = served(store)
    store.close()
    return truth
