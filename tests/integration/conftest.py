"""A server as a process of its own, on a free port and a folder of its own."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from watchroom.model.kind import Kind
from watchroom.wire.batch import CONTENT_TYPE, Batch, Metric, Occurrence, Point, encode

READY = "Watchroom is ready at "


class Server:
    """One started `watchroom up`."""

    def __init__(self, data: Path, *arguments: str, port: int = 0) -> None:
        self.data = data
        self.log = data.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "watchroom.cli",
                    "up",
                    "--data",
                    str(data),
                    "--port",
                    str(port),
                    *arguments,
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self.line = self._first_line(30.0)
        self.url = self.line.removeprefix(READY).strip()
        self.port = int(self.url.rpartition(":")[2])

    def _first_line(self, seconds: float) -> str:
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if selector.select(deadline - time.monotonic()):
                line = self.process.stdout.readline().decode()
                if line.startswith(READY):
                    return line
        self.kill()
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """Send a body to the door in."""
        given = {"Content-Type": CONTENT_TYPE} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return httpx.post(f"{self.url}/ingest", content=body, headers=given, timeout=30)

    def get(self, path: str, **parameters: str | int) -> httpx.Response:
        """Read a resource."""
        return httpx.get(f"{self.url}{path}", params=parameters, timeout=30)

    def resident(self) -> int:
        """Return the process's memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it and return its exit code; fails when that takes longer than 3 s."""
        self.process.send_signal(number)
        code = self.process.wait(3.0)
        self._close()
        return code

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(10.0)
        self._close()

    def rest(self) -> str:
        """Return what else it printed, once it has ended."""
        return self._rest

    def _close(self) -> None:
        if self.process.stdout is not None and not self.process.stdout.closed:
            self._rest = self.process.stdout.read().decode()
            self.process.stdout.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test; the same folder unless told otherwise."""
    started: list[Server] = []

    def begin(*arguments: str, data: Path = tmp_path / "data", port: int = 0) -> Server:
        started.append(Server(data, *arguments, port=port))
        return started[-1]

    yield begin
    for server in started:
        server.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a file."""
    running = Server(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.kill()


def batch(number: int, *, service: str = "shop", points: int = 1, fresh: bool = False) -> Batch:
    """Return the n-th batch of a process: a counter at n, and one event that names n."""
    now = int(time.time() * 1000)
    metric = Metric(
        "orders_total",
        Kind.COUNTER,
        "",
        "Orders.",
        ["kind"],
        [Point([str(point)], float(number), fresh) for point in range(points)],
    )
    return Batch(
        id=f"{service}-{number}",
        service=service,
        instance="host:1",
        time=now,
        previous=now - 1000,
        metrics=[metric],
        events=[Occurrence("mark", now, "INFO", {"number": number})],
    )


def encoded(number: int, **options: object) -> bytes:
    """Return the n-th batch as bytes."""
    return encode(batch(number, **options))  # type: ignore[arg-type]
