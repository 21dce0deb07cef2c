"""A browser, and pages that must not complain."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e.stage import Complaints, Guest, free_port, server

WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
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
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def complaints(page: Page) -> Iterator[Complaints]:
    """Fail any test whose page complains of what the test does not expect."""
    heard = Complaints(page)
    yield heard
    assert heard.unexpected() == []


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def url(data: Path) -> Iterator[str]:
    """A server for the length of the test."""
    with server(data, free_port()) as address:
        yield address


@pytest.fixture
def guest(url: str, tmp_path: Path) -> Iterator[Guest]:
    """A program that the server watches."""
    with Guest(url, tmp_path / "spool") as program:
        yield program
