"""Servers with several worker processes: totals are right without any set-up."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.integration.conftest import Server

REQUESTS = 60

FLASK = """
import os
import flask
import watchroom

watchroom.init("shop", flush_seconds=0.2)
app = flask.Flask(__name__)
app.wsgi_app = watchroom.WSGIMiddleware(app.wsgi_app)

@app.get("/items/<int:number>")
def item(number):
    return str(os.getpid())
"""

FASTAPI = """
import os
import fastapi
import watchroom

watchroom.init("shop", flush_seconds=0.2)
app = fastapi.FastAPI()
app.add_middleware(watchroom.ASGIMiddleware)

@app.get("/items/{number}")
async def item(number: int):
    return os.getpid()
"""

COMMANDS = {
    "gunicorn": (FLASK, ["gunicorn", "--workers", "3"]),
    "gunicorn that loads before it forks": (FLASK, ["gunicorn", "--workers", "3", "--preload"]),
    "uvicorn": (FASTAPI, ["uvicorn", "--workers", "3", "--log-level", "warning"]),
}


@contextmanager
def serving(folder: Path, code: str, command: list[str], url: str, port: int) -> Iterator[None]:
    (folder / "shop.py").write_text(code)
    bind = ["--bind", f"127.0.0.1:{port}"] if "gunicorn" in command else ["--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", *command, *bind, "shop:app"],
        cwd=folder,
        env={**os.environ, "WATCHROOM_URL": url, "WATCHROOM_SPOOL_DIR": str(folder / "spool")},
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) in {0, -signal.SIGTERM}


def ask(port: int, path: str) -> str:
    """Ask over a connection of its own, so that any worker may answer."""
    until = time.monotonic() + 30.0
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}").raise_for_status().text
        except httpx.TransportError:
            assert time.monotonic() < until


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_worker_counts_its_own(
    start: Callable[..., Server], free_tcp_port: int, tmp_path: Path, name: str
) -> None:
    code, command = COMMANDS[name]
    server = start()
    with serving(tmp_path, code, command, server.url, free_tcp_port):
        workers = {ask(free_tcp_port, f"/items/{number}") for number in range(REQUESTS)}
    found = server.get("/metrics/current").json()
    assert found["api_metrics"]["requests_total"] == REQUESTS
    assert [row["endpoint"] for row in found["api_metrics"]["endpoints"]] == [
        "/items/<int:number>" if code is FLASK else "/items/{number}"
    ]
    answered = {
        each["instance"].rpartition(":")[2].partition("-")[0]
        for each in found["system_metrics"]["processes"]
    }
    assert workers <= answered
