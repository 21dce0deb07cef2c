"""The demo in the browser: what the page counts is what the traffic says it sent."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.stage import connection, free_port, server, total

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WITHIN = 60_000


@contextmanager
def demo(folder: Path, port: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [
        *(sys.executable, "-m", "watchroom.cli", "demo", "--port", str(port)),
        *("--model-port", str(free_port()), "--data", str(folder / "data"), *arguments),
    ]
    environment = {**os.environ, "WATCHROOM_SPOOL_DIR": str(folder / "spool")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line, "the demo ended before it was ready"
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def sent_to(report: dict[str, Any], *routes: str, status: int) -> int:
    rows = [each for each in report["answers"] if each["status"] == status]
    return sum(each["count"] for each in rows if each["route"] in routes)


def endpoints(page: Page) -> dict[str, int]:
    """Read how many requests each row of the table stands for."""
    rows = page.get_by_test_id("endpoint-table").locator("tbody tr").all()
    return {
        row.get_attribute("data-endpoint") or "": int(row.get_attribute("data-requests") or -1)
        for row in rows
    }


def test_the_totals_on_the_pages_are_what_the_traffic_sent(page: Page, tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "sent.json"
    with demo(tmp_path, port, "--duration", "12", "--report", str(path)) as process:
        page.goto(f"http://127.0.0.1:{port}")
        connection(page, "websocket")
        number = page.get_by_test_id("tile-requests-total")
        expect(number).to_have_attribute("data-value", re.compile("^[1-9]"), timeout=WITHIN)
        expect(page.get_by_test_id("model-row")).to_have_count(2, timeout=WITHIN)
        assert process.wait(60) == 0
    connection(page, "offline")
    report = json.loads(path.read_text())
    assert report["done"]
    with server(tmp_path / "data", port):
        connection(page, "websocket")
        total(page, report["requests"])
        errors = page.get_by_test_id("tile-errors-total")
        expect(errors).to_have_attribute("data-value", str(report["errors"]))
        for model, route in (("result", "/predict/result"), ("duration", "/predict/duration")):
            row = page.locator(f'[data-model="{model}_predictor"] [data-label="Predictions"]')
            expect(row).to_have_attribute("data-value", str(sent_to(report, route, status=200)))
        page.get_by_role("link", name="API", exact=True).click()
        expected: Counter[str] = Counter()
        for each in report["answers"]:
            expected[f"{each['method']} {each['route']}"] += each["count"]
        table = page.get_by_test_id("endpoint-table").locator("tbody tr")
        expect(table).to_have_count(len(expected), timeout=WITHIN)
        assert endpoints(page) == expected


FAULTS = {
    "slow": (re.compile(r"scan-api .*: p95 \d+ ms, above 500 ms"), "/api"),
    "errors": (re.compile(r"scan-api: errors [\d.]+ %, above 5 %"), "/api"),
    "drift": (re.compile(r"_predictor: MAE \d+ % above its target"), "/models"),
    "cache": (re.compile(r"scan-api predictions: cache hits [\d.]+ %, below 50 %"), "/"),
}


@contextmanager
def faulty(url: str, fault: str) -> Iterator[None]:
    """The demo's model service with a fault from the start, and its traffic."""
    port = str(free_port())
    environment = {**os.environ, "WATCHROOM_URL": url}
    service = [*(sys.executable, "-m", "watchroom.demo.service"), "--port", port, "--fault", fault]
    traffic = [*(sys.executable, "-m", "watchroom.demo.traffic"), "--url"]
    with ExitStack() as stack:
        for command in (service, [*traffic, f"http://127.0.0.1:{port}"]):
            process = subprocess.Popen(command, env=environment)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        yield


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_in_the_first_sentence(page: Page, url: str, fault: str) -> None:
    sentence, path = FAULTS[fault]
    with faulty(url, fault):
        page.goto(url + path)
        expect(page.get_by_test_id("verdict")).to_contain_text(sentence, timeout=WITHIN)
        expect(page).to_have_title(re.compile("^[▲■] "))
