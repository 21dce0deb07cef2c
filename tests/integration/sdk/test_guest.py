"""The watched application answers the same whatever happens on the other side (F11)."""

import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

APP = """
import asyncio, json, sys
import httpx
from fastapi import FastAPI
import watchroom

watchroom.init("guest", flush_seconds=0.05)
app = FastAPI()
app.add_middleware(watchroom.ASGIMiddleware)

@app.get("/items/{number}")
def item(number: int):
    watchroom.record_outcome(watchroom.record_prediction("model", 1.0), number)
    watchroom.record_cache("cache", hit=True)
    if number % 10 == 9:
        raise RuntimeError("broken")
    return {"number": number}

async def ask():
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        answers = []
        for number in range(100):
            answer = await client.get(f"/items/{number}" if number % 7 else "/nowhere")
            answers.append([answer.status_code, answer.text])
            await asyncio.sleep(0.005)
        return answers

print(json.dumps(asyncio.run(ask())), flush=True)
"""
_EXIT_SECONDS = 1.0
_INTERPRETER_SECONDS = 1.5


@contextmanager
def listening(reply: Callable[[socket.socket], None]) -> Iterator[int]:
    """Take connections on a free port and hand each to `reply`."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    stack.enter_context(connection)
                    reply(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def hang(connection: socket.socket) -> None:
    """Say nothing, ever."""


def babble(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"\x00\xff garbage\r\n" * 100)
        connection.shutdown(socket.SHUT_WR)


def refuse_writes() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def ask(tmp_path: Path, port: int, *, full: bool = False, **more: str) -> tuple[list[list], float]:
    """Return the answers of the application, and how long it took to end after the last."""
    environ = {
        **os.environ,
        "WATCHROOM_URL": f"http://127.0.0.1:{port}",
        "WATCHROOM_SPOOL_DIR": str(tmp_path / "spool"),
        **more,
    }
    with subprocess.Popen(
        [sys.executable, "-c", APP],
        stdout=subprocess.PIPE,
        env=environ,
        text=True,
        preexec_fn=refuse_writes if full else None,  # noqa: PLW1509 - one system call, no locks
    ) as process:
        assert process.stdout is not None
        answers = json.loads(process.stdout.readline())
        answered = time.monotonic()
        assert process.wait(timeout=30) == 0
        return answers, time.monotonic() - answered


@pytest.fixture(scope="module")
def unwatched(tmp_path_factory: pytest.TempPathFactory) -> list[list]:
    folder = tmp_path_factory.mktemp("unwatched")
    answers, _ = ask(folder, closed_port(), MONITORING_ENABLED="false")
    assert {status for status, _ in answers} == {200, 404, 500}
    return answers


@pytest.mark.parametrize("full", [False, True], ids=["spool works", "spool full"])
@pytest.mark.parametrize("server", ["down", "hangs", "garbage"])
def test_the_answers_are_the_same(
    tmp_path: Path, unwatched: list[list], server: str, *, full: bool
) -> None:
    with ExitStack() as stack:
        if server == "down":
            port = closed_port()
        else:
            port = stack.enter_context(listening(hang if server == "hangs" else babble))
        answers, leaving = ask(tmp_path, port, full=full)
    assert answers == unwatched
    assert leaving < _EXIT_SECONDS + _INTERPRETER_SECONDS
