"""What the browser tests play on: a server, a watched program, and what a page may say."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx
from playwright.sync_api import Page, Route, WebSocketRoute, expect

GUEST = """
import json, sys, watchroom
watchroom.init(sys.argv[2], url=sys.argv[1])
for line in sys.stdin:
    verb, times, arguments, options = json.loads(line)
    for _ in range(times):
        answer = getattr(watchroom, verb)(*arguments, **options)
    print(json.dumps(answer), flush=True)
"""

SOCKETS = "**/socket.io/**"

NETWORK = re.compile(r"Failed to load resource: net::ERR_|WebSocket connection to '.*' failed")
"""What a browser says by itself when a server is away: no fault of the page."""


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
    """A watched program that records what it is told to."""

    def __init__(self, url: str, spool: Path, service: str = "shop") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", GUEST, url, service],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "WATCHROOM_SPOOL_DIR": str(spool)},
        )

    def say(self, verb: str, *arguments: Any, times: int = 1, **options: Any) -> Any:
        """Call a verb of the SDK so many times, and return its last answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([verb, times, arguments, options]), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def record(self, requests: int) -> None:
        self.say("record_request", "/buy/{item}", 12.0, 200, method="POST", times=requests)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=30)


class Complaints:
    """What the page's console and its uncaught errors said; all of it must be expected."""

    def __init__(self, page: Page) -> None:
        self._heard: list[str] = []
        self._expected = [NETWORK]
        page.on("pageerror", lambda error: self._heard.append(f"uncaught: {error.stack or error}"))
        page.on("crash", lambda: self._heard.append("the page crashed"))
        page.on(
            "console",
            lambda said: self._heard.append(said.text) if said.type == "error" else None,
        )

    def expect(self, pattern: str) -> None:
        """Allow complaints that match; for the tests that provoke them."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [each for each in self._heard if not any(p.search(each) for p in self._expected)]


def backfill(url: str, metrics: list[dict[str, Any]], service: str = "shop") -> None:
    """Write metrics of any age by the door for OTLP."""
    named = [{"key": "service.name", "value": {"stringValue": service}}]
    part = {"resource": {"attributes": named}, "scopeMetrics": [{"metrics": metrics}]}
    answer = httpx.post(f"{url}/v1/metrics", json={"resourceMetrics": [part]}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert not answer.json().get("partialSuccess"), answer.text


def connection(page: Page, state: str) -> None:
    """Return when the page's indicator says so."""
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", state, timeout=30_000)


def total(page: Page, requests: int) -> None:
    """Return when the overview counts so many requests."""
    number = page.get_by_test_id("tile-requests-total")
    expect(number).to_have_attribute("data-value", str(requests), timeout=20_000)


def settled(page: Page, requests: int) -> None:
    """Return when the server, asked from the page, knows of so many requests."""
    page.wait_for_function(
        """async (requests) => {
            const answer = await (await fetch("/metrics/current")).json();
            return answer.api_metrics.requests_total === requests;
        }""",
        arg=requests,
        polling=200,
    )


def without_sockets(page: Page) -> None:
    """Let no WebSocket through, as some proxies do."""
    page.route(SOCKETS, lambda route: route.abort())
    page.route_web_socket(SOCKETS, lambda wire: wire.close())


def silent(page: Page) -> None:
    """Let every question of the page stay open, so that it keeps loading."""

    def keep(_: Route | WebSocketRoute) -> None:
        return None

    page.route("**/metrics/**", keep)
    page.route("**/api/live/**", keep)
    page.route_web_socket(SOCKETS, keep)


WIDER = """() => {
    const width = document.documentElement.clientWidth;
    const clipped = (node) => {
        for (let each = node.parentElement; each; each = each.parentElement)
            if (getComputedStyle(each).overflowX !== "visible") return true;
        return false;
    };
    const wide = [...document.querySelectorAll("body *")].filter(
        (node) => node.getBoundingClientRect().right > width + 0.5 && !clipped(node));
    const scroll = document.documentElement.scrollWidth;
    if (scroll > width) wide.push(document.documentElement);
    return wide.map((node) => `${node.tagName}.${node.className} ${node.textContent.slice(0, 60)}`);
}"""


def fits(page: Page) -> None:
    """Hold the page's widest part against the screen; it may grow until its fonts are there."""
    page.evaluate("document.fonts.ready.then(() => undefined)")
    assert page.evaluate(WIDER) == []


STOP = """() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const style = getComputedStyle(at);
    return {
        name: at.getAttribute("aria-label") || at.innerText || at.title,
        visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    };
}"""


def tab_stops(page: Page) -> list[dict[str, Any]]:
    """Return where the Tab key stops, from the start of the page to its end."""
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        seen.append(stop)
    return seen


def unclear(stops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the stops that have no name, or do not show where one is."""
    return [stop for stop in stops if not stop["name"].strip() or not stop["visible"]]
