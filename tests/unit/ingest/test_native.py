"""The native door in, on a real store and on one that cannot write."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest

from watchroom.ingest.native import Ingest
from watchroom.model.kind import Kind
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import Matcher, Receipt, StoreUnavailable, Write
from watchroom.storage.embedded import EmbeddedStore
from watchroom.wire.batch import Batch, Metric, Occurrence, Point, encode


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "data", now=clock.now)
    yield opened
    opened.close()


def batch(clock: ManualClock) -> Batch:
    now = int(clock.now() * 1000)
    metric = Metric("orders_total", Kind.COUNTER, "", "", [], [Point([], 3.0, True)])
    return Batch(
        id="b1", service="shop", instance="host:1", time=now, previous=now - 1000, metrics=[metric]
    )


async def test_a_batch_is_durable_once_and_announced(
    store: EmbeddedStore, clock: ManualClock
) -> None:
    heard: list[tuple[str, str]] = []
    door = Ingest(store, clock, announce=lambda *source: heard.append(source))
    body = encode(batch(clock))
    first, second = await door.take(body), await door.take(body)
    assert (first.accepted, first.duplicate) == (2, False)
    assert second.duplicate is True
    assert heard == [("shop", "host:1")]
    statistics = door.statistics()
    assert (statistics.batches, statistics.duplicates, statistics.sources) == (2, 1, 1)
    assert statistics.bytes == 2 * len(body)


@pytest.mark.parametrize("ahead", [0, 599])
async def test_a_clock_a_little_ahead_is_taken(
    store: EmbeddedStore, clock: ManualClock, ahead: int
) -> None:
    door = Ingest(store, clock)
    late = batch(clock)
    body = encode(msgspec.structs.replace(late, time=late.time + ahead * 1000))
    assert (await door.take(body)).accepted == 2


async def test_a_clock_far_ahead_is_read_as_the_servers(
    store: EmbeddedStore, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    door = Ingest(store, clock)
    now = int(clock.now() * 1000)
    for number in range(3):
        ahead = 3_600_000 + number
        sent = msgspec.structs.replace(
            batch(clock),
            id=f"b{number}",
            time=now + ahead,
            previous=now + ahead - 500,
            events=[Occurrence("note", now + ahead - 100, "INFO", {})],
        )
        assert (await door.take(encode(sent))).rejected == []
    (series,) = store.select([Matcher("__name__", "=", "orders_total")], 0, now + 10**9)
    assert series.times.tolist() == [now - 500, now]
    assert {event.time for event in store.events(0, now + 10**9)} == {now - 100}
    assert [record.getMessage() for record in caplog.records] == [
        "the clock of shop, process host:1, is 3600 s ahead: its batches get this server's time"
    ]


class FullDisk(EmbeddedStore):
    """A store whose disk is full until it is not."""

    full = True

    def append(self, write: Write) -> Future[Receipt]:
        if not self.full:
            return super().append(write)
        failed: Future[Receipt] = Future()
        failed.set_exception(StoreUnavailable("no space left", full=True))
        return failed


async def test_a_full_disk_acknowledges_nothing_and_heals(
    tmp_path: Path, clock: ManualClock
) -> None:
    store = FullDisk(tmp_path / "full", now=clock.now)
    try:
        door = Ingest(store, clock)
        body = encode(batch(clock))
        with pytest.raises(StoreUnavailable):
            await door.take(body)
        assert door.statistics().failure == "no space left"
        store.full = False
        reply = await door.take(body)
        assert (reply.accepted, reply.duplicate) == (2, False)
        assert door.statistics().failure == ""
    finally:
        store.close()
