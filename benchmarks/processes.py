"""Processes that are measured: started on a core of their own, asked, and ended."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.harness import cores


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str],
    log: Path,
    ready: Callable[[], object],
    environ: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command on the server's core, from when it is ready; terminate it in the end.

    `ready` raises OSError as long as the process is not.
    """
    pinned = ["taskset", "-c", ",".join(map(str, cores()[0])), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(pinned, stdout=output, stderr=subprocess.STDOUT, env=environ)
    try:
        _wait(process, ready, log)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def get(port: int, path: str) -> bytes:
    """Return the body of a path that answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    if response.status != 200:
        raise ConnectionError(f"{path} answered {response.status}: {body[:500]!r}")
    return body


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has used, in all its threads that still run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], object], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended: {log.read_text()[-2000:]}")
        with contextlib.suppress(OSError):
            ready()
            return
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} was not ready within a minute: {log.read_text()[-2000:]}")
