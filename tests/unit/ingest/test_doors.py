"""The doors for remote write and text, on a real store and on one that is closed."""

import time
from collections.abc import Iterator
from pathlib import Path

import cramjam
import pytest
from tests.unit.ingest.remote.schema import ONE

from watchroom.ingest.body import BodyMalformed, UnknownEncoding
from watchroom.ingest.door import Door
from watchroom.ingest.guard import OTHER, Caps, Guard
from watchroom.ingest.guarded import Guarded
from watchroom.ingest.remote.door import RemoteWrite, Version, Written
from watchroom.ingest.remote.wire import Malformed
from watchroom.ingest.text import TextError
from watchroom.ingest.text_import import Options, TextImport
from watchroom.model.labels import labels, value_of
from watchroom.runtime.clock import SystemClock
from watchroom.storage.contract import FloatSeries, Matcher, StoreUnavailable
from watchroom.storage.embedded import EmbeddedStore

CLOCK = SystemClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "data", sync=False)
    yield opened
    opened.close()


@pytest.fixture
def guarded(store: EmbeddedStore) -> Guarded:
    return Guarded(store, Guard(store, CLOCK, Caps(1000, 100)))


def now() -> int:
    return int(time.time() * 1000)


def request(count: int, value: float, moment: int, *, histograms: bool = False) -> bytes:
    message = ONE["WriteRequest"]()
    for number in range(count):
        series = message.timeseries.add()
        series.labels.add(name="__name__", value="hits_total")
        series.labels.add(name="job", value="web")
        series.labels.add(name="user", value=str(number))
        series.samples.add(timestamp=moment, value=value)
        if histograms:
            series.histograms.add(timestamp=moment, sum=1.0)
    return bytes(cramjam.snappy.compress_raw(message.SerializeToString()))


def found(store: EmbeddedStore, name: str) -> dict[str, float]:
    """Return the last value of each series of a name, by its user."""
    return {
        value_of(series.labels, "user"): float(series.values[-1])
        for series in store.select([Matcher("__name__", "=", name)], 0, now() + 1)
        if isinstance(series, FloatSeries)
    }


async def test_remote_write_counts_what_it_wrote(guarded: Guarded) -> None:
    door = RemoteWrite(guarded)
    written = await door.take(request(3, 1.0, now()), "snappy", Version.ONE)
    assert written == Written(3, 0, 0, ())
    old = await door.take(request(2, 1.0, 5), "snappy", Version.ONE)
    assert (old.samples, len(old.rejected)) == (0, 1)
    figures = door.statistics()
    assert (figures.requests, figures.samples, figures.refused_samples) == (2, 3, 2)
    assert door.known() == 3


async def test_beyond_the_limit_remote_write_is_folded_and_all_is_counted(
    guarded: Guarded, store: EmbeddedStore
) -> None:
    door = RemoteWrite(guarded)
    for round_ in (1, 2):
        for moment in (now() - 5000, now() - 5000 + round_):
            body = request(300, 2.0 * round_, moment)
            assert (await door.take(body, "snappy", Version.ONE)).samples == 300
    totals = found(store, "hits_total")
    assert sum(totals.values()) == 1200
    assert totals[OTHER] == 800
    assert len(totals) == 101


async def test_the_known_label_sets_are_asked_for_again_in_a_new_window(
    guarded: Guarded,
) -> None:
    door = RemoteWrite(guarded)
    await door.take(request(3, 1.0, now()), "snappy", Version.ONE)
    guarded.guard.epoch += 1
    await door.take(request(2, 1.0, now()), "snappy", Version.ONE)
    assert door.known() == 2


@pytest.mark.parametrize(
    ("body", "encoding", "error"),
    [
        (b"\x00\xff", "snappy", BodyMalformed),
        (b"\x00", "br", UnknownEncoding),
        (bytes(cramjam.snappy.compress_raw(b"\x0a\x09")), "snappy", Malformed),
    ],
)
async def test_what_cannot_be_read_is_counted(
    guarded: Guarded, body: bytes, encoding: str, error: type[Exception]
) -> None:
    door = RemoteWrite(guarded)
    with pytest.raises(error):
        await door.take(body, encoding, Version.ONE)
    assert door.statistics().refused_requests == 1


async def test_a_store_that_cannot_write_keeps_nothing_and_says_so(
    guarded: Guarded, store: EmbeddedStore
) -> None:
    doors: list[Door] = [RemoteWrite(guarded), TextImport(guarded, CLOCK)]
    store.close()
    with pytest.raises(StoreUnavailable):
        await doors[0].take(request(1, 1.0, now()), "snappy", Version.ONE)  # type: ignore[attr-defined]
    with pytest.raises(StoreUnavailable):
        await doors[1].take(b"a 1\n", "", Options())  # type: ignore[attr-defined]
    for door in doors:
        assert door.statistics().failed_requests == 1
        assert "closed" in door.statistics().failure


async def test_text_gets_times_and_labels(guarded: Guarded, store: EmbeddedStore) -> None:
    door = TextImport(guarded, CLOCK)
    moment = now() - 60_000
    body = f'a{{user="1",job="x"}} 1\na{{user="2"}} 2 {moment}\n'.encode()
    options = Options(extra=(("job", "import"),), time=moment + 5)
    for _ in range(2):
        assert (await door.take(body, "", options)).samples == 2
    series = store.select([Matcher("__name__", "=", "a")], 0, now())
    assert {each.labels: each.times.tolist() for each in series} == {
        labels("a", {"job": "import", "user": "1"}): [moment + 5],
        labels("a", {"job": "import", "user": "2"}): [moment],
    }


async def test_openmetrics_brings_exemplars(guarded: Guarded, store: EmbeddedStore) -> None:
    door = TextImport(guarded, CLOCK)
    long = "x" * 200
    body = (
        f'a_total 1 # {{trace="abc"}} 0.5\nb_total 1 # {{trace="{long}"}} 0.5\n# EOF\n'
    ).encode()
    receipt = await door.take(body, "", Options(openmetrics=True))
    assert "128 characters" in receipt.rejected[0]
    rows = store.exemplars([Matcher("__name__", "=~", ".*_total")], 0, now() + 1)
    assert [each.labels for _, kept in rows for each in kept] == [(("trace", "abc"),)]


async def test_a_wrong_line_keeps_nothing(guarded: Guarded, store: EmbeddedStore) -> None:
    door = TextImport(guarded, CLOCK)
    with pytest.raises(TextError, match="line 2"):
        await door.take(b"a 1\nwrong\n", "", Options())
    assert store.series([], 0, now()) == []


async def test_many_sources_are_not_all_remembered(guarded: Guarded) -> None:
    door = TextImport(guarded, CLOCK)
    for number in range(50):
        await door.take(b"a 1\n", "", Options(extra=(("job", str(number)),)))
        assert len(door._sources) <= 16
