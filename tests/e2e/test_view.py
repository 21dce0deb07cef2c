"""What one looks at: by the address, the keys and the mouse."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.stage import Guest, connection, tab_stops, total, unclear

pytestmark = pytest.mark.browser

CHARTED = 20_000


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def plot(page: Page, name: str) -> Locator:
    return page.get_by_label(name, exact=True).locator(".u-over")


def open_charts(page: Page, url: str, guest: Guest) -> str:
    """Open the API page on a window that stands still around all that was recorded."""
    began = time.time()
    guest.record(30)
    guest.say("record_request", "/pay", 80.0, 503, method="POST", times=10)
    page.goto(url)
    # What stands still shows the first content it gets: it must hold the requests by then.
    total(page, 40)
    address = f"{url}/api?from={began - 60:.0f}&to={time.time() + 20:.0f}"
    page.goto(address)
    connection(page, "websocket")
    for name in ("Requests per minute", "Response time"):
        expect(plot(page, name)).to_be_visible(timeout=CHARTED)
    return address


def drag(page: Page, over: Locator, start: float, end: float) -> None:
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=5)
    page.mouse.up()


def test_a_drag_zooms_all_charts_and_a_double_click_goes_back(
    page: Page, url: str, guest: Guest
) -> None:
    whole = open_charts(page, url, guest)
    drag(page, plot(page, "Requests per minute"), 0.3, 0.99)
    page.wait_for_function("(before) => location.href !== before", arg=whole)
    outer = query(page)
    drag(page, plot(page, "Response time"), 0.1, 0.95)
    page.wait_for_function("(before) => !location.href.includes(before)", arg=outer["from"][0])
    inner = query(page)
    assert float(outer["from"][0]) < float(inner["from"][0])
    assert float(inner["to"][0]) < float(outer["to"][0])
    plot(page, "Requests per minute").dblclick()
    page.wait_for_function("(before) => !location.href.includes(before)", arg=inner["from"][0])
    assert query(page) == outer
    plot(page, "Response time").dblclick()
    expect(page).to_have_url(whole)


def test_a_window_that_holds_nothing_has_a_way_out(page: Page, url: str, guest: Guest) -> None:
    whole = open_charts(page, url, guest)
    drag(page, plot(page, "Requests per minute"), 0.05, 0.15)
    volume = page.get_by_label("Requests per minute", exact=True)
    expect(volume).to_contain_text("Nothing was recorded in this window.")
    volume.get_by_role("button", name="Zoom back").click()
    expect(page).to_have_url(whole)


def test_one_cursor_crosses_all_charts(page: Page, url: str, guest: Guest) -> None:
    open_charts(page, url, guest)
    plot(page, "Requests per minute").hover()
    for name in ("Requests per minute", "Response time", "Error rate"):
        expect(page.get_by_label(name, exact=True).locator(".hovering")).to_be_visible()
    expect(page.locator(".hovering .at")).to_have_count(3)
    assert len(set(page.locator(".hovering .at").all_inner_texts())) == 1


def test_a_press_on_a_name_shows_its_line_alone(page: Page, url: str, guest: Guest) -> None:
    open_charts(page, url, guest)
    names = page.get_by_label("Requests per minute", exact=True).locator(".legend button")
    expect(names).to_have_count(2)
    names.first.click()
    expect(names.last).to_have_attribute("aria-pressed", "false")
    names.first.click(modifiers=["Shift"])
    expect(names.last).to_have_attribute("aria-pressed", "true")


def test_the_address_brings_back_the_view(page: Page, url: str, guest: Guest) -> None:
    open_charts(page, url, guest)
    page.get_by_role("button", name="POST /pay").click()
    page.get_by_test_id("range").click()
    page.get_by_test_id("range-1h").click()
    page.keyboard.press(".")
    expect(page.get_by_test_id("live-toggle")).to_have_attribute("data-state", "paused")
    shown = page.get_by_test_id("range").get_attribute("data-value") or ""
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_test_id("filters")).to_contain_text("endpoint = /pay")
    expect(other.get_by_test_id("range")).to_have_attribute("data-value", shown)
    expect(other.get_by_test_id("live-toggle")).to_have_attribute("data-state", "paused")
    expect(other.get_by_role("heading", level=1)).to_have_text("API")
    page.go_back()
    page.go_back()
    expect(page.get_by_test_id("live-toggle")).to_have_attribute("data-state", "paused")
    expect(page.get_by_test_id("filters")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("filters")).to_have_count(0)


def test_a_custom_window_is_two_times(page: Page, url: str, guest: Guest) -> None:
    guest.record(5)
    page.goto(url)
    total(page, 5)
    page.get_by_test_id("range").click()
    page.get_by_label("From").fill("2026-01-02T10:00:00")
    page.get_by_label("To", exact=True).fill("2026-01-02T09:00:00")
    expect(page.get_by_text("The end must be later than the start.")).to_be_visible()
    page.get_by_label("To", exact=True).fill("2026-01-02T10:15:00")
    page.get_by_role("button", name="Show this window").click()
    expect(page.get_by_test_id("range")).to_contain_text(re.compile("2 Jan 10:00 . 10:15"))
    expect(page.get_by_test_id("range")).to_be_focused()


def test_everything_can_be_done_by_the_keyboard(page: Page, url: str, guest: Guest) -> None:
    guest.record(5)
    page.goto(url)
    total(page, 5)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("3")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.keyboard.press("Control+k")
    finder = page.get_by_test_id("palette").get_by_role("combobox")
    expect(finder).to_be_focused()
    page.keyboard.type("shop")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("palette")).to_have_count(0)
    expect(page).to_have_url(f"{url}/models?service=shop")
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_contain_text("Find anything")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keys")).to_have_count(0)
    page.keyboard.press(".")
    expect(page.get_by_test_id("live-toggle")).to_have_attribute("data-state", "paused")
    page.keyboard.press("z")
    expect(page.get_by_test_id("live-toggle")).to_have_attribute("data-state", "live")


def test_every_stop_of_the_tab_key_has_a_name_and_shows_where_it_is(
    page: Page, url: str, guest: Guest
) -> None:
    open_charts(page, url, guest)
    seen = tab_stops(page)
    assert len(seen) > 20
    assert unclear(seen) == []


def test_html_in_a_label_is_text(page: Page, url: str, guest: Guest) -> None:
    evil = "<img src=x onerror=alert(1)><b>bold</b>"
    guest.say("record_request", f"/{evil}", 12.0, 200, method="GET", times=5)
    guest.say("record_prediction", evil, 1.0)
    page.on("dialog", lambda _: pytest.fail("a label was run as code"))
    for path in ("/", "/api", "/models"):
        page.goto(url + path)
        expect(page.get_by_text("<b>bold</b>").first).to_be_visible(timeout=CHARTED)
        assert page.locator("main img, main b:text-is('bold')").count() == 0


def test_the_tab_carries_the_worst_state(page: Page, url: str, guest: Guest) -> None:
    icon = page.locator('link[rel="icon"]')
    guest.record(20)
    page.goto(url)
    expect(page).to_have_title("● Overview · Watchroom", timeout=CHARTED)
    expect(icon).to_have_attribute("href", re.compile("icon-well"))
    guest.say("record_request", "/pay", 900.0, 200, times=20)
    expect(page).to_have_title("▲ Overview · Watchroom", timeout=CHARTED)
    guest.say("record_request", "/pay", 12.0, 503, times=20)
    expect(page).to_have_title("■ Overview · Watchroom", timeout=CHARTED)
    expect(icon).to_have_attribute("href", re.compile("icon-critical"))


def test_a_theme_is_remembered(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_test_id("theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
