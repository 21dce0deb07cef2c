"""A disk that is full, or fails: reads work, writes are refused and not acknowledged, it heals."""

import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.integration.conftest import Server, encoded


def numbers(server: Server) -> set[int]:
    events = server.get("/events", name="mark", limit=10_000).json()["events"]
    return {event["payload"]["number"] for event in events}


def fill(server: Server, most: int) -> tuple[set[int], httpx.Response]:
    """Send batches until one is refused; return the acknowledged ones and the refusal."""
    acknowledged = set()
    for number in range(most):
        answer = server.post(encoded(number, points=400))
        if answer.status_code != 200:
            return acknowledged, answer
        acknowledged.add(number)
    raise AssertionError("nothing was refused")


def test_writes_that_fail_are_refused_and_it_heals(start: Callable[..., Server]) -> None:
    server = start()
    assert server.post(encoded(100_000)).status_code == 200
    log = server.data / "series.db-wal"
    pid, limit = server.process.pid, resource.RLIMIT_FSIZE
    hard = resource.prlimit(pid, limit)[1]
    resource.prlimit(pid, limit, (log.stat().st_size, hard))
    acknowledged, refusal = fill(server, 200)
    assert refusal.status_code in {503, 507}
    assert int(refusal.headers["Retry-After"]) > 0
    assert numbers(server) == acknowledged | {100_000}
    assert server.get("/health").json()["parts"]["ingest"]["status"] == "unhealthy"
    resource.prlimit(pid, limit, (hard, hard))
    again = server.post(encoded(len(acknowledged), points=400))
    assert (again.status_code, again.json()["duplicate"]) == (200, False)
    assert numbers(server) == acknowledged | {len(acknowledged), 100_000}
    server.kill()
    assert numbers(start()) == acknowledged | {len(acknowledged), 100_000}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "watchroom-test", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_507_and_it_heals(start: Callable[..., Server], small: Path) -> None:
    ballast = small / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    server = start(data=small / "data")
    acknowledged, refusal = fill(server, 2_000)
    assert refusal.status_code == 507
    assert int(refusal.headers["Retry-After"]) > 0
    assert refusal.json()["error"]["code"] == "storage_full"
    assert numbers(server) == acknowledged
    ballast.unlink()
    again = server.post(encoded(len(acknowledged), points=400))
    assert (again.status_code, again.json()["duplicate"]) == (200, False)
    server.kill()
    assert numbers(start(data=small / "data")) == acknowledged | {len(acknowledged)}
