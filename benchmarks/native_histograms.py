"""A quantile over the rates of many native histograms: our evaluator beside Prometheus.

Both hold the same series. Prometheus is asked over HTTP, we in this process: the answer is small,
and what is measured is the evaluation. `--series` and `--hours` make it smaller.
"""

import argparse
import contextlib
import json
import shutil
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import cramjam
import numpy as np
from benchmarks.harness import Row, compare, micro, show
from benchmarks.processes import free_port, get, running
from benchmarks.remote_write import HEADERS, field, varint
from numpy.typing import NDArray

from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels, labels
from watchroom.query.promql.engine import PromQL
from watchroom.storage.contract import Write
from watchroom.storage.embedded import EmbeddedStore

QUERY = "histogram_quantile(0.95, sum by (route) (rate(h[5m])))"
STEP = 15_000
BUCKETS = 100
SCALE = 3
EACH = 30
"""Observations of a series between two samples."""
AT_ONCE = 20
"""Samples of a series in one request."""

Counts = NDArray[np.int64]


def named(series: int) -> Labels:
    return labels("h", {"route": f"/{series % 10}", "instance": f"host-{series}"})


def blocks(series: int, samples: int) -> Iterator[tuple[int, Counts]]:
    """Yield a place and the bucket counts [samples, series, bucket] from there on."""
    draw = np.random.default_rng(1)
    counts = np.ones((series, BUCKETS), np.int64)
    for first in range(0, samples, AT_ONCE):
        block = np.empty((AT_ONCE, series, BUCKETS), np.int64)
        for at in range(AT_ONCE):
            columns = np.clip(draw.normal(50, 18, (series, EACH)), 0, BUCKETS - 1).astype(np.int64)
            np.add.at(counts, (np.arange(series)[:, None], columns), 1)
            block[at] = counts
        yield first, block


def request(first: int, block: Counts, start: int) -> bytes:
    """Return the remote write request of a block."""
    deltas = np.diff(block, axis=2, prepend=0)
    packed = _varints((deltas << 1) ^ (deltas >> 63))
    spans = field(11, varint(8) + varint(0) + varint(16) + varint(BUCKETS))
    body = bytearray()
    for series in range(block.shape[1]):
        message = b"".join(
            field(1, field(1, name.encode()) + field(2, value.encode()))
            for name, value in named(series)
        )
        for at in range(AT_ONCE):
            total = int(block[at, series].sum())
            message += field(
                4,
                varint(8) + varint(total) + b"\x19" + struct.pack("<d", total * 1.5)
                + varint(32) + varint(SCALE << 1) + varint(48) + varint(0)
                + spans + field(12, packed[at, series])
                + varint(120) + varint(start + (first + at) * STEP),
            )  # fmt: skip
        body += field(1, message)
    return bytes(cramjam.snappy.compress_raw(bytes(body)))


def _varints(values: Counts) -> NDArray[np.object_]:
    """Return the packed bytes of the last axis; values are below 2^21."""
    flat = values.reshape(-1)
    pieces = np.stack((flat & 0x7F, flat >> 7 & 0x7F, flat >> 14), axis=1).astype(np.uint8)
    length = 1 + (flat > 0x7F) + (flat > 0x3FFF)
    pieces[:, 0] |= np.where(length > 1, 0x80, 0).astype(np.uint8)
    pieces[:, 1] |= np.where(length > 2, 0x80, 0).astype(np.uint8)
    data = pieces[np.arange(3) < length[:, None]].tobytes()
    ends = np.cumsum(length.reshape(-1, values.shape[-1]).sum(axis=1)).tolist()
    found = np.empty(len(ends), object)
    found[:] = [data[low:high] for low, high in zip([0, *ends], ends, strict=False)]
    return found.reshape(values.shape[:-1])


def stored(first: int, block: Counts, start: int) -> Write:
    """Return the same block as a write to our store."""
    histograms = [
        (named(series), start + (first + at) * STEP, _histogram(block[at, series]))
        for at in range(AT_ONCE)
        for series in range(block.shape[1])
    ]
    return Write(f"block-{first}", [], [], [], histograms)


def _histogram(counts: Counts) -> Histogram:
    # Prometheus' first bucket has the index 0, which is -1 here
    total = int(counts.sum())
    return Histogram(total, total * 1.5, 0, dict(enumerate(counts.tolist(), -1)), {}, SCALE)


@contextlib.contextmanager
def prometheus(folder: Path) -> Iterator[int]:
    """Run Prometheus in a folder; yield its port."""
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text("{}\n")
    command = (
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--enable-feature=native-histograms",
        "--log.level=error",
    )
    with running(command, folder / "prometheus.log", lambda: get(port, "/-/ready")):
        yield port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=500)
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    samples = round(asked.hours * 3600_000 / STEP)
    end = int(time.time() * 1000) // 60_000 * 60_000
    start = end - samples * STEP
    folder = Path(tempfile.mkdtemp())
    store = EmbeddedStore(folder / "ours", sync=False)
    try:
        with prometheus(folder) as port:
            connection = HTTPConnection("127.0.0.1", port, timeout=600)
            for first, block in blocks(asked.series, samples):
                connection.request("POST", "/api/v1/write", request(first, block, start), HEADERS)
                answer = connection.getresponse()
                if answer.read() or answer.status != 204:
                    raise SystemExit(f"Prometheus refused a request: {answer.status}")
                store.append(stored(first, block, start)).result(60)
            show([_row(asked.series, _ours(store, start, end), _theirs(port, start, end))])
    finally:
        store.close()
        shutil.rmtree(folder)


def _row(series: int, ours: Callable[[], float], theirs: Callable[[], float]) -> Row:
    figures = compare({"ours": ours, "Prometheus": theirs}, rounds=2)
    mine, peer = figures["ours"], figures["Prometheus"]
    what = f"{QUERY}, {series} series"
    ratio = mine.median / peer.median
    return Row("T8h", what, micro(mine), "Prometheus 2.42", micro(peer), ratio, 1.0, "decode")


def _ours(store: EmbeddedStore, start: int, end: int) -> Callable[[], float]:
    engine = PromQL(store)

    def ask() -> float:
        started = time.perf_counter()
        answer = engine.range(QUERY, start, end, 60_000)
        taken = time.perf_counter() - started
        assert len(answer.series) == 10
        return taken

    return ask


def _theirs(port: int, start: int, end: int) -> Callable[[], float]:
    asked = {"query": QUERY, "start": start / 1000, "end": end / 1000, "step": 60}

    def ask() -> float:
        started = time.perf_counter()
        answer = json.loads(get(port, f"/api/v1/query_range?{urlencode(asked)}"))
        taken = time.perf_counter() - started
        assert len(answer["data"]["result"]) == 10
        return taken

    return ask


if __name__ == "__main__":
    main()
