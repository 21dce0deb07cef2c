"""T5: the text of 100,000 series, beside prometheus_client, and how long the event loop waits.

Both write the same samples: 100 metrics of 1,000 label sets with three labels, values with full
mantissas. The stall is by how much the latest of the ticks due every millisecond came late while
the text went out in chunks through Starlette; the median of some runs, since other programs make a
machine late, too: the same without any text stands beside it.
"""

import asyncio
import random
import statistics
import time
from collections.abc import MutableMapping
from typing import Any

import numpy as np
from benchmarks.harness import Row, compare, cpu, peer, show
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.responses import StreamingResponse

from watchroom.api.exposition import LabelText, write
from watchroom.model.labels import Labels, labels

METRICS, CHILDREN = 100, 1000
SERIES = METRICS * CHILDREN
RATIO, STALL_SECONDS = 0.2, 0.005
TICK = 0.001
RUNS = 7


def samples() -> tuple[list[Labels], NDArray[np.float64], CollectorRegistry]:
    """Return the same samples as arrays and as a registry of the peer."""
    draw = random.Random(5)
    registry = CollectorRegistry()
    series, values = [], []
    for metric in range(METRICS):
        gauge = Gauge(f"m{metric}_bytes", "help", ["instance", "path", "code"], registry=registry)
        for child in range(CHILDREN):
            pairs = {"instance": f"h{child}:9100", "path": f"/a/{child % 37}", "code": "200"}
            values.append(draw.random() * 1000)
            gauge.labels(**pairs).set(values[-1])
            series.append(labels(f"m{metric}_bytes", pairs))
    return series, np.array(values), registry


async def lateness(response: StreamingResponse | None) -> float:
    """Return the seconds that the latest tick was late while a response went out."""
    worst = 0.0
    done = asyncio.Event()

    async def tick() -> None:
        nonlocal worst
        while not done.is_set():
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            worst = max(worst, time.perf_counter() - due)

    ticking = asyncio.create_task(tick())
    await (_send(response) if response else asyncio.sleep(0.2))
    done.set()
    await ticking
    return worst


async def _send(response: StreamingResponse) -> None:
    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(_message: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(0)

    await response({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)


def rows() -> list[Row]:
    series, values, registry = samples()
    cache = LabelText()

    def text() -> bytes:
        return b"".join(write(series, values, kinds={}, cache=cache))

    def stalls(busy: bool) -> float:
        runs = [
            asyncio.run(
                lateness(
                    StreamingResponse(write(series, values, kinds={}, cache=cache))
                    if busy
                    else None
                )
            )
            for _ in range(RUNS)
        ]
        return statistics.median(runs)

    figures = compare(
        {
            "ours": lambda: cpu(text, 1),
            "ours, first time": lambda: cpu(lambda: b"".join(write(series, values, kinds={})), 1),
            "peer": lambda: cpu(lambda: generate_latest(registry), 1),
        },
        rounds=3,
    )
    ours, first, theirs = figures["ours"], figures["ours, first time"], figures["peer"]
    quiet, busy = stalls(busy=False), stalls(busy=True)
    return [
        Row(
            "T5",
            f"text of {SERIES:,} series",
            f"{ours.median * 1e3:.0f} ms; {first.median * 1e3:.0f} ms for the first time",
            peer("prometheus-client"),
            f"{theirs.median * 1e3:.0f} ms",
            ours.median / theirs.median,
            RATIO,
            "memcpy",
        ),
        Row(
            "T5",
            f"event loop late while it goes out ÷ {STALL_SECONDS * 1e3:.0f} ms",
            f"{busy * 1e3:.2f} ms",
            "an idle loop",
            f"{quiet * 1e3:.2f} ms",
            busy / STALL_SECONDS,
            1.0,
            "an idle loop",
        ),
    ]


if __name__ == "__main__":
    show(rows())
