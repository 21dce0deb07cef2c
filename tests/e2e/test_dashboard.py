"""The dashboard in a real browser, against a real server and a real watched program."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

GUEST = """
import sys, time, watchroom
watchroom.init("shop", url=sys.argv[1])
for line in sys.stdin:
    for _ in range(int(line)):
        watchroom.record_request("/buy/{item}", 12.0, 200, method="POST")
    print("recorded", flush=True)
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def server(data: Path, port: int) -> Iterator[str]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "watchroom.cli", "up"),
            *("--port", str(port), "--data", str(data)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=30)


class Guest:
    """A watched program that records as many requests as it is told to."""

    def __init__(self, url: str, spool: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", GUEST, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "WATCHROOM_SPOOL_DIR": str(spool)},
        )

    def record(self, requests: int) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(requests, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == "recorded\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "these tests drive Debian's Chromium: make test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def connection(page: Page, state: str) -> None:
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", state, timeout=30_000)


def total(page: Page, requests: int) -> None:
    number = page.get_by_test_id("tile-requests-total")
    expect(number).to_have_attribute("data-value", str(requests), timeout=20_000)


def settled(url: str, requests: int) -> None:
    """Return when the server knows of so many requests."""
    until = time.monotonic() + 20.0
    while httpx.get(f"{url}/metrics/current").json()["api_metrics"]["requests_total"] != requests:
        assert time.monotonic() < until, f"the server never heard of {requests} requests"


def test_numbers_move_stop_when_paused_and_outlive_a_restart(
    page: Page, data: Path, tmp_path: Path
) -> None:
    port = free_port()
    with Guest(f"http://127.0.0.1:{port}", tmp_path / "spool") as guest:
        with server(data, port) as url:
            guest.record(40)
            page.goto(url)
            connection(page, "websocket")
            total(page, 40)
            guest.record(2)
            total(page, 42)
            page.get_by_test_id("live-toggle").click()
            expect(page.get_by_test_id("live-toggle")).to_have_attribute("data-state", "paused")
            guest.record(8)
            settled(url, 50)
            total(page, 42)
            page.get_by_test_id("live-toggle").click()
            total(page, 50)
        connection(page, "offline")
        guest.record(5)
        with server(data, port):
            connection(page, "websocket")
            total(page, 55)


def test_without_websockets_the_page_polls(page: Page, data: Path, tmp_path: Path) -> None:
    with server(data, free_port()) as url, Guest(url, tmp_path / "spool") as guest:
        guest.record(3)
        page.route("**/socket.io/**", lambda route: route.abort())
        page.route_web_socket("**/socket.io/**", lambda socket: socket.close())
        page.goto(url)
        connection(page, "polling")
        total(page, 3)
        guest.record(4)
        total(page, 7)


def test_an_empty_server_shows_the_lines_to_add(page: Page, data: Path) -> None:
    with server(data, free_port()) as url:
        page.goto(url)
        expect(page.get_by_text("watchroom.init").first).to_be_visible()


def test_a_phone_scrolls_in_one_direction_only(page: Page, data: Path, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    with server(data, free_port()) as url, Guest(url, tmp_path / "spool") as guest:
        guest.record(3)
        settled(url, 3)
        for path in ("/", "/api", "/models"):
            page.goto(url + path)
            expect(page.get_by_test_id("verdict")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
