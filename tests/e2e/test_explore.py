"""Explore: PromQL typed, drawn, compared, saved and shared, and written by clicking."""

import csv
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.stage import (
    Complaints,
    Guest,
    backfill,
    connection,
    fits,
    free_port,
    server,
    tab_stops,
    unclear,
)

pytestmark = pytest.mark.browser

STEP = 30
HOUR = 3600
TO = int(time.time()) // HOUR * HOUR - HOUR
"""The end of what is stored: a full hour, so that windows lie on whole steps."""

REGIONS = ("north", "south")

EVIL = "<img src=x onerror=alert(1)><b>bold</b>"

Value = Callable[[int], float]


def points(value: Value, **labels: str) -> list[dict[str, Any]]:
    """Points every 30 s over two hours; `value` is given the seconds before the end."""
    attributes = [{"key": key, "value": {"stringValue": text}} for key, text in labels.items()]
    return [
        {
            "attributes": attributes,
            "startTimeUnixNano": str((TO - 3 * HOUR) * 10**9),
            "timeUnixNano": str((TO - before) * 10**9),
            "asDouble": value(before),
        }
        for before in range(2 * HOUR, -1, -STEP)
    ]


def histogram(before: int) -> dict[str, Any]:
    """A cumulative exponential histogram between 1 and 16 that grows by four each step."""
    grown = (3 * HOUR - before) // STEP
    return {
        "startTimeUnixNano": str((TO - 3 * HOUR) * 10**9),
        "timeUnixNano": str((TO - before) * 10**9),
        "count": str(4 * grown),
        "sum": 30.0 * grown,
        "scale": 0,
        "positive": {"offset": 0, "bucketCounts": [str(grown)] * 4},
    }


def steady(region: str) -> Value:
    rate = 2.0 if region == "north" else 1.0
    return lambda before: rate * (3 * HOUR - before)


METRICS: list[dict[str, Any]] = [
    {
        "name": "orders",
        "description": "orders that were taken",
        "sum": {
            "isMonotonic": True,
            "aggregationTemporality": 2,
            "dataPoints": [
                point for each in REGIONS for point in points(steady(each), region=each)
            ],
        },
    },
    {
        # Ten times as much in the second hour.
        "name": "stock",
        "unit": "By",
        "gauge": {"dataPoints": points(lambda before: 2e6 if before < HOUR else 2e5)},
    },
    {
        "name": "temperature",
        "gauge": {"dataPoints": points(lambda before: 100 - before / 60)},
    },
    {
        "name": "shelf",
        "gauge": {
            "dataPoints": [
                point
                for number in range(25)
                for point in points(lambda _, number=number: number, shelf=str(number))  # type: ignore[misc]
            ]
        },
    },
    {"name": "evil", "gauge": {"dataPoints": points(lambda _: 1.0, name=EVIL)}},
    {
        "name": "wait",
        "unit": "s",
        "exponentialHistogram": {
            "aggregationTemporality": 2,
            "dataPoints": [histogram(before) for before in range(2 * HOUR, -1, -STEP)],
        },
    },
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two hours of data."""
    with server(tmp_path_factory.mktemp("stored") / "data", free_port()) as url:
        backfill(url, METRICS)
        yield url


def asking(*exprs: str, **more: str | int) -> str:
    """The address of queries over the last stored hour."""
    window = {"from": TO - HOUR, "to": TO, **more}
    return "/explore?" + urlencode([*zip("ABCDEF", exprs, strict=False), *window.items()])


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def editor(page: Page, name: str = "A") -> Locator:
    return page.get_by_test_id(f"query-{name}").locator(".cm-content")


def write(page: Page, text: str, name: str = "A") -> None:
    editor(page, name).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def legend(page: Page) -> Locator:
    return page.get_by_test_id("chart-explore").locator(".legend button")


def drawn(page: Page, points: int = HOUR // STEP + 1) -> None:
    """Return when the result has so many points."""
    chart = page.get_by_test_id("chart-explore")
    expect(chart).to_have_attribute("data-points", str(points), timeout=20_000)
    expect(chart.locator(".u-over")).to_be_visible()


def test_a_query_is_completed_and_run_by_the_keys(page: Page, stored: str) -> None:
    page.goto(f"{stored}/explore?from={TO - HOUR}&to={TO}")
    expect(page.get_by_test_id("examples").get_by_role("listitem")).to_have_count(3)
    editor(page).click()
    page.keyboard.type("sum by (region) (rate(ord", delay=20)
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_have_text(
        re.compile("^orders_total")
    )
    page.keyboard.press("Tab")
    expect(editor(page)).to_have_text("sum by (region) (rate(orders_total))")
    page.keyboard.type("[2m", delay=20)
    page.keyboard.press("Control+Enter")
    drawn(page, HOUR // 15 + 1)
    expect(legend(page)).to_have_text(["region=north2.00/s", "region=south1.00/s"])
    assert query(page)["A"] == ["sum by (region) (rate(orders_total[2m]))"]


def test_an_example_answers(page: Page, stored: str) -> None:
    page.goto(f"{stored}/explore?from={TO - HOUR}&to={TO}")
    page.get_by_test_id("examples").get_by_role("button").first.click()
    expect(editor(page)).to_contain_text("histogram_quantile(0.95")
    drawn(page, HOUR // 15 + 1)


def test_what_is_wrong_is_marked_and_said(page: Page, stored: str, complaints: Complaints) -> None:
    complaints.expect("status of 400")
    page.goto(stored + asking("sum(orders_total) + nonsense(1)"))
    row = page.get_by_test_id("query-A")
    expect(row.get_by_role("alert")).to_contain_text("unknown function")
    expect(row.locator(".cm-lintRange-error")).to_have_text(re.compile("^nonsense"))
    write(page, "sum(rate(orders_total))")
    expect(row.get_by_text("unknown function")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(row.locator(".cm-lintRange-error, .cm-lintPoint-error").first).to_be_visible()
    write(page, "sum(orders_total)")
    page.keyboard.press("Enter")
    drawn(page, HOUR // 15 + 1)
    expect(row.get_by_role("alert")).to_have_count(0)


def test_several_queries_have_names_order_and_templates(page: Page, stored: str) -> None:
    page.goto(stored + asking("stock_bytes", step="30s"))
    drawn(page)
    expect(legend(page)).to_have_text([re.compile(r"stock_bytes.*2\.00 MB")])
    page.get_by_test_id("add-query").click()
    write(page, 'orders_total{region="north"}', "B")
    page.get_by_label("Names of the series of B").fill("{{region}}: {{job}}")
    page.get_by_test_id("run").click()
    expect(legend(page)).to_have_count(2)
    expect(legend(page).last).to_contain_text("north: shop")
    page.get_by_test_id("query-menu-B").click()
    page.get_by_role("button", name="Move up").click()
    expect(page.locator(".query-name")).to_have_text(["B", "A"])
    page.get_by_role("button", name="Query B", exact=True).click()
    expect(legend(page)).to_have_text([re.compile("stock_bytes")])
    assert list(query(page))[:3] == ["from", "to", "B"]
    page.get_by_test_id("query-menu-B").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".query-name")).to_have_text(["A"])


def test_two_periods_on_one_axis(page: Page, stored: str) -> None:
    page.goto(stored + asking("stock_bytes", "temperature", step="30s"))
    drawn(page)
    page.get_by_test_id("compare").click()
    page.get_by_test_id("compare-previous").click()
    expect(legend(page).first).to_contain_text(re.compile(r"\+8\d\d %"))
    expect(legend(page).last).to_contain_text("+600 %")
    page.locator(".u-over").hover()
    expect(page.locator(".hovering")).to_contain_text("was 200K")
    assert query(page)["compare"] == ["previous"]
    page.get_by_test_id("chart-menu").click()
    page.get_by_test_id("toggle-trend").click()
    expect(legend(page).last).to_contain_text("rising 60.0 per hour")
    page.get_by_role("button", name="Table").click()
    rows = page.get_by_test_id("answers").locator("tbody tr")
    expect(rows.first.locator("td")).to_have_text(
        [re.compile("stock_bytes"), "2M", "200K", "10 times"]
    )


@pytest.fixture
def save(page: Page, tmp_path: Path) -> Callable[[str], Path]:
    def saved(kind: str) -> Path:
        page.get_by_test_id("chart-menu").click()
        with page.expect_download() as download:
            page.get_by_test_id(f"save-{kind}").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    return saved


def test_what_is_shown_can_be_saved(page: Page, stored: str, save: Callable[[str], Path]) -> None:
    page.goto(stored + asking("temperature", step="30s", compare="previous"))
    drawn(page)
    expect(legend(page)).to_contain_text(["%"])
    header, *rows = csv.reader(save("csv").read_text().splitlines())
    assert header[0] == "time"
    assert "earlier" in header[2] or "before" in header[2]
    assert len(rows) == HOUR // STEP + 1
    assert rows[-1][0] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(TO))
    assert [float(rows[-1][1]), float(rows[-1][2])] == [100, 40]
    data = json.loads(save("json").read_text())
    assert data["times"][-1] == TO
    assert data["series"][0]["values"][0] == 40
    assert data["series"][0]["past"][-1] == 40
    assert save("png").read_bytes().startswith(b"\x89PNG\r\n")
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_test_id("answers")).to_be_visible()
    (row,) = csv.DictReader(save("csv").read_text().splitlines())
    assert (row["job"], row["value"], row["earlier"]) == ("shop", "100", "40")


def test_a_link_brings_back_all_of_it(page: Page, stored: str) -> None:
    page.goto(stored + asking("stock_bytes", step="1m", unit="per_second", log="1"))
    drawn(page, HOUR // 60 + 1)
    page.get_by_test_id("add-query").click()
    write(page, "temperature # as it is", "B")
    page.keyboard.press("Enter")
    expect(legend(page)).to_have_count(2)
    page.keyboard.press("Escape")
    page.get_by_test_id("chart-explore").click(position={"x": 5, "y": 5})
    page.keyboard.press("c")
    expect(legend(page).last).to_contain_text("%")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("copy-link").click()
    expect(page.get_by_test_id("copy-link")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    other = page.context.new_page()
    other.goto(link)
    drawn(other, HOUR // 60 + 1)
    expect(editor(other, "B")).to_have_text("temperature # as it is")
    expect(other.get_by_label("Step")).to_have_value("1m")
    expect(other.get_by_label("Unit")).to_have_value("per_second")
    expect(other.get_by_role("button", name="Log scale")).to_have_attribute("aria-pressed", "true")
    expect(legend(other).last).to_contain_text("+600 %")


def test_more_series_than_can_be_followed(page: Page, stored: str) -> None:
    page.goto(stored + asking("shelf"))
    drawn(page, HOUR // 15 + 1)
    expect(legend(page)).to_have_count(20)
    expect(page.get_by_text("Drawn are 20 of 25 series")).to_be_visible()
    names = legend(page)
    names.nth(3).click(modifiers=["Shift"])
    expect(names.nth(4)).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Table").click()
    values = page.get_by_test_id("answers").locator("td[data-value]")
    expect(values).to_have_count(25)
    expect(values.first).to_have_text("24.0")
    page.get_by_role("button", name="Value").click()
    expect(values.first).to_have_text("0")


def test_histograms_are_a_heat_map_and_quantiles(page: Page, stored: str) -> None:
    page.goto(stored + asking("rate(wait_seconds[2m])"))
    expect(page.get_by_test_id("chart-heat")).to_have_attribute(
        "data-points", str(HOUR // 15 + 1), timeout=20_000
    )
    expect(page.get_by_label("Unit")).to_contain_text("auto, seconds")
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_test_id("answers")).to_contain_text(
        re.compile(r"p50 4\.00 s · p95 \d+\.\d s")
    )


def test_limits_are_said_before_the_server_is_asked(page: Page, stored: str) -> None:
    page.goto(f"{stored}/explore?range=7d&step=1s&A=temperature")
    expect(page.get_by_test_id("query-A").get_by_role("alert")).to_contain_text(
        re.compile("604,80. points of this window, more than 11,000. Take a step of 1m or more")
    )


def test_a_query_that_takes_long_can_be_ended(page: Page, stored: str) -> None:
    ended: list[str] = []
    page.on("requestfailed", lambda request: ended.append(request.url))
    page.route("**/api/v1/query_range?*", lambda _: None)
    page.goto(stored + asking("temperature"))
    page.get_by_test_id("cancel").click()
    expect(page.get_by_test_id("run")).to_be_visible()
    page.unroute("**/api/v1/query_range?*")
    page.get_by_test_id("run").click()
    drawn(page, HOUR // 15 + 1)
    assert [url for url in ended if "query_range" in url]
    page.get_by_test_id("runs").click()
    expect(page.get_by_role("button", name="temperature")).to_be_visible()


def test_what_was_answered_stays_while_the_server_fails(
    page: Page, stored: str, complaints: Complaints
) -> None:
    complaints.expect("status of 503")
    problem = {"status": "error", "errorType": "timeout", "error": "it took too long"}
    page.goto(stored + asking("temperature"))
    drawn(page, HOUR // 15 + 1)
    page.route("**/api/v1/query_range?*", lambda route: route.fulfill(status=503, json=problem))
    page.get_by_test_id("run").click()
    row = page.get_by_test_id("query-A")
    expect(row.get_by_role("alert")).to_contain_text("it took too long. Ask for a shorter range")
    expect(page.get_by_test_id("chart-explore")).to_have_attribute("aria-busy", "true")
    write(page, "stock_bytes")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("chart-explore")).to_have_count(0)


def test_an_answer_follows_the_data(page: Page, url: str, guest: Guest) -> None:
    page.goto(f"{url}/explore?range=5m&A=histogram_count(http_server_request_duration_seconds)")
    expect(page.get_by_test_id("chart-explore")).to_contain_text("No series answers this query")
    guest.record(7)
    drawn_points = page.get_by_test_id("chart-explore").locator(".legend .value")
    expect(drawn_points).to_have_text("7", timeout=30_000)


def test_the_editor_comes_with_its_page_only(page: Page, stored: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(stored)
    connection(page, "websocket")
    # What may be needed later is fetched ahead when nothing else is to be done.
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => /Overlays-/.test(name))"
    )
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/Editor-" in url]
    page.keyboard.press("4")
    expect(editor(page)).to_be_visible()
    assert [url for url in asked if "/Editor-" in url]


def test_a_query_is_written_by_clicking(page: Page, stored: str) -> None:
    page.goto(f"{stored}/explore?from={TO - HOUR}&to={TO}")
    page.get_by_test_id("browse").click()
    page.get_by_test_id("metric-search").fill("orders taken")
    page.get_by_test_id("metric-list").get_by_role("button", name="orders_total").click()
    browser = page.get_by_test_id("browser")
    expect(browser).to_contain_text("orders that were taken")
    expect(browser).to_contain_text("counter")
    expect(browser).to_contain_text("2 series")
    expect(page.get_by_test_id("chart-preview").locator(".legend")).to_contain_text("3.00/s")
    page.get_by_test_id("sight").select_option("minute")
    page.get_by_label("Split by region").click()
    written = page.get_by_test_id("written")
    expect(written).to_have_text("sum by (region) (rate(orders_total[1m])) * 60")
    page.get_by_label("Only region north").click()
    expect(written).to_have_text('sum by (region) (rate(orders_total{region="north"}[1m])) * 60')
    expect(browser).to_contain_text("1 series")
    page.get_by_test_id("use").click()
    expect(editor(page)).to_have_text(
        'sum by (region) (rate(orders_total{region="north"}[1m])) * 60'
    )
    drawn(page, HOUR // 15 + 1)
    expect(legend(page)).to_have_text(["north120/min"])
    expect(page.get_by_test_id("use")).to_have_text("Add as B")


def test_the_finder_finds_metrics(page: Page, stored: str) -> None:
    page.goto(stored)
    connection(page, "websocket")
    page.keyboard.press("Control+k")
    page.get_by_test_id("palette").get_by_role("combobox").fill("temper")
    option = page.get_by_test_id("palette").get_by_role("option", name="temperature")
    expect(option).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("browser")).to_contain_text("temperature")
    expect(page).to_have_url(re.compile("/explore.*browse=temperature"))


def test_html_in_a_label_is_text(page: Page, stored: str) -> None:
    page.on("dialog", lambda _: pytest.fail("a label was run as code"))
    page.goto(stored + asking("evil", browse="evil", **{"A.legend": "{{name}}"}))
    drawn(page, HOUR // 15 + 1)
    expect(legend(page)).to_contain_text("<b>bold</b>")
    expect(page.get_by_test_id("labels")).to_contain_text("<b>bold</b>")
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_test_id("answers")).to_contain_text("<b>bold</b>")
    assert page.locator("main img, main b:text-is('bold')").count() == 0


def test_it_is_done_by_the_keys_alone(page: Page, stored: str) -> None:
    page.goto(stored + asking("temperature", browse="orders_total"))
    drawn(page, HOUR // 15 + 1)
    expect(page.get_by_test_id("labels").get_by_role("button").first).to_be_visible()
    page.locator("h1").evaluate("() => document.activeElement.blur()")
    stops = tab_stops(page)
    assert len(stops) > 30
    assert unclear(stops) == []


@pytest.mark.parametrize(
    "address",
    [
        "/explore",
        "/explore?browse=*",
        "/explore?browse=orders_total",
        asking("shelf", compare="previous"),
        asking("rate(orders_total[2m])", "stock_bytes", **{"as": "table", "compare": "1h"}),
        asking("rate(wait_seconds[2m])"),
        "/explore?range=7d&step=1s&A=temperature",
    ],
)
def test_a_phone_has_room_for_it(page: Page, stored: str, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(stored + address)
    connection(page, "websocket")
    expect(page.locator(".cm-content").first).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0, timeout=20_000)
    fits(page)
