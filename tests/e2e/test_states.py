"""Empty, loading and failing: what the page says when there are no numbers to show."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.stage import Complaints, Guest, connection, silent

pytestmark = pytest.mark.browser

PLOTS = "**/assets/Plot-*.js"


@pytest.mark.parametrize("path", ["/", "/api", "/models"])
def test_an_empty_server_shows_the_lines_to_add(page: Page, url: str, path: str) -> None:
    page.goto(url + path)
    expect(page.get_by_test_id("empty")).to_contain_text("watchroom.init")
    expect(page).to_have_title(re.compile("^○ "))


def test_a_loading_page_has_the_shape_of_what_comes(page: Page, url: str) -> None:
    silent(page)
    page.goto(url)
    expect(page.get_by_test_id("tile-requests-per-minute")).to_be_visible()
    expect(page.locator(".skeleton").first).to_be_visible()


def test_a_failing_answer_says_what_happened_and_can_be_asked_again(
    page: Page, url: str, guest: Guest, complaints: Complaints
) -> None:
    complaints.expect("the server responded with a status of 500")
    problem = {"error": {"code": "x", "message": "The disk is full.", "hint": "Make room."}}
    page.route("**/metrics/history?*", lambda route: route.fulfill(status=500, json=problem))
    guest.record(5)
    page.goto(url)
    volume = page.get_by_label("Requests per minute", exact=True)
    expect(volume.get_by_role("alert")).to_contain_text("The disk is full.Make room.")
    page.unroute("**/metrics/history?*")
    volume.get_by_role("button", name="Try again").click()
    expect(volume.get_by_role("alert")).to_be_hidden()


def test_an_answer_that_cannot_be_drawn_leaves_the_frame_standing(
    page: Page, url: str, guest: Guest, complaints: Complaints
) -> None:
    complaints.expect("TypeError")
    guest.record(5)
    nonsense = {"times": [1.0], "series": [{"labels": {"service": "shop"}, "values": None}]}
    page.route("**/metrics/history?*by=service*", lambda route: route.fulfill(json=nonsense))
    page.goto(url)
    broken = page.get_by_test_id("broken")
    expect(broken).to_contain_text("This page could not be drawn.")
    expect(broken.get_by_role("button")).to_have_text(["Try again", "Load the page again"])
    connection(page, "websocket")
    page.unroute("**/metrics/history?*by=service*")
    broken.get_by_role("button", name="Try again").click()
    expect(page.get_by_test_id("service-row")).to_be_visible()


def test_code_that_the_server_no_longer_has_is_said_so(
    page: Page, url: str, guest: Guest, complaints: Complaints
) -> None:
    complaints.expect("status of 404|could not be loaded")
    page.route(PLOTS, lambda route: route.fulfill(status=404))
    guest.record(5)
    page.goto(url)
    connection(page, "websocket")
    broken = page.get_by_label("Requests per minute", exact=True).get_by_test_id("broken")
    expect(broken).to_contain_text("could not be loaded", timeout=20_000)
    page.unroute(PLOTS)
    broken.get_by_role("button", name="Load the page again").click()
    expect(page.get_by_test_id("broken")).to_have_count(0)
