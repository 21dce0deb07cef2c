"""T6: samples of remote write taken per CPU-second; beside Prometheus and VictoriaMetrics.

All three servers share one core, the feeder has the other. Each gets the same requests, 2,000
series with 5 samples each, round by round; a round goes to one server at a time. What counts is the
CPU that a server used from its first measured round to the end, the rounds of the others and some
seconds of rest included, so that deferred work counts too. In the end all have the same count of
samples. Ours are answered when they are synced to disk, theirs are not.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import cramjam
import numpy as np
from benchmarks import remote_write
from benchmarks.harness import ROUNDS, Row, figure, same, show
from benchmarks.processes import cpu_seconds, free_port, get, running
from benchmarks.t21_server import Door, prometheus_version

from watchroom.ingest.guard import Guard
from watchroom.ingest.limits import Limits
from watchroom.ingest.remote import v1
from watchroom.ingest.remote.known import Known
from watchroom.runtime.clock import SystemClock
from watchroom.storage.embedded import EmbeddedStore

SERIES = 2_000
SAMPLES = 5
REQUESTS = 40
STEP_MS = 1_000
REST_SECONDS = 5.0
TARGETS = {"prometheus": 1.0, "victoria-metrics": 0.5}


class Contestant(NamedTuple):
    """A running server."""

    name: str
    process: "subprocess.Popen[bytes]"
    door: Door
    port: int


def labels() -> list[list[tuple[str, str]]]:
    """Return series as node_exporter's look: names, and six labels."""
    return [
        [
            ("__name__", f"bench_{number % 20}_seconds_total"),
            ("cluster", "eu-1"),
            ("cpu", str(number % 32)),
            ("instance", f"host-{number % 50}.example.org:9100"),
            ("job", "bench"),
            ("shard", str(number)),
        ]
        for number in range(SERIES)
    ]


def commands(folder: Path) -> dict[str, tuple[list[str], int, str]]:
    """Return each server's command, port, and the path that answers when it is ready."""
    ports = [free_port() for _ in range(3)]
    config = folder / "prometheus.yml"
    config.write_text("global: {}\n")
    ours, prometheus, victoria = (f"127.0.0.1:{port}" for port in ports)
    watchroom = f"{sys.executable} -m watchroom.cli up --port {ours.partition(':')[2]}"
    return {
        "watchroom": (f"{watchroom} --data {folder / 'watchroom'}".split(), ports[0], "/health"),
        "prometheus": (
            f"prometheus --config.file={config} --storage.tsdb.path={folder / 'tsdb'}"
            f" --web.listen-address={prometheus} --web.enable-remote-write-receiver".split(),
            ports[1],
            "/-/ready",
        ),
        "victoria-metrics": (
            f"victoria-metrics -storageDataPath={folder / 'victoria'}"
            f" -httpListenAddr={victoria} -retentionPeriod=12".split(),
            ports[2],
            "/health",
        ),
    }


@contextlib.contextmanager
def started(folder: Path) -> Iterator[list[Contestant]]:
    """Start the servers on the server's core; stop them in the end."""
    for program in TARGETS:
        if shutil.which(program) is None:
            raise SystemExit(f"t06 needs Debian's {program} on PATH; `make bench` installs it")
    with contextlib.ExitStack() as stack:
        found = []
        for name, (command, port, ready) in commands(folder).items():
            log = folder / f"{name}.log"

            def answers(port: int = port, ready: str = ready) -> bytes:
                return get(port, ready)

            process = stack.enter_context(running(command, log, answers))
            door = Door(port, "/api/v1/write", remote_write.HEADERS)
            found.append(Contestant(name, process, door, port))
        yield found


class Feed:
    """The rounds: every server gets the same bodies."""

    def __init__(self, rounds: int) -> None:
        self._requests = remote_write.Requests(labels(), SAMPLES)
        self._chance = np.random.default_rng(6)
        self._time = int(time.time() * 1000) - (rounds * REQUESTS * SAMPLES + 60) * STEP_MS
        self._counts = np.zeros((SERIES, 1))

    def bodies(self) -> list[bytes]:
        """Return the next round."""
        return [self._body() for _ in range(REQUESTS)]

    def _body(self) -> bytes:
        steps = self._chance.integers(0, 100, (SERIES, SAMPLES)) / 4
        values = self._counts + np.cumsum(steps, axis=1)
        self._counts = values[:, -1:]
        times = [self._time + number * STEP_MS for number in range(SAMPLES)]
        self._time += SAMPLES * STEP_MS
        return self._requests.body(values, times)


def feed(servers: Sequence[Contestant]) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Write all rounds; return each server's CPU in all, and its wall time round by round."""
    rounds = 2 * ROUNDS
    feeder = Feed(rounds + 1)
    _round(servers, feeder.bodies())
    before = {each.name: cpu_seconds(each.process.pid) for each in servers}
    walls: dict[str, list[float]] = {each.name: [] for each in servers}
    for number in range(rounds):
        order = servers if number % 2 == 0 else list(reversed(servers))
        for name, seconds in _round(order, feeder.bodies()).items():
            walls[name].append(seconds)
    time.sleep(REST_SECONDS)
    used = {each.name: cpu_seconds(each.process.pid) - before[each.name] for each in servers}
    return used, walls


def _round(servers: Sequence[Contestant], bodies: list[bytes]) -> dict[str, float]:
    taken = {}
    for each in servers:
        began = time.perf_counter()
        for body in bodies:
            each.door.post(body)
        taken[each.name] = time.perf_counter() - began
    return taken


def counted(server: Contestant) -> float:
    """Return how many samples a server has."""
    if server.name == "victoria-metrics":
        get(server.port, "/internal/force_flush")
    asked = {"query": 'sum(count_over_time({job="bench"}[1d]))', "time": int(time.time())}
    answer = json.loads(get(server.port, f"/api/v1/query?{urlencode(asked)}"))
    return float(answer["data"]["result"][0]["value"][1])


def decoding(folder: Path) -> float:
    """Return the samples per CPU-second of unpacking and decoding alone."""
    store = EmbeddedStore(folder / "floor")
    known = Known(Guard(store, SystemClock()), Limits())
    bodies = Feed(1).bodies()
    for body in bodies:  # the first time the labels are learnt
        v1.decode(bytes(cramjam.snappy.decompress_raw(body)), known)
    began = time.process_time()
    for body in bodies:
        v1.decode(bytes(cramjam.snappy.decompress_raw(body)), known)
    spent = time.process_time() - began
    store.close()
    return REQUESTS * SERIES * SAMPLES / spent


def victoria_version() -> str:
    """Name the peer with its version."""
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "victoria-metrics"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return f"victoria-metrics {asked.stdout.partition('+')[0].partition('-')[0]}".strip()


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        floor = decoding(Path(folder))
        with started(Path(folder)) as servers:
            used, walls = feed(servers)
            same({each.name: counted(each) for each in servers})
    samples = 2 * ROUNDS * REQUESTS * SERIES * SAMPLES
    rates = {name: samples / seconds for name, seconds in used.items()}
    for name, taken in walls.items():
        wall = figure([REQUESTS * SERIES * SAMPLES / seconds for seconds in taken])
        print(f"{name}: {wall.median:,.0f} ±{wall.spread:,.0f} samples/s", file=sys.stderr)
    names = {"prometheus": prometheus_version(), "victoria-metrics": victoria_version()}
    return [
        Row(
            "T6",
            "remote write, samples per CPU-second",
            f"{rates['watchroom'] / 1e6:.2f} M",
            names[peer],
            f"{rates[peer] / 1e6:.2f} M",
            rates["watchroom"] / rates[peer],
            target,
            f"decode alone {floor / 1e6:.1f} M",
            at_least=True,
        )
        for peer, target in TARGETS.items()
    ]


if __name__ == "__main__":
    show(rows())
