"""The server dies again and again; what a watched program recorded meanwhile arrives, once."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.conftest import Server

KILLS = 20
_PATIENCE = 60.0

GUEST = """
import sys, threading
import watchroom

watchroom.init("shop", url=sys.argv[1], flush_seconds=0.1)
leaving = threading.Event()
recorded = 0

def work():
    global recorded
    while not leaving.wait(0.01):
        watchroom.record_request("/buy", 3.0, 200, method="POST")
        watchroom.event("mark", number=recorded)
        recorded += 1

worker = threading.Thread(target=work)
worker.start()
sys.stdin.readline()
leaving.set()
worker.join()
watchroom.shutdown()
print(recorded)
"""


@contextmanager
def guest(url: str, spool: Path) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, "WATCHROOM_SPOOL_DIR": str(spool)}
    with subprocess.Popen(
        [sys.executable, "-c", GUEST, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
        text=True,
    ) as process:
        yield process
        process.kill()


def leave(process: subprocess.Popen[str]) -> int:
    """Tell a guest to end, and return how much it recorded."""
    output, _ = process.communicate("leave\n", timeout=_PATIENCE)
    assert process.returncode == 0
    return int(output)


def waiting(spool: Path) -> list[str]:
    """Return the batches in a spool, whose folders come and go."""
    files = [name for _, _, names in os.walk(spool) for name in names]
    return [name for name in files if name.endswith(".batch")]


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < deadline, what


def heard(server: Server, batches: int) -> None:
    """Return when a server has taken so many batches since its start."""
    name = "watchroom_ingested_batches_total "

    def enough() -> bool:
        lines = server.get("/metrics").text.splitlines()
        return next(int(each.split()[1]) for each in lines if each.startswith(name)) >= batches

    until(enough, "the guest fell silent")


@pytest.mark.slow
def test_the_spool_delivers_what_twenty_kills_held_up(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    draw = random.Random(7)
    spool = tmp_path / "spool"
    server = start()
    with guest(server.url, spool) as process:
        for _ in range(KILLS):
            heard(server, draw.choice([0, 1, 5, 20]))
            server.kill()
            server = start(port=server.port)
        heard(server, 1)
        until(lambda: waiting(spool) == [], "the spool was not emptied")
        recorded = leave(process)
    assert waiting(spool) == []
    found = server.get("/events", name="mark", range="1h", limit=10_000).json()["events"]
    seen = Counter(event["payload"]["number"] for event in found)
    assert recorded > KILLS
    assert [number for number in range(recorded) if seen[number] != 1] == []
    assert server.get("/metrics/current").json()["api_metrics"]["requests_total"] == recorded


@pytest.mark.slow
def test_what_one_process_left_is_delivered_by_the_next(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    server = start()
    server.kill()
    with guest(server.url, spool) as process:
        until(lambda: len(waiting(spool)) > 3, "nothing was spooled")
        first = leave(process)
    assert waiting(spool)
    server = start(port=server.port)
    with guest(server.url, spool) as process:
        until(lambda: waiting(spool) == [], "nothing was adopted")
        second = leave(process)
    assert server.get("/metrics/current").json()["api_metrics"]["requests_total"] == first + second
