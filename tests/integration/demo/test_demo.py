"""The demo as a person runs it: real processes, real models, real traffic."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def started(tmp_path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = free_port()
    command = [
        *(sys.executable, "-m", "watchroom.cli", "demo", "--port", str(port)),
        *("--model-port", str(free_port()), "--data", str(tmp_path / "data"), *arguments),
    ]
    environment = {**os.environ, "WATCHROOM_SPOOL_DIR": str(tmp_path / "spool")}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def current(url: str) -> dict[str, Any]:
    try:
        return dict(httpx.get(f"{url}/metrics/current").json())
    except (httpx.HTTPError, ValueError):
        return {}


def eventually(what: str, holds: Any, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    poll = threading.Event()
    while not holds():
        assert time.monotonic() < until, what
        poll.wait(0.2)


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_totals_are_what_the_traffic_says_it_sent(tmp_path: Path) -> None:
    report = tmp_path / "sent.json"
    with started(tmp_path, "--duration", "6", "--report", str(report)) as (process, _):
        assert process.wait(timeout=90) == 0, process.communicate()
    sent = json.loads(report.read_text())
    assert sent["done"]
    assert sent["requests"] > 30
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "watchroom.cli", "up", "--port", "0"),
            *("--data", str(tmp_path / "data")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    url = server.stdout.readline().rpartition(" ")[2].strip()
    try:
        summary = httpx.get(f"{url}/metrics/summary", params={"range": "1h"}).json()
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert summary["api_metrics"]["requests_total"] == sent["requests"]
    assert summary["api_metrics"]["errors_total"] == sent["errors"]
    expected: dict[tuple[str, str], int] = {}
    for row in sent["answers"]:
        key = (row["method"], row["route"])
        expected[key] = expected.get(key, 0) + row["count"]
    found = {
        (row["method"], row["endpoint"]): row["requests_total"]
        for row in summary["api_metrics"]["endpoints"]
    }
    assert found == expected
    predictions = sum(
        row["count"]
        for row in sent["answers"]
        if row["route"].startswith("/predict") and row["status"] == 200
    )
    assert summary["model_metrics"]["predictions_count"] == predictions


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as (process, url):
        eventually("no numbers", lambda: current(url).get("services"))
        eventually("no traffic", lambda: len(children_of(process.pid)) == 3)
        children = children_of(process.pid)
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert [child for child in children if alive(child)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    with started(tmp_path) as (process, _):
        eventually("no children", lambda: len(children_of(process.pid)) == 3)
        children = children_of(process.pid)
        process.kill()
        process.wait()
        eventually("orphans", lambda: not any(alive(child) for child in children))


def test_a_taken_port_is_said_so(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = str(listener.getsockname()[1])
        with started(tmp_path, "--model-port", taken) as (process, _):
            _, complaint = process.communicate(timeout=90)
            assert process.returncode == 1
            assert "--model-port" in complaint
