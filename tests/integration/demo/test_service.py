"""The model service alone: what it recorded last is not lost when it is told to stop."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

REQUESTS = 25


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def process(*arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environ},
    )
    try:
        yield child
    finally:
        child.terminate()
        child.communicate(timeout=30)


def await_health(url: str) -> None:
    until = time.monotonic() + 60.0
    poll = threading.Event()
    while True:
        try:
            httpx.get(f"{url}/health").raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < until, f"{url} never became healthy"
            poll.wait(0.1)
        else:
            return


def test_a_stopped_service_sends_what_it_recorded_last(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with process("watchroom.cli", "up", "--port", "0", "--data", data) as server:
        assert server.stdout is not None
        url = server.stdout.readline().rpartition(" ")[2].strip()
        # No flush falls due while the service runs, so all that arrives was sent at its end.
        environ = {
            "WATCHROOM_URL": url,
            "WATCHROOM_FLUSH_SECONDS": "600",
            "WATCHROOM_SPOOL_DIR": str(tmp_path / "spool"),
        }
        port = free_port()
        with process("watchroom.demo.service", "--port", str(port), **environ) as service:
            await_health(f"http://127.0.0.1:{port}")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                answers = [client.get("/items/none").status_code for _ in range(REQUESTS)]
            assert answers == [404] * REQUESTS
            service.terminate()
            service.wait(timeout=30)
        summary = httpx.get(f"{url}/metrics/summary", params={"range": "1h"}).json()
    assert summary["api_metrics"]["requests_total"] == REQUESTS
