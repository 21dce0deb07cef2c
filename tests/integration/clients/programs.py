"""Other people's programs: started on a free port, ready, ended."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from benchmarks.processes import free_port

SECONDS = 60.0


def eventually(what: str, holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    poll = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, what
        poll.wait(0.1)


@contextmanager
def program(
    command: Callable[[int], Sequence[str]], log: Path, ready: str = "/metrics"
) -> Iterator[str]:
    """Run a command, made for a free port, from when it answers; yields its address."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(command(port), stdout=output, stderr=subprocess.STDOUT)
    try:
        eventually(f"{log.name} is ready", lambda: _answers(f"http://{address}{ready}"))
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=5).status_code == 200
    return False
