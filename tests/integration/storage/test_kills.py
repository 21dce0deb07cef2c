"""Killed while it writes, seals and merges: nothing acknowledged is lost, nothing is doubled."""

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from watchroom.model.histogram import Histogram
from watchroom.model.labels import labels
from watchroom.storage.contract import EVER, FloatSeries, HistogramSeries, Matcher, Write
from watchroom.storage.embedded import EmbeddedStore, keeper, merging

KILLS = 80
NOW = 1_700_000_000.0
T = int(NOW * 1000) - 10_000_000
UP, H = labels("up"), labels("h")


def opened(folder: Path) -> EmbeddedStore:
    return EmbeddedStore(folder, sync=False, now=lambda: NOW)


def write_on(folder: Path, first: int, acknowledged: Connection) -> None:
    """Write numbered samples until the end comes, and say which ones are acknowledged."""
    keeper.SEAL_SAMPLES = 100
    merging.FAN = 3
    store = opened(folder)
    for number in range(first, first + 100_000):
        histogram = Histogram(number + 1, 1.0, 0, {number % 7: number + 1})
        series, times = [UP, labels("m", {"n": str(number % 5)})], [T + number, T + number]
        write = Write(f"w{number}", series, times, [number, number], [(H, T + number, histogram)])
        store.append(write).result()
        acknowledged.send(number)


def kill(context: multiprocessing.context.ForkServerContext, folder: Path, first: int) -> int:
    """Start a writer, kill it, and return the first number it did not acknowledge."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=write_on, args=(folder, first, theirs))
    process.start()
    theirs.close()
    last = ours.recv()
    for _ in range(random.Random(first).randrange(150)):
        last = ours.recv()
    process.kill()
    try:
        while True:
            last = ours.recv()
    except EOFError:
        process.join()
    return int(last) + 1


@pytest.mark.slow
def test_kill_while_it_seals_and_merges(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    following = 0
    for _ in range(KILLS):
        following = kill(context, tmp_path, following)
    store = opened(tmp_path)
    (up,) = store.select([Matcher("__name__", "=", "up")], *EVER)
    assert isinstance(up, FloatSeries)
    numbers = up.values.astype(int).tolist()
    assert numbers[:following] == list(range(following))
    assert (up.times - T).tolist() == numbers
    (h,) = store.select([Matcher("__name__", "=", "h")], *EVER)
    assert isinstance(h, HistogramSeries)
    assert (h.counts - 1).astype(int).tolist() == numbers
    parts = store.select([Matcher("__name__", "=", "m")], *EVER)
    assert sum(len(each.times) for each in parts) == len(numbers)
    assert store.append(Write("w0", [UP], [T], [0.0])).result().duplicate
    figures = store.statistics()
    assert figures["damage"] == []
    assert figures["blocks"] < following * 3 / 100
    store.close()
