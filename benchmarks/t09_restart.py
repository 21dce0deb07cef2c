"""T9: from kill -9 to the first correct answer after 10 M samples; beside Prometheus.

Both get the same 10 M samples by remote write, 2,000 series with 5 samples in each request, and are
killed at once. What counts is the time from the start of the new process until it answers how many
samples there are, and is right. The floor is a process of Python that loads what ours needs.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Row, cores, show
from benchmarks.t06_remote_write import (
    REQUESTS,
    SAMPLES,
    SERIES,
    Contestant,
    Feed,
    commands,
    counted,
)
from benchmarks.t06_remote_write import started as servers_of
from benchmarks.t21_server import prometheus_version

TOTAL = 10_000_000
ROUNDS = TOTAL // (REQUESTS * SERIES * SAMPLES)
RESTARTS = 3
TARGET = 0.1
IMPORTS = "import watchroom.server.run, watchroom.server.app"


def fed(folder: Path) -> dict[str, float]:
    """Write everything, kill the servers; return how many samples each had."""
    with servers_of(folder) as servers:
        feeder = Feed(ROUNDS)
        for _ in range(ROUNDS):
            for body in feeder.bodies():
                for each in servers:
                    each.door.post(body)
        counts = {each.name: counted(each) for each in servers}
        for each in servers:
            each.process.kill()
            each.process.wait()
    return counts


def restarted(command: list[str], port: int, name: str, wanted: float) -> float:
    """Return the seconds until a server answers right; it is killed then."""
    pinned = ["taskset", "-c", ",".join(map(str, cores()[0])), *command]
    began = time.perf_counter()
    process = subprocess.Popen(pinned, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < 300:
            with contextlib.suppress(OSError, LookupError):
                if counted(Contestant(name, process, None, port)) == wanted:  # type: ignore[arg-type]
                    return time.perf_counter() - began
            time.sleep(0.005)
        raise SystemExit(f"{name} did not come back")
    finally:
        process.kill()
        process.wait()


def loading() -> float:
    """Return the seconds of a bare process that loads the server's modules."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - began


def rows() -> list[Row]:
    taken: dict[str, list[float]] = {"watchroom": [], "prometheus": []}
    with tempfile.TemporaryDirectory() as folder:
        counts = fed(Path(folder))
        for _ in range(RESTARTS):
            for name, found in taken.items():
                command, port, _ = commands(Path(folder))[name]
                found.append(restarted(command, port, name, counts[name]))
    ours, theirs = (statistics.median(taken[name]) for name in taken)
    floor = statistics.median(loading() for _ in range(RESTARTS))
    return [
        Row(
            "T9",
            "kill -9 to first correct answer, 10 M samples",
            f"{ours:.2f} s",
            prometheus_version(),
            f"{theirs:.2f} s",
            ours / theirs,
            TARGET,
            f"loading Python {floor:.2f} s",
        )
    ]


if __name__ == "__main__":
    show(rows())
