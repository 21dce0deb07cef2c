"""T21: what the server costs while 2,000 samples a second arrive, an hour in; beside Prometheus.

Both servers are fed the same series and values over HTTP, one request a second: first an hour of
back-dated seconds as fast as they take it, then live. Both share one core, the feeder has the
other. CPU is read over windows of the live part, memory at its end.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

import psutil
from benchmarks import remote_write
from benchmarks.harness import Row, figure, show
from benchmarks.processes import cpu_seconds, free_port, get, running

from watchroom.model.kind import Kind
from watchroom.wire.batch import CONTENT_TYPE, Batch, Metric, Point, encode

SERIES = 2_000
HISTORY = 3_600
WINDOWS = 6
WINDOW_SECONDS = 10
NAMES = 20
RSS_LIMIT_MB = 150.0


class Server(Protocol):
    """A server under load."""

    process: subprocess.Popen[bytes]

    def write(self, second: int, values: Sequence[float]) -> None:
        """Store one value per series at `second`, durably."""

    def total(self, second: int) -> float:
        """Return the sum of all series' values at `second`."""


class Usage(NamedTuple):
    """CPU seconds in each window, and resident megabytes at the end."""

    cpu: list[float]
    rss: float


def name(index: int) -> str:
    """Return the metric of a series."""
    return f"bench_{index % NAMES}"


def values_at(second: int) -> list[float]:
    """Return the values of all series: half count up, half wander with two decimals."""
    half = SERIES // 2
    counters = [float(second * (1 + index % 7)) for index in range(half)]
    gauges = [round((second * 37 + index * 101) % 9_973 / 100, 2) for index in range(half)]
    # the names alternate, so that every metric holds one kind
    return [each for pair in zip(counters, gauges, strict=True) for each in pair]


class Door:
    """One kept connection to a server on loopback."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._path = path
        self._headers = headers

    def post(self, body: bytes) -> None:
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise SystemExit(f"{self._path} answered {response.status}: {answer[:500]!r}")


class Watchroom:
    """`watchroom up`, fed by its native door."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._port = free_port()
        command = [sys.executable, "-m", "watchroom.cli", "up"]
        arguments = ["--port", str(self._port), "--data", str(folder / "watchroom")]
        log = folder / "watchroom.log"
        self.process = stack.enter_context(
            running([*command, *arguments], log, lambda: get(self._port, "/health"))
        )
        self._door = Door(self._port, "/ingest", {"Content-Type": CONTENT_TYPE})
        self._previous = 0

    def write(self, second: int, values: Sequence[float]) -> None:
        kinds = (Kind.COUNTER, Kind.GAUGE)
        fresh = not self._previous
        metrics = [
            Metric(
                name(number),
                kinds[number % 2],
                "",
                "",
                ["shard"],
                [
                    Point([str(index)], values[index], fresh)
                    for index in range(number, SERIES, NAMES)
                ],
            )
            for number in range(NAMES)
        ]
        batch = Batch(
            id=f"bench-{second}",
            service="bench",
            instance="bench:1",
            time=second * 1000,
            previous=self._previous or (second - 1) * 1000,
            metrics=metrics,
        )
        self._door.post(encode(batch))
        self._previous = second * 1000

    def total(self, second: int) -> float:
        return sum(self._sum(f"bench_{number}", second) for number in range(1, NAMES, 2))

    def _sum(self, metric: str, second: int) -> float:
        asked = {"metric": metric, "start": second - 5, "end": second, "step": "1s", "by": "shard"}
        answer = json.loads(get(self._port, f"/metrics/history?{urlencode(asked)}"))
        return float(sum(series["values"][-1] for series in answer["series"]))


class Prometheus:
    """Debian's Prometheus, fed by remote write."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._port = free_port()
        config = folder / "prometheus.yml"
        config.write_text("global: {}\n")
        command = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--web.enable-remote-write-receiver",
        ]
        log = folder / "prometheus.log"
        self.process = stack.enter_context(
            running(command, log, lambda: get(self._port, "/-/ready"))
        )
        self._door = Door(self._port, "/api/v1/write", remote_write.HEADERS)
        self._requests = remote_write.Requests(
            [
                [
                    ("__name__", name(index)),
                    ("instance", "bench:1"),
                    ("job", "bench"),
                    ("shard", str(index)),
                ]
                for index in range(SERIES)
            ]
        )

    def write(self, second: int, values: Sequence[float]) -> None:
        self._door.post(self._requests.body(values, second * 1000))

    def total(self, second: int) -> float:
        gauges = "|".join(str(number) for number in range(1, NAMES, 2))
        asked = {"query": f'sum({{__name__=~"bench_({gauges})"}})', "time": second}
        answer = json.loads(get(self._port, f"/api/v1/query?{urlencode(asked)}"))
        return float(answer["data"]["result"][0]["value"][1])


@contextlib.contextmanager
def both(folder: Path) -> Iterator[dict[str, Server]]:
    """Start both servers on the server's core; stop them in the end."""
    if shutil.which("prometheus") is None:
        raise SystemExit("t21 needs Debian's prometheus on PATH; `make bench` installs it")
    with contextlib.ExitStack() as stack:
        yield {kind.__name__: kind(folder, stack) for kind in (Watchroom, Prometheus)}


def fill(servers: dict[str, Server], now: int) -> dict[str, float]:
    """Write the hour before `now`; return how long each server took."""
    taken = {}
    for kind, server in servers.items():
        started = time.perf_counter()
        for second in range(now - HISTORY, now):
            server.write(second, values_at(second))
        taken[kind] = time.perf_counter() - started
    return taken


def feed(servers: dict[str, Server]) -> tuple[dict[str, Usage], int]:
    """Write live, a batch a second; return what each server used, and the last second written."""
    pids = {kind: server.process.pid for kind, server in servers.items()}
    spent: dict[str, list[float]] = {kind: [] for kind in servers}
    second = 0
    for _ in range(WINDOWS):
        before = {kind: cpu_seconds(pid) for kind, pid in pids.items()}
        for _ in range(WINDOW_SECONDS):
            second = int(time.time()) + 1
            time.sleep(second - time.time())
            for server in servers.values():
                server.write(second, values_at(second))
        for kind, pid in pids.items():
            spent[kind].append(cpu_seconds(pid) - before[kind])
    usage = {
        kind: Usage(spent[kind], psutil.Process(pid).memory_info().rss / 2**20)
        for kind, pid in pids.items()
    }
    return usage, second


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, both(Path(folder)) as servers:
        version = prometheus_version()
        filled = fill(servers, int(time.time()))
        usage, last = feed(servers)
        totals = {kind: round(server.total(last), 2) for kind, server in servers.items()}
        if len(set(totals.values())) != 1:
            raise SystemExit(f"the servers disagree on the sum of the gauges: {totals}")
    print(f"an hour of history: {filled}", file=sys.stderr)
    ours, theirs = usage["Watchroom"], usage["Prometheus"]
    return [_cpu_row(ours, theirs, version), _rss_row(ours, theirs, version)]


def _cpu_row(ours: Usage, theirs: Usage, version: str) -> Row:
    mine, yours = figure(ours.cpu), figure(theirs.cpu)
    return Row(
        "T21",
        "server, 2,000 samples/s an hour in: CPU",
        f"{mine.median / WINDOW_SECONDS * 100:.1f} % of a core",
        version,
        f"{yours.median / WINDOW_SECONDS * 100:.1f} % of a core",
        mine.median / yours.median,
        1.0,
        f"±{mine.spread / WINDOW_SECONDS * 100:.1f} %",
    )


def _rss_row(ours: Usage, theirs: Usage, version: str) -> Row:
    return Row(
        "T21",
        f"server, 2,000 samples/s an hour in: RSS ÷ {RSS_LIMIT_MB:.0f} MB",
        f"{ours.rss:.0f} MB",
        version,
        f"{theirs.rss:.0f} MB",
        ours.rss / RSS_LIMIT_MB,
        1.0,
        "NumPy import",
    )


def prometheus_version() -> str:
    """Name the peer with its version."""
    asked = subprocess.run(
        ["prometheus", "--version"], capture_output=True, text=True, check=True, timeout=30
    )
    return "prometheus " + (asked.stdout or asked.stderr).split()[2].removesuffix(",")


if __name__ == "__main__":
    show(rows())
