"""T8: range queries while samples arrive; beside Prometheus and VictoriaMetrics.

All three servers share one core, the asking process has the other. Each holds the same 2,000
series of six hours with a sample every five seconds, and goes on taking in 2,000 samples a second.
Times are whole: from the request to the last byte of the answer. The CPU that a server takes for an
answer is measured first, with nothing arriving. The servers must answer the same before they are
timed; VictoriaMetrics computes rates otherwise, and is held to a hundredth there.
"""

import contextlib
import json
import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
from benchmarks import remote_write
from benchmarks.harness import ROUNDS, Row, show
from benchmarks.processes import cpu_seconds, get
from benchmarks.t06_remote_write import Contestant, labels, started, victoria_version
from benchmarks.t21_server import prometheus_version

SERIES = 2_000
STEP_MS = 5_000
HOURS = 6
AT_ONCE = 60
"""Samples of a series in one request."""
ASKED = 20
"""How often each query is asked there and back."""
TARGETS = {"prometheus": 0.5, "victoria-metrics": 1.0}
MAIN = "watchroom"


class Question(NamedTuple):
    """A range query over the six hours, by step in seconds."""

    what: str
    query: str
    step: int
    near: float
    """How far VictoriaMetrics may be away."""


QUESTIONS = (
    Question("1 series x 6 h at 15 s", 'bench_7_seconds_total{shard="7"}', 15, 1e-9),
    Question(
        "sum(rate(x[5m])), 500 series x 6 h at 60 s",
        'sum(rate({__name__=~"bench_[0-4]_seconds_total"}[5m]))',
        60,
        1e-2,
    ),
    Question(
        "avg_over_time(x[5m]), 2,000 series x 6 h at 60 s",
        'avg_over_time({job="bench"}[5m])',
        60,
        1e-2,
    ),
)


class Data:
    """Six hours of counters, and what comes after them; times lie beside every window's edge."""

    def __init__(self) -> None:
        now = int(time.time() * 1000) // 60_000 * 60_000
        self.start, self.end = now - HOURS * 3_600_000, now
        self._chance = np.random.default_rng(8)
        self._counts = np.zeros((SERIES, 1))
        self._blocks = remote_write.Requests(labels(), AT_ONCE)
        self._single = remote_write.Requests(labels())

    def bodies(self) -> Iterator[bytes]:
        """Yield the requests that fill a server."""
        for first in range(self.start + STEP_MS // 2, self.end, AT_ONCE * STEP_MS):
            times = [first + place * STEP_MS for place in range(AT_ONCE)]
            yield self._blocks.body(self._values(AT_ONCE), times)

    def next(self) -> bytes:
        """Return a request with one sample of each series, now."""
        return self._single.body(self._values(1), [int(time.time() * 1000)])

    def _values(self, samples: int) -> Any:
        steps = self._chance.integers(0, 100, (SERIES, samples)) / 4
        values = self._counts + np.cumsum(steps, axis=1)
        self._counts = values[:, -1:]
        return values


@contextlib.contextmanager
def arriving(servers: Sequence[Contestant], data: Data) -> Iterator[None]:
    """Send every server a sample of each series a second meanwhile."""
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(1.0):
            body = data.next()
            for server in servers:
                server.door.post(body)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def path(question: Question, data: Data) -> str:
    """Return the path of a question; it ends at the last full minute that all have."""
    asked = {
        "query": question.query,
        "start": data.start / 1000 + 600,
        "end": data.end / 1000 - 60,
        "step": question.step,
    }
    return f"/api/v1/query_range?{urlencode(asked)}"


def answer(server: Contestant, question: Question, data: Data) -> dict[str, list[Any]]:
    """Return the values of an answer by series."""
    found = json.loads(get(server.port, path(question, data)))["data"]["result"]
    return {json.dumps(_nameless(each["metric"]), sort_keys=True): each["values"] for each in found}


def _nameless(metric: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in metric.items() if name != "__name__"}


def check(servers: Sequence[Contestant], question: Question, data: Data) -> None:
    """Stop where a server answers otherwise than ours."""
    mine, *others = (answer(server, question, data) for server in servers)
    for server, theirs in zip(servers[1:], others, strict=True):
        near = 1e-9 if server.name == "prometheus" else question.near
        if mine.keys() != theirs.keys():
            raise SystemExit(f"{server.name} has other series for {question.query}")
        for key, values in mine.items():
            if not _same(values, theirs[key], near):
                raise SystemExit(f"{server.name} answers {question.query} otherwise: {key}")


def _same(mine: list[Any], theirs: list[Any], near: float) -> bool:
    return len(mine) == len(theirs) and all(
        one[0] == other[0] and math.isclose(float(one[1]), float(other[1]), rel_tol=near)
        for one, other in zip(mine, theirs, strict=True)
    )


def timed(servers: Sequence[Contestant], question: Question, data: Data) -> dict[str, list[float]]:
    """Return the seconds that each server took, asked in turns there and back."""
    taken: dict[str, list[float]] = {server.name: [] for server in servers}
    asked = path(question, data)
    for number in range(2 * ASKED):
        for server in servers if number % 2 == 0 else reversed(servers):
            # VictoriaMetrics keeps answers: ask for what it has not seen
            began = time.perf_counter()
            get(server.port, f"{asked}&nocache=1")
            taken[server.name].append(time.perf_counter() - began)
    return taken


def spent(servers: Sequence[Contestant], question: Question, data: Data) -> dict[str, list[float]]:
    """Return the CPU seconds that each server took for an answer."""
    taken: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(2 * ROUNDS):
        for server in servers if number % 2 == 0 else reversed(servers):
            before = cpu_seconds(server.process.pid)
            get(server.port, f"{path(question, data)}&nocache=1")
            taken[server.name].append(cpu_seconds(server.process.pid) - before)
    return taken


def compared(
    what: str, taken: dict[str, list[float]], of: Callable[[list[float]], float]
) -> list[Row]:
    """Return a figure beside each peer's."""
    names = {"prometheus": prometheus_version(), "victoria-metrics": victoria_version()}
    mine = of(taken[MAIN])
    return [
        Row(
            "T8",
            what,
            f"{mine * 1e3:.1f} ms",
            names[peer],
            f"{of(taken[peer]) * 1e3:.1f} ms",
            mine / of(taken[peer]),
            target,
            "decode + loopback",
        )
        for peer, target in TARGETS.items()
    ]


def _ninety_ninth(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[-1]


def rows() -> list[Row]:
    found: list[Row] = []
    data = Data()
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as servers:
        for body in data.bodies():
            for server in servers:
                server.door.post(body)
        get(servers[-1].port, "/internal/force_flush")
        for question in QUESTIONS:
            check(servers, question, data)
            cpu = spent(servers, question, data)
            found += compared(f"{question.what}, CPU", cpu, statistics.median)
        with arriving(servers, data):
            for question in QUESTIONS:
                print(f"measuring {question.what}", file=sys.stderr)
                taken = timed(servers, question, data)
                found += compared(f"{question.what}, p50", taken, statistics.median)
                found += compared(f"{question.what}, p99", taken, _ninety_ninth)
    return found


if __name__ == "__main__":
    show(rows())
