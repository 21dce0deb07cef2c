"""T5: the text of 100,000 series, beside prometheus_client, and how long the event loop waits.

Both write the same samples: 100 metrics of 1,000 label sets with three labels, values with full
mantissas. The stall is by how much the latest of the ticks due every millisecond came late while
`GET /federate` answered all of them from a store; the median of some runs, since other programs
make a machine late, too: the same without any request stands beside it.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from benchmarks.harness import Row, compare, cpu, peer, show
from fastapi import FastAPI
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from watchroom.api.exposition import LabelText, write
from watchroom.api.openapi import Schemas
from watchroom.api.prometheus import federate
from watchroom.model.labels import Labels, labels
from watchroom.server.run import settle
from watchroom.storage.contract import Write
from watchroom.storage.embedded import EmbeddedStore

METRICS, CHILDREN = 100, 1000
SERIES = METRICS * CHILDREN
RATIO, STALL_SECONDS = 0.2, 0.005
TICK = 0.001
RUNS = 5
_SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/federate",
    "query_string": urlencode({"match[]": '{code="200"}'}).encode(),
    "headers": [],
}


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


async def lateness(work: Callable[[], Awaitable[object]]) -> float:
    """Return the seconds that the latest tick was late while some work was done."""
    worst = 0.0
    done = asyncio.Event()

    async def tick() -> None:
        nonlocal worst
        while not done.is_set():
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            worst = max(worst, time.perf_counter() - due)

    ticking = asyncio.create_task(tick())
    await work()
    done.set()
    await ticking
    return worst


class Federation:
    """A store that holds the samples, and the route that answers them."""

    def __init__(self, folder: Path, series: list[Labels], values: NDArray[np.float64]) -> None:
        self.store = EmbeddedStore(folder, sync=False)
        now = np.full(len(series), int(time.time() * 1000), np.int64)
        self.store.append(Write("", series, now, values)).result()
        self._app = FastAPI()
        self._app.include_router(federate.router(self.store, time.time, Schemas()))

    async def get(self) -> int:
        """Ask for everything, as the HTTP server would; return how many bytes came."""
        size = 0

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal size
            size += len(message.get("body", b""))
            await asyncio.sleep(0)

        await self._app(_SCOPE, receive, send)
        if size < SERIES:
            raise SystemExit(f"/federate answered {size} bytes")
        return size


def stalls(work: Callable[[], Awaitable[object]]) -> float:
    return statistics.median(asyncio.run(lateness(work)) for _ in range(RUNS))


def rows() -> list[Row]:
    series, values, registry = samples()
    cache = LabelText()

    def text(remembered: LabelText | None) -> Callable[[], bytes]:
        return lambda: b"".join(write(series, values, kinds={}, cache=remembered))

    with tempfile.TemporaryDirectory() as folder:
        federation = Federation(Path(folder), series, values)
        settle()
        figures = compare(
            {
                "ours": lambda: cpu(text(cache), 1),
                "ours, first time": lambda: cpu(text(None), 1),
                "federate": lambda: cpu(lambda: asyncio.run(federation.get()), 1),
                "peer": lambda: cpu(lambda: generate_latest(registry), 1),
            },
            rounds=3,
        )
        quiet, busy = stalls(lambda: asyncio.sleep(1)), stalls(federation.get)
        federation.store.close()
    milli = {name: f"{figure.median * 1e3:.0f} ms" for name, figure in figures.items()}
    return [
        Row(
            "T5",
            f"text of {SERIES:,} series",
            f"{milli['ours']}; the first time {milli['ours, first time']}; "
            f"by /federate, the store's answer included, {milli['federate']}",
            peer("prometheus-client"),
            milli["peer"],
            figures["ours"].median / figures["peer"].median,
            RATIO,
            "memcpy",
        ),
        Row(
            "T5",
            f"event loop late while /federate answers ÷ {STALL_SECONDS * 1e3:.0f} ms",
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
