"""A phone scrolls in one direction only, whatever there is to show."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.stage import (
    Complaints,
    Guest,
    connection,
    fits,
    free_port,
    server,
    silent,
    without_sockets,
)

pytestmark = pytest.mark.browser

PATHS = ("/", "/api", "/models")

SERVICE = "krankenhausnotaufnahmenauslastungsvorhersagedienst-eu-central-1"
MODEL = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"
ENDPOINT = "/krankenhausnotaufnahmen/{krankenhausnotaufnahmenkennung}/auslastungsvorhersagen"


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    return page


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that watches two services with long names, big numbers and much that is wrong."""
    folder = tmp_path_factory.mktemp("crowded")
    with (
        server(folder / "data", free_port()) as url,
        Guest(url, folder / "spool", SERVICE) as guest,
        Guest(url, folder / "other", "shop") as other,
    ):
        other.record(50)
        guest.say("describe_model", MODEL, target_mae=0.001, target_r2=0.999)
        for times, milliseconds, status in ((40_000, 12.0, 200), (4_000, 9e6, 503)):
            guest.say(
                "record_request",
                *(ENDPOINT, milliseconds, status),
                method="OPTIONS",
                times=times,
            )
        guest.say("record_cache", MODEL, hits=1, misses=123_456_789, size_bytes=9e12)
        for value in range(60):
            known = guest.say("record_prediction", MODEL, value * 1e9, confidence=0.987654)
            guest.say("record_outcome", known, value * 2e9)
        guest.say("record_prediction", "short", 1.0)
        yield url


def loaded(page: Page) -> None:
    expect(page.locator(".skeleton")).to_have_count(0, timeout=20_000)


def test_empty_pages_fit(phone: Page, url: str) -> None:
    for path in PATHS:
        phone.goto(url + path)
        expect(phone.get_by_test_id("empty")).to_be_visible()
        fits(phone)


def test_loading_pages_fit(phone: Page, url: str) -> None:
    silent(phone)
    for path in PATHS:
        phone.goto(url + path)
        expect(phone.locator(".page .skeleton").first).to_be_visible()
        fits(phone)


@pytest.mark.parametrize("path", PATHS)
def test_long_names_and_big_numbers_fit(phone: Page, crowded: str, path: str) -> None:
    phone.goto(crowded + path)
    connection(phone, "websocket")
    expect(phone.get_by_test_id("verdict")).to_contain_text(
        MODEL if path == "/models" else SERVICE, timeout=20_000
    )
    loaded(phone)
    fits(phone)
    phone.goto(f"{crowded}{path}?service={SERVICE}&where=endpoint={ENDPOINT}")
    connection(phone, "websocket")
    loaded(phone)
    fits(phone)


@pytest.mark.parametrize("path", PATHS)
def test_a_window_of_days_fits_the_bar(phone: Page, crowded: str, path: str) -> None:
    phone.goto(f"{crowded}{path}?service={SERVICE}&from=1700000000&to=1764547199")
    connection(phone, "websocket")
    expect(phone.get_by_test_id("live-toggle")).to_have_attribute("data-state", "paused")
    loaded(phone)
    fits(phone)
    phone.get_by_test_id("range").click()
    expect(phone.get_by_label("From")).to_be_visible()
    fits(phone)


@pytest.mark.parametrize("path", PATHS)
def test_answers_that_fail_fit(
    phone: Page, crowded: str, path: str, complaints: Complaints
) -> None:
    complaints.expect("the server responded with a status of 500")
    problem = {"error": {"code": "x", "message": f"{MODEL} " * 3, "hint": MODEL}}
    phone.route("**/metrics/**", lambda route: route.fulfill(status=500, json=problem))
    phone.goto(crowded + path)
    expect(phone.get_by_role("alert").first).to_be_visible(timeout=20_000)
    fits(phone)


def test_every_state_of_the_connection_fits(phone: Page, data: Path, tmp_path: Path) -> None:
    def each_page() -> None:
        for name in ("API", "Models", "Overview"):
            phone.get_by_role("link", name=name, exact=True).click()
            expect(phone.get_by_role("heading", level=1)).to_have_text(name)
            fits(phone)

    without_sockets(phone)
    with server(data, free_port()) as url, Guest(url, tmp_path / "spool", SERVICE) as guest:
        guest.record(3)
        phone.goto(url)
        connection(phone, "polling")
        each_page()
        phone.get_by_test_id("live-toggle").click()
        each_page()
    connection(phone, "offline")
    each_page()
