"""T10: what the sync before each acknowledgement costs: samples per second with it and without.

The same writes of 10,000 samples go into two stores, some under way at a time as several senders
would have them; each answers when the write is durable, or only written. That nothing acknowledged
is lost is held by tests (`test_kills.py`, `test_kill.py`): 100 kills.
"""

import itertools
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benchmarks.harness import Row, compare, show
from benchmarks.store_size import END, SERIES, START, STEP_MS, names

from watchroom.storage.contract import Write
from watchroom.storage.embedded import EmbeddedStore

SAMPLES = 5
WRITES = 60
UNDER_WAY = 8
TARGET = 0.9


def writer(folder: Path, *, sync: bool) -> Callable[[], float]:
    """Return what writes a round into a store of its own, and returns the seconds per sample."""
    store = EmbeddedStore(folder, sync=sync, now=lambda: END / 1000)
    series, owners = names(), np.repeat(np.arange(SERIES), SAMPLES)
    chance, number = np.random.default_rng(10), itertools.count()

    def run() -> float:
        writes = []
        for _ in range(WRITES):
            steps = next(number) * SAMPLES + np.arange(SAMPLES)
            times = np.tile(START + steps % 4_000 * STEP_MS, SERIES)
            writes.append(Write("", series, times, chance.random(len(owners)), owners=owners))
        began = time.perf_counter()
        pending = deque(store.append(write) for write in writes[:UNDER_WAY])
        for write in writes[UNDER_WAY:]:
            pending.popleft().result()
            pending.append(store.append(write))
        for future in pending:
            future.result()
        return (time.perf_counter() - began) / (WRITES * len(owners))

    return run


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        found = compare(
            {
                "with": writer(Path(folder) / "with", sync=True),
                "without": writer(Path(folder) / "without", sync=False),
            }
        )
    synced, plain = (1.0 / found[name].median for name in ("with", "without"))
    return [
        Row(
            "T10",
            "samples per second, synced ÷ not",
            f"{synced / 1e6:.2f} M",
            "the same, not synced",
            f"{plain / 1e6:.2f} M",
            synced / plain,
            TARGET,
            "fsync",
            at_least=True,
        )
    ]


if __name__ == "__main__":
    show(rows())
