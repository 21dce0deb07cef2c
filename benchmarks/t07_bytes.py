"""T7: bytes per sample on disk once everything is merged, index included; beside the peers.

Each server gets the same 8.64 M samples by remote write: 2,000 series over six hours of yesterday,
one sample every five seconds; a quarter each of counters, gauges of two decimals, flags, and floats
of full entropy. Then each merges what it has: ours as it does once the day is over, VictoriaMetrics
when told to, Prometheus as a snapshot, whose blocks hold no log.
"""

import contextlib
import json
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from benchmarks import remote_write
from benchmarks.harness import Row, same, show
from benchmarks.processes import get, running
from benchmarks.store_size import SERIES, STEP_MS, STEPS, floor, values
from benchmarks.t06_remote_write import Contestant, commands, labels, victoria_version
from benchmarks.t21_server import Door, prometheus_version

from watchroom.storage.embedded import EmbeddedStore

AT_ONCE = 60
TARGETS = {"prometheus": 0.25, "victoria-metrics": 1.0}
DAY = 86_400


def start_ms() -> int:
    """Return the first millisecond of yesterday."""
    return (int(time.time()) // DAY - 1) * DAY * 1000


def feed(servers: list[Contestant]) -> None:
    """Write the same to all."""
    requests = remote_write.Requests(labels(), AT_ONCE)
    columns, start = values(), start_ms()
    for first in range(0, STEPS, AT_ONCE):
        times = [start + (first + step + 1) * STEP_MS for step in range(AT_ONCE)]
        body = requests.body(columns[:, first : first + AT_ONCE], times)
        for each in servers:
            each.door.post(body)


def post(port: int, path: str) -> None:
    """Ask a server to do something."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    with contextlib.closing(connection):
        connection.request("POST", path)
        response = connection.getresponse()
        body = response.read()
    if response.status >= 300:
        raise SystemExit(f"{path} answered {response.status}: {body[:500]!r}")


def samples_of(server: Contestant) -> float:
    """Return how many samples a server has of the six hours."""
    if server.name == "victoria-metrics":
        get(server.port, "/internal/force_flush")
    end = start_ms() // 1000 + 6 * 3600 + 60
    asked = {"query": 'sum(count_over_time({job="bench"}[7h]))', "time": end}
    answer = json.loads(get(server.port, f"/api/v1/query?{urlencode(asked)}"))
    return float(answer["data"]["result"][0]["value"][1])


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def written(folder: Path) -> dict[str, int]:
    """Feed the servers, and return the bytes that each needs in the end."""
    with contextlib.ExitStack() as stack:
        servers = []
        for name, (command, port, ready) in commands(folder).items():

            def answers(port: int = port, ready: str = ready) -> bytes:
                return get(port, ready)

            more = ["--web.enable-admin-api"] if name == "prometheus" else []
            process = stack.enter_context(
                running([*command, *more], folder / f"{name}.log", answers)
            )
            door = Door(port, "/api/v1/write", remote_write.HEADERS)
            servers.append(Contestant(name, process, door, port))
        feed(servers)
        same({each.name: samples_of(each) for each in servers})
        ports = {each.name: each.port for each in servers}
        post(ports["prometheus"], "/api/v1/admin/tsdb/snapshot")
        get(ports["victoria-metrics"], "/internal/force_merge")
    store = EmbeddedStore(folder / "watchroom")
    store.compact()
    store.close()
    (snapshot,) = (folder / "tsdb/snapshots").iterdir()
    return {
        "watchroom": size(folder / "watchroom"),
        "prometheus": size(snapshot),
        "victoria-metrics": size(folder / "victoria"),
    }


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        bytes_of = written(Path(folder))
    samples = SERIES * STEPS
    per = {name: size / samples for name, size in bytes_of.items()}
    names = {"prometheus": prometheus_version(), "victoria-metrics": victoria_version()}
    lowest = floor(np.ascontiguousarray(values()))
    return [
        Row(
            "T7",
            "bytes per sample, merged, index included",
            f"{per['watchroom']:.3f}",
            names[peer],
            f"{per[peer]:.3f}",
            per["watchroom"] / per[peer],
            target,
            f"pcodec offline {lowest:.3f}",
        )
        for peer, target in TARGETS.items()
    ]


if __name__ == "__main__":
    show(rows())
