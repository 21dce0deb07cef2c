"""Copies taken and put back while the server runs, by the commands and by the API."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.integration.conftest import Server, encoded


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "watchroom.cli", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)


def numbers(running: Server) -> list[int]:
    events = running.get("/events").json()["events"]
    return [event["payload"]["number"] for event in events]


def test_a_copy_is_taken_and_put_back_while_the_server_runs(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    running = start()
    for number in range(3):
        running.post(encoded(number))
    taken = command("backup", tmp_path / "copy", "--data", running.data)
    assert taken.returncode == 0, taken.stderr
    running.post(encoded(3))
    locked = command("restore", tmp_path / "copy", "--data", running.data, "--replace")
    assert locked.returncode == 1
    assert "restore through it with --url" in locked.stderr
    full = command("restore", tmp_path / "copy", "--url", running.url)
    assert full.returncode == 1
    assert "--replace puts them aside first" in full.stderr
    put_back = command("restore", tmp_path / "copy", "--url", running.url, "--replace")
    assert put_back.returncode == 0, put_back.stderr
    assert "samples" in put_back.stdout
    assert numbers(running) == [2, 1, 0]
    running.post(encoded(4))
    running.kill()
    assert numbers(start()) == [4, 2, 1, 0]


def test_a_copy_starts_as_a_store_of_its_own(start: Callable[..., Server], tmp_path: Path) -> None:
    running = start()
    running.post(encoded(0))
    name = httpx.post(f"{running.url}/api/v1/admin/tsdb/snapshot").json()["data"]["name"]
    running.post(encoded(1))
    copy = running.data / "snapshots" / name
    restored = command("restore", copy, "--data", tmp_path / "other")
    assert restored.returncode == 0, restored.stderr
    other = start(data=tmp_path / "other")
    assert numbers(other) == [0]
    assert other.get("/health").json()["status"] == "healthy"


def test_series_are_deleted_on_request(start: Callable[..., Server]) -> None:
    running = start()
    running.post(encoded(0))
    names = running.get("/api/v1/label/__name__/values").json()["data"]
    address = f"{running.url}/api/v1/admin/tsdb/delete_series"
    assert httpx.post(address).status_code == 400
    gone = httpx.put(address, params={"match[]": f'{{__name__="{names[0]}"}}'})
    assert gone.status_code == 204
    assert running.get("/api/v1/label/__name__/values").json()["data"] == names[1:]


def test_a_page_of_another_site_changes_nothing(start: Callable[..., Server]) -> None:
    running = start()
    running.post(encoded(0))
    address = f"{running.url}/api/v1/admin/tsdb/delete_series"
    refused = httpx.post(
        address,
        data={"match[]": '{__name__!=""}'},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert refused.status_code == 403
    assert refused.json()["errorType"] == "forbidden"
    assert running.get("/api/v1/label/__name__/values").json()["data"]
