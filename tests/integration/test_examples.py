"""Each program in examples/, run as its first lines say, and what arrives of it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.conftest import Server

EXAMPLES = Path(__file__).parents[2] / "examples"
ADDRESS = re.compile(r"http://127\.0\.0\.1:[1-9]\d*")


def environ(url: str, folder: Path) -> dict[str, str]:
    """Return an environment without the caller's settings, for a watched program."""
    kept = {name: value for name, value in os.environ.items() if "WATCHROOM" not in name}
    kept.pop("MONITORING_ENABLED", None)
    return {**kept, "WATCHROOM_URL": url, "WATCHROOM_SPOOL_DIR": str(folder / "spool")}


def run(folder: Path, url: str, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example to its end."""
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        env=environ(url, folder),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def serving(folder: Path, url: str, *command: str) -> Iterator[httpx.Client]:
    """Start a web server, read its address from what it logs, and end it with SIGTERM."""
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**environ(url, folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        seen: list[str] = []
        address = None
        while address is None:
            line = process.stderr.readline()
            seen.append(line)
            assert line, f"it ended before it served: {seen}"
            address = ADDRESS.search(line)
        with httpx.Client(base_url=address[0], timeout=30) as client:
            yield client
        process.terminate()
        process.stderr.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.kill()


def current(server: Server, service: str) -> Any:
    return server.get("/metrics/current", service=service).json()


def endpoints(report: Mapping[str, Any]) -> dict[str, int]:
    rows = report["api_metrics"]["endpoints"]
    return {row["endpoint"]: row["requests_total"] for row in rows}


def test_fastapi(server: Server, tmp_path: Path) -> None:
    command = ("uvicorn", "--app-dir", str(EXAMPLES), "--port", "0", "fastapi_app:app")
    with serving(tmp_path, server.url, *command) as client:
        answers = [client.get(path) for path in ("/items/1", "/items/2", "/items/3", "/nowhere")]
        answers.append(client.get("/broken"))
    assert [answer.status_code for answer in answers] == [200, 200, 404, 404, 500]
    report = current(server, "fastapi-example")
    assert endpoints(report) == {"/items/{number}": 3, "/broken": 1, "unmatched": 1}
    assert report["api_metrics"]["errors_total"] == 1
    assert report["cache_metrics"]["total_hits"] == 2
    assert report["cache_metrics"]["total_misses"] == 1


def test_flask_behind_gunicorn_adds_its_workers_up(server: Server, tmp_path: Path) -> None:
    command = ("gunicorn", "--workers", "2", "--bind", "127.0.0.1:0", "--chdir", str(EXAMPLES))
    with serving(tmp_path, server.url, *command, "flask_app:app") as client:
        for number in range(20):
            # A connection each, so that both workers may take some.
            answer = httpx.get(f"{client.base_url}/items/{number}")
            assert answer.json() == {"number": number}
        assert client.get("/export").text == "0\n1\n2\n"
    report = current(server, "flask-example")
    assert endpoints(report) == {"/items/<int:number>": 20, "/export": 1}
    now = int(time.time())
    first_bytes = server.get(
        "/metrics/history",
        metric="http_server_first_byte_seconds",
        start=now - 120,
        end=now + 120,
        step="60s",
        by="endpoint",
    ).json()
    assert [line["labels"] for line in first_bytes["series"]] == [{"endpoint": "/export"}]


def test_the_collector_needs_no_server(tmp_path: Path) -> None:
    done = run(tmp_path, "http://127.0.0.1:9", "collector.py")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["api_metrics"]["requests_total"] == 101
    assert report["api_metrics"]["errors_total"] == 1
    assert report["model_metrics"]["models"][0]["mae"] == pytest.approx(4 / 3)
    assert report["cache_metrics"]["hit_rate_percent"] == 50.0


def test_training_writes_a_file(tmp_path: Path) -> None:
    done = run(tmp_path, "http://127.0.0.1:9", "training.py", "metrics.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    metrics: dict[str, Any] = {}
    events = []
    for line in (tmp_path / "metrics.jsonl").read_text().splitlines():
        body = json.loads(line)
        for resource in body.get("resourceMetrics", []):
            metrics |= {each["name"]: each for each in resource["scopeMetrics"][0]["metrics"]}
        for resource in body.get("resourceLogs", []):
            events += [each["eventName"] for each in resource["scopeLogs"][0]["logRecords"]]
    assert metrics["training_samples_total"]["sum"]["dataPoints"][0]["asDouble"] == 3 * 20 * 32
    for name in ("training_gradient_norm", "training_step_seconds"):
        assert metrics[name]["exponentialHistogram"]["dataPoints"][0]["count"] == "60"
    assert 0 < metrics["training_loss"]["gauge"]["dataPoints"][0]["asDouble"] < 1
    assert events == ["training.started", *["training.epoch"] * 3, "training.ended"]


def test_an_outcome_from_another_process_joins(server: Server, tmp_path: Path) -> None:
    predicted = run(tmp_path, server.url, "late_outcome.py", "predict")
    assert predicted.returncode == 0
    prediction_id = predicted.stdout.strip()
    joined = run(tmp_path, server.url, "late_outcome.py", "outcome", prediction_id, "21.5")
    assert joined.returncode == 0
    nobody = run(tmp_path, server.url, "late_outcome.py", "outcome", "nobody", "21.5")
    assert nobody.returncode == 1
    (model,) = current(server, "late-outcome-example")["model_metrics"]["models"]
    assert model["model"] == "temperature"
    assert (model["predictions_count"], model["mae"], model["target_mae"]) == (1, 1.5, 2.0)
    pairs = server.get("/metrics/predictions", model="temperature").json()
    (point,) = pairs["points"]
    assert (point["predicted"], point["actual"], point["confidence"]) == (20.0, 21.5, 0.75)
    assert abs(point["time"] - time.time()) < 60


def test_a_table_of_the_requests(server: Server, tmp_path: Path) -> None:
    nobody = run(tmp_path, server.url, "ask.py")
    assert (nobody.returncode, nobody.stderr) == (0, "")
    code = """
import watchroom
watchroom.init("asked")
for _ in range(7):
    watchroom.record_request("/", 1.0, 200)
watchroom.shutdown()
"""
    sent = subprocess.run(
        [sys.executable, "-c", code], env=environ(server.url, tmp_path), check=True
    )
    assert sent.returncode == 0
    table = run(tmp_path, server.url, "ask.py")
    assert (table.returncode, table.stderr) == (0, "")
    (row,) = [line.split() for line in table.stdout.splitlines() if line.startswith("asked")]
    assert float(row[1]) >= float(row[2]) >= 7  # extrapolated to the window, as PromQL does
