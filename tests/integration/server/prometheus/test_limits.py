"""Queries that are too much: ended at their time, and when nobody waits for them any more."""

import re
from pathlib import Path

import httpx
import pytest
from tests.integration.server.prometheus.conftest import Both
from tests.integration.server.prometheus.test_clients import eventually

LONG = 'quantile_over_time(0.5, {__name__=~"temperature|requests_total"}[40m:50ms])'


def over(both: Both) -> dict[str, str]:
    """Return parameters of a query that takes a minute or more."""
    return {"query": LONG, "start": str(both.start), "end": str(both.end), "step": "1"}


def figures(both: Both) -> dict[str, int]:
    text = both.ours.get("/metrics").text
    found = re.findall(r"^watchroom_queries_(\w+) (\d+)$", text, re.MULTILINE)
    return {name: int(value) for name, value in found}


def test_a_query_ends_at_its_time(both: Both) -> None:
    answer = both.ours.get("/api/v1/query_range", params={**over(both), "timeout": "100ms"})
    assert answer.status_code == 503
    assert answer.json()["errorType"] == "timeout"
    assert "query_timeout_seconds" in answer.json()["error"]
    assert figures(both)["running"] == 0


def test_a_query_whose_client_goes_away_ends(both: Both, tmp_path: Path) -> None:
    before = figures(both)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(
            both.ours.base_url.join("/api/v1/query_range"),
            params=over(both),
            timeout=httpx.Timeout(30, read=0.3),
        )

    def ended() -> bool:
        now = figures(both)
        return now["canceled_total"] == before["canceled_total"] + 1 and now["running"] == 0

    assert eventually(ended, tmp_path)


def test_what_a_query_may_hold_is_bounded(both: Both) -> None:
    asked = {"query": "temperature[4h:1ms]", "time": str(both.end)}
    answer = both.ours.get("/api/v1/query", params=asked)
    assert (answer.status_code, answer.json()["errorType"]) == (422, "execution")
    assert "query_max_samples" in answer.json()["error"]


@pytest.mark.parametrize(
    "query",
    [
        "(" * 30_000 + "1" + ")" * 30_000,
        "-" * 30_000 + "1",
        "+".join(["up"] * 30_000),
        "a" * 200_000,
    ],
)
def test_a_monstrous_expression_harms_nothing(both: Both, query: str) -> None:
    for path in ("query", "format_query", "parse_query", "query_exemplars"):
        answer = both.ours.post(f"/api/v1/{path}", data={"query": query})
        assert answer.status_code in {200, 400}
    assert both.ours.get("/-/healthy").status_code == 200


def test_a_form_has_a_bound(both: Both) -> None:
    answer = both.ours.post("/api/v1/query", data={"query": "a" * (5 << 20)})
    assert (answer.status_code, answer.json()["errorType"]) == (413, "bad_data")
