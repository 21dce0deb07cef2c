"""The server as a process: start, refusals, end."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import socketio
from tests.integration.conftest import READY, Server, encoded

Start = Callable[..., Server]


def up(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `watchroom up` where it cannot start."""
    return subprocess.run(
        [sys.executable, "-m", "watchroom.cli", "up", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line a server says that cannot start."""
    assert done.returncode == 1
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("watchroom: ")]
    assert len(lines) == 1
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_when_ready_and_a_clean_end(start: Start, number: int) -> None:
    server = start()
    assert server.line.startswith(READY + "http://127.0.0.1:")
    assert server.port > 0
    assert server.get("/health").json()["status"] == "healthy"
    assert server.stop(number) == 0
    assert server.rest() == ""
    log = server.log.read_text()
    assert "loop retention starts" in log
    assert "loop retention stopped" in log
    assert "ERROR" not in log


async def test_it_ends_in_time_with_live_clients(start: Start) -> None:
    server = start()
    clients = [socketio.AsyncClient(reconnection=False) for _ in range(4)]
    for position, client in enumerate(clients):
        transport = "websocket" if position % 2 else "polling"
        await client.connect(server.url, transports=[transport])
        await client.call("subscribe", {"channel": "metrics/current"})
    assert await asyncio.to_thread(server.stop) == 0
    assert "ERROR" not in server.log.read_text()
    for client in clients:
        await client.eio.disconnect(abort=True)


def test_what_was_acknowledged_survives_a_clean_end(start: Start) -> None:
    first = start()
    assert first.post(encoded(1)).json()["duplicate"] is False
    first.stop()
    second = start()
    assert second.post(encoded(1)).json()["duplicate"] is True
    events = second.get("/events", name="mark").json()["events"]
    assert [event["payload"]["number"] for event in events] == [1]


def test_a_busy_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refusal(up("--port", str(port), "--data", str(tmp_path / "data")))
    assert f"127.0.0.1:{port}" in line
    assert "--port" in line


def test_a_second_server_on_the_same_folder(start: Start) -> None:
    server = start()
    line = refusal(up("--port", "0", "--data", str(server.data)))
    assert str(server.data) in line
    assert server.get("/health").status_code == 200


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert str(file) in refusal(up("--port", "0", "--data", str(file)))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - refused is what is tested
def test_other_machines_are_kept_out_by_default(tmp_path: Path, host: str) -> None:
    line = refusal(up("--host", host, "--port", "0", "--data", str(tmp_path / "data")))
    assert "--insecure" in line


def test_insecure_binds_what_it_is_told(start: Start) -> None:
    server = start("--host", "0.0.0.0", "--insecure")  # noqa: S104 - meant
    answer = httpx.get(
        f"http://127.0.0.1:{server.port}/health", headers={"Host": "watch.example"}, timeout=10
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--host", "no.such.host.invalid", "--insecure"]]
)
def test_addresses_that_are_none(tmp_path: Path, arguments: list[str]) -> None:
    refusal(up(*arguments, "--data", str(tmp_path / "data")))


def test_foreign_hosts_are_refused(start: Start) -> None:
    server = start()
    answer = httpx.get(f"{server.url}/health", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "unknown_host"


def test_own_metrics(start: Start) -> None:
    server = start()
    server.post(encoded(1))
    lines = dict(
        line.rsplit(" ", 1)
        for line in server.get("/metrics").text.splitlines()
        if not line.startswith("#")
    )
    assert float(lines["process_resident_memory_bytes"]) > 1e7
    assert lines["watchroom_ingested_batches_total"] == "1"
    assert any(name.startswith('watchroom_build_info{version="') for name in lines)
    assert float(lines['watchroom_loop_errors_total{loop="retention"}']) == 0
