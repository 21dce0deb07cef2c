"""Bytes per sample and select times of the embedded store: `python -m benchmarks.store_size`.

The data: 2,000 series over 6 h, one sample every 5 s (8.64 M samples), a quarter each of counters,
gauges with two decimals, flags, and floats of full entropy. The floor is pcodec over each whole
column, with nothing around it.
"""

import resource
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from watchroom.model.labels import Labels, labels
from watchroom.storage.contract import Matcher, Receipt, Write
from watchroom.storage.embedded import EmbeddedStore
from watchroom.storage.embedded.codec import SMALL, compress

SERIES = 2_000
STEP_MS = 5_000
STEPS = 6 * 3600 * 1000 // STEP_MS
STEPS_PER_WRITE = 5
WRITES_UNDER_WAY = 4
START = 1_699_920_000_000
"""Midnight: blocks hold a day at most."""
END = START + STEPS * STEP_MS
REPEATS = 9


def values() -> NDArray[np.float64]:
    """Return one row per series."""
    random = np.random.default_rng(1)
    shape = (SERIES // 4, STEPS)
    counters = np.cumsum(random.poisson(20, shape), axis=1)
    gauges = np.round(50 + np.cumsum(random.normal(0, 0.3, shape), axis=1), 2)
    flags = (random.random(shape) < 0.01).astype(np.float64)
    floats = random.random(shape)
    return np.concatenate([counters, gauges, flags, floats])


def names() -> list[Labels]:
    """Return the labels of the series: four metrics of 500 instances."""
    kinds = ("counter_total", "gauge", "flag", "float")
    quarter = SERIES // 4
    return [
        labels(kinds[i // quarter], [("job", "bench"), ("instance", f"host:{i % quarter}")])
        for i in range(SERIES)
    ]


def fill(store: EmbeddedStore, columns: NDArray[np.float64]) -> float:
    """Write all samples as they would arrive; return the seconds."""
    series = names()
    owners = np.tile(np.arange(SERIES), STEPS_PER_WRITE)
    began = time.perf_counter()
    pending: deque[Future[Receipt]] = deque()
    for first in range(0, STEPS, STEPS_PER_WRITE):
        steps = np.arange(first, first + STEPS_PER_WRITE) + 1
        times = np.repeat(START + steps * STEP_MS, SERIES)
        part = columns[:, first : first + STEPS_PER_WRITE].T.reshape(-1)
        pending.append(store.append(Write(str(first), series, times, part, owners=owners)))
        if len(pending) > WRITES_UNDER_WAY:
            pending.popleft().result()
    for future in pending:
        future.result()
    return time.perf_counter() - began


def median_ms(work: Callable[[], object]) -> float:
    """Return the median time of some runs, the first left out."""
    taken = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken[1:])


def floor(columns: NDArray[np.float64]) -> float:
    """Return the bytes per sample of whole columns coded by pcodec, times included."""
    times = START + (np.arange(STEPS, dtype=np.int64) + 1) * STEP_MS
    return sum(len(compress([times, column], 0, SMALL)) for column in columns) / columns.size


def measure(folder: Path) -> list[tuple[str, str]]:
    """Return what was measured, line by line."""
    columns = values()
    now = END / 1000
    store = EmbeddedStore(folder, now=lambda: now)
    seconds = fill(store, columns)
    head = store.statistics()["head_samples"]
    store.compact()
    full = store.statistics()["bytes"]
    store.retain(START)  # gives back the pages that the journal held, as it does every 5 min
    chunks = store.statistics()["chunks"]
    store.close()
    size = sum(path.stat().st_size for path in folder.iterdir())
    began = time.perf_counter()
    store = EmbeddedStore(folder, now=lambda: now)
    opened = time.perf_counter() - began
    one = [Matcher("__name__", "=", "gauge"), Matcher("instance", "=", "host:7")]
    many = [Matcher("__name__", "=", "counter_total")]
    lines = [
        ("samples", f"{columns.size:,}"),
        ("written, each batch synced", f"{columns.size / seconds / 1e6:.2f} M samples/s"),
        ("in memory before the last seal", f"{head:,} samples"),
        ("samples per chunk", f"{columns.size / chunks:.0f}"),
        ("bytes per sample, after the last seal", f"{full / columns.size:.2f}"),
        ("bytes per sample, after a retention", f"{size / columns.size:.2f}"),
        ("  floor: pcodec over whole columns", f"{floor(columns):.2f}"),
        ("opened, nothing in the journal", f"{1000 * opened:.0f} ms"),
        ("1 series x 6 h", f"{median_ms(lambda: store.select(one, START, END)):.2f} ms"),
        ("500 series x 6 h", f"{median_ms(lambda: store.select(many, START, END)):.0f} ms"),
        (
            "500 series x 15 min",
            f"{median_ms(lambda: store.select(many, END - 900_000, END)):.1f} ms",
        ),
        ("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"),
    ]
    store.close()
    return lines


def main() -> None:
    """Print them."""
    with tempfile.TemporaryDirectory() as folder:
        for what, figure in measure(Path(folder) / "data"):
            print(f"{what:38}{figure}")


if __name__ == "__main__":
    main()
