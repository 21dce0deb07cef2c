"""History with every chart: its menu, its trend, its past, and the way to ask on."""

import csv
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.stage import Guest, connection, total

pytestmark = pytest.mark.browser


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def open_menu(page: Page, name: str) -> None:
    card(page, name).hover()
    card(page, name).get_by_test_id("chart-menu").click()


def open_charts(page: Page, url: str, guest: Guest, path: str = "/api") -> None:
    """Open charts of a window that stands still around what was recorded."""
    began = time.time()
    guest.record(30)
    page.goto(url)
    total(page, 30)
    page.goto(f"{url}{path}?from={began - 60:.0f}&to={time.time() + 20:.0f}")
    connection(page, "websocket")
    expect(card(page, "Requests per minute").locator(".u-over")).to_be_visible(timeout=20_000)


def test_a_menu_is_reached_by_the_keys_and_is_calm_until_then(
    page: Page, url: str, guest: Guest
) -> None:
    open_charts(page, url, guest)
    menu = card(page, "Requests per minute").get_by_test_id("chart-menu")
    expect(menu).to_have_css("opacity", "0")
    menu.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(menu).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("open-explore")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(card(page, "Requests per minute")).to_contain_text(re.compile("level|rising|falling"))
    assert query(page)["trend"] == ["requests_per_minute"]
    open_menu(page, "Requests per minute")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("open-explore")).to_have_count(0)
    expect(menu).to_be_focused()


def test_all_charts_are_compared_at_once(page: Page, url: str, guest: Guest) -> None:
    open_charts(page, url, guest)
    open_menu(page, "Response time")
    page.get_by_test_id("compare-1d").click()
    expect(page.get_by_test_id("comparison")).to_have_text("dashed: a day earlier")
    assert query(page)["compare"] == ["1d"]
    open_menu(page, "Response time")
    page.get_by_test_id("compare-distance").fill("3d")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("comparison")).to_have_text("dashed: 3 days earlier")
    page.get_by_test_id("comparison").get_by_role("button").click()
    expect(page.get_by_test_id("comparison")).to_have_count(0)
    page.keyboard.press("c")
    expect(page.get_by_test_id("comparison")).to_have_text("dashed: the period before")
    page.get_by_role("link", name="Models", exact=True).click()
    assert query(page)["compare"] == ["previous"]


def test_a_chart_is_asked_on_in_explore(page: Page, url: str, guest: Guest) -> None:
    open_charts(page, url, guest)
    open_menu(page, "Requests per minute")
    page.get_by_test_id("open-explore").click()
    editor = page.get_by_test_id("query-A").locator(".cm-content")
    expect(editor).to_have_text(
        "sum by (http_route) (histogram_count(rate(http_server_request_duration_seconds[1m]))) * 60"
    )
    legend = page.get_by_test_id("chart-explore").locator(".legend button")
    expect(legend).to_have_text([re.compile(r"^/buy/\{item\}.*/min$")], timeout=20_000)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("API")


def test_a_chart_is_saved_as_it_is_drawn(
    page: Page, url: str, guest: Guest, tmp_path: Path
) -> None:
    open_charts(page, url, guest)
    for name in ("Requests per minute", "Response times over time"):
        for kind in ("csv", "png"):
            open_menu(page, name)
            with page.expect_download() as download:
                page.get_by_test_id(f"save-{kind}").click()
            download.value.save_as(tmp_path / f"{name}.{kind}")
    header, *rows = csv.reader((tmp_path / "Requests per minute.csv").read_text().splitlines())
    assert header == ["time", "/buy/{item}"]
    step = 5
    assert sum(float(row[1]) for row in rows if row[1]) * step / 60 == pytest.approx(30)
    assert any(row[1] == "" for row in rows) or len(rows) > 1
    _, *cells = csv.reader((tmp_path / "Response times over time.csv").read_text().splitlines())
    assert sum(float(cell) for row in cells for cell in row[1:]) == 30
    for name in ("Requests per minute", "Response times over time"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
