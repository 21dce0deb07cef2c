"""Numbers that move by themselves, stand still when told to, and outlive the server."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.stage import (
    Guest,
    connection,
    free_port,
    server,
    settled,
    total,
    without_sockets,
)

pytestmark = pytest.mark.browser


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
            settled(page, 50)
            total(page, 42)
            page.get_by_test_id("live-toggle").click()
            total(page, 50)
        connection(page, "offline")
        expect(page.get_by_test_id("verdict")).to_contain_text("The server does not answer")
        guest.record(5)
        with server(data, port):
            connection(page, "websocket")
            total(page, 55)


def test_without_websockets_the_page_polls(page: Page, url: str, guest: Guest) -> None:
    guest.record(3)
    without_sockets(page)
    page.goto(url)
    connection(page, "polling")
    total(page, 3)
    guest.record(4)
    total(page, 7)


def test_a_page_first_opened_while_the_server_is_away_waits_for_it(
    page: Page, data: Path, tmp_path: Path
) -> None:
    """Code that comes late must not take down what is on the page already."""
    port = free_port()
    with Guest(f"http://127.0.0.1:{port}", tmp_path / "spool") as guest:
        with server(data, port) as url:
            guest.record(5)
            page.route("**/assets/Page-*.js", lambda route: route.abort())
            page.goto(url)
            connection(page, "websocket")
        connection(page, "offline")
        page.unroute("**/assets/Page-*.js")
        expect(page.get_by_label("The page is loading")).to_be_visible()
        with server(data, port):
            connection(page, "websocket")
            total(page, 5)
