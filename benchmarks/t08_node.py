"""T7 and T8 on real data: a node_exporter, scraped once a second and replayed as five hosts.

What a minute of scrapes gives is repeated over six hours of yesterday at 15 s, counters going on
from where they were, each host shifted against the others. The servers get it by remote write, have
to answer the same, are asked in turns, and then merge what they have.
"""

import contextlib
import math
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from benchmarks import remote_write
from benchmarks.harness import Row, show
from benchmarks.processes import free_port, get, running
from benchmarks.t06_remote_write import Contestant, commands, victoria_version
from benchmarks.t07_bytes import TARGETS, post, size, start_ms
from benchmarks.t08_query import Question, check, compared, spent, timed
from benchmarks.t21_server import Door, prometheus_version

from watchroom.ingest.text import parse
from watchroom.model.kind import Kind
from watchroom.model.labels import Labels, value_of
from watchroom.storage.embedded import EmbeddedStore

SCRAPES = 60
HOSTS = 5
STEP_MS = 15_000
STEPS = 6 * 3600 * 1000 // STEP_MS

QUESTIONS = (
    Question(
        "node_exporter: busy CPU of each host, 6 h at 60 s",
        'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))',
        60,
        math.inf,  # it takes the sample before the window, too: much, where counters hardly move
    ),
    Question(
        "node_exporter: share of memory in use, 6 h at 60 s",
        "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
        60,
        1e-9,
    ),
    Question(
        "node_exporter: largest of all series of each host, 6 h at 60 s",
        'max by (instance) (last_over_time({job="node"}[5m]))',
        60,
        1e-9,
    ),
)


class Recorded(NamedTuple):
    """Series of one host [k] with their values [k, SCRAPES]."""

    labels: list[Labels]
    values: Any
    counters: Any
    start: int
    end: int

    def host(self, number: int) -> list[list[tuple[str, str]]]:
        """Return the labels of a host's series."""
        about = [("instance", f"host-{number}:9100"), ("job", "node")]
        return [sorted([*series, *about]) for series in self.labels]

    def replayed(self, number: int, first: int, count: int) -> Any:
        """Return [k, count]: the values of a host from its step `first` on."""
        steps = np.arange(first, first + count) + 7 * number
        rounds, place = np.divmod(steps, SCRAPES)
        rise = np.where(self.counters, self.values[:, -1] - self.values[:, 0], 0.0)
        return self.values[:, place] + rise[:, None] * rounds


def recorded() -> Recorded:
    """Scrape a node_exporter for a minute."""
    program = shutil.which("prometheus-node-exporter")
    if program is None:
        raise SystemExit("this needs Debian's prometheus-node-exporter; `make bench` installs it")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [program, f"--web.listen-address=127.0.0.1:{port}", "--no-collector.systemd"]
        with running(command, log, lambda: get(port, "/metrics")):
            scrapes = []
            for _ in range(SCRAPES):
                scrapes.append(parse(get(port, "/metrics"), openmetrics=False))
                time.sleep(1.0)
    kinds = {each.name: each.kind for each in scrapes[0].metadata}
    found = [dict(zip(each.series, each.values.tolist(), strict=True)) for each in scrapes]
    labels = sorted(set.intersection(*(set(each) for each in found)))
    values = np.array([[each[series] for each in found] for series in labels])
    counters = np.array([kinds.get(value_of(each, "__name__")) is Kind.COUNTER for each in labels])
    counters &= (np.diff(values, axis=1) >= 0).all(axis=1)
    finite = np.isfinite(values).all(axis=1)
    start = start_ms()
    kept = [each for each, known in zip(labels, finite.tolist(), strict=True) if known]
    return Recorded(kept, values[finite], counters[finite], start, start + STEPS * STEP_MS)


def bodies(data: Recorded) -> Iterator[bytes]:
    """Yield the requests of all hosts."""
    requests = [remote_write.Requests(data.host(number), SCRAPES) for number in range(HOSTS)]
    for first in range(0, STEPS, SCRAPES):
        # half a step beside the edges of windows, which 2.42 counts otherwise
        half = data.start + STEP_MS // 2
        times = [half + (first + step) * STEP_MS for step in range(SCRAPES)]
        for number, request in enumerate(requests):
            yield request.body(data.replayed(number, first, SCRAPES), times)


@contextlib.contextmanager
def started(folder: Path) -> Iterator[list[Contestant]]:
    """Start the servers; Prometheus may be told to make a snapshot."""
    with contextlib.ExitStack() as stack:
        servers = []
        for name, (command, port, ready) in commands(folder).items():

            def answers(port: int = port, ready: str = ready) -> bytes:
                return get(port, ready)

            more = ["--web.enable-admin-api"] if name == "prometheus" else []
            log = folder / f"{name}.log"
            process = stack.enter_context(running([*command, *more], log, answers))
            door = Door(port, "/api/v1/write", remote_write.HEADERS)
            servers.append(Contestant(name, process, door, port))
        yield servers


def asked(servers: list[Contestant], data: Recorded) -> list[Row]:
    """Return how long the servers take for each question."""
    found: list[Row] = []
    for question in QUESTIONS:
        print(f"measuring {question.what}", file=sys.stderr)
        check(servers, question, data)  # type: ignore[arg-type]  # both have a start and an end
        cpu = spent(servers, question, data)  # type: ignore[arg-type]
        found += compared(f"{question.what}, CPU", cpu, statistics.median)
        walls = timed(servers, question, data)  # type: ignore[arg-type]
        found += compared(f"{question.what}, p50", walls, statistics.median)
    return found


def sizes(folder: Path, samples: int) -> list[Row]:
    """Return the bytes of each sample once the servers have ended."""
    store = EmbeddedStore(folder / "watchroom")
    store.compact()
    store.close()
    (snapshot,) = (folder / "tsdb/snapshots").iterdir()
    mine = size(folder / "watchroom") / samples
    theirs = {"prometheus": snapshot, "victoria-metrics": folder / "victoria"}
    versions = {"prometheus": prometheus_version(), "victoria-metrics": victoria_version()}
    return [
        Row(
            "T7",
            f"node_exporter: bytes per sample of {samples:,}, merged",
            f"{mine:.3f}",
            versions[name],
            f"{size(path) / samples:.3f}",
            mine * samples / size(path),
            TARGETS[name],
            "",
        )
        for name, path in theirs.items()
    ]


def rows() -> list[Row]:
    data = recorded()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with started(folder) as servers:
            for body in bodies(data):
                for server in servers:
                    server.door.post(body)
            get(servers[-1].port, "/internal/force_flush")
            found = asked(servers, data)
            ports = {each.name: each.port for each in servers}
            post(ports["prometheus"], "/api/v1/admin/tsdb/snapshot")
            get(ports["victoria-metrics"], "/internal/force_merge")
        return [*sizes(folder, len(data.labels) * HOSTS * STEPS), *found]


if __name__ == "__main__":
    show(rows())
