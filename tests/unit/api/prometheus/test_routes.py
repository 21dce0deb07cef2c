"""The resources over a small store: what they say beyond what the real Prometheus is asked for."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics import parser as openmetrics

from watchroom.config.settings import values
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import labels
from watchroom.model.stale import STALE
from watchroom.runtime.clock import ManualClock
from watchroom.server.app import open_watchroom
from watchroom.storage.contract import Exemplar, Write

NOW = 1_700_000_000.0
MS = int(NOW * 1000)
JOBS = labels("jobs_total", {"job": "a", "instance": "i:1", "http.status": "ok"})
ODD = (("__name__", "http.requests"), ("job", "b"))

WRITE = Write(
    "all",
    [JOBS, JOBS, labels("ended", {"job": "a"}), labels("ended", {"job": "a"}), ODD],
    [MS - 200_000, MS - 15_000, MS - 30_000, MS - 15_000, MS - 1000],
    [4.0, 5.0, 1.0, STALE, 0.5],
    histograms=[(labels("seconds", {"job": "a"}), MS - 5000, Histogram(3, 1.5, 0, {0: 3}))],
    metadata=[Metadata("jobs_total", Kind.COUNTER, "", "Jobs."), Metadata("b", Kind.UNKNOWN)],
    exemplars=[Exemplar(JOBS, (("trace_id", "abc"),), MS - 15_500, 5.0)],
)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server in this process whose clock stands."""
    async with open_watchroom(values({"data": str(tmp_path)}), ManualClock(NOW)) as running:
        await asyncio.wrap_future(running.store.append(WRITE))
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
            yield asking


async def data(client: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await client.get(f"/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_exemplars(client: httpx.AsyncClient) -> None:
    found = await data(client, "query_exemplars", query='rate(jobs_total{job="a"}[5m]) + nothing')
    assert found == [
        {
            "seriesLabels": dict(JOBS),
            "exemplars": [
                {"labels": {"trace_id": "abc"}, "value": "5", "timestamp": NOW - 15.5},
            ],
        }
    ]
    assert await data(client, "query_exemplars", query="jobs_total", start=NOW - 10) == []


async def test_metadata(client: httpx.AsyncClient) -> None:
    told = {
        "b": [{"type": "unknown", "help": "", "unit": ""}],
        "jobs_total": [{"type": "counter", "help": "Jobs.", "unit": ""}],
    }
    assert await data(client, "metadata") == told
    assert await data(client, "metadata", limit=1) == {"b": told["b"]}
    assert await data(client, "metadata", metric="jobs_total") == {"jobs_total": told["jobs_total"]}
    assert await data(client, "metadata", metric="nothing") == {}


async def test_names_that_a_path_cannot_hold(client: httpx.AsyncClient) -> None:
    assert await data(client, "label/U__http_2e_status/values") == ["ok"]
    assert await data(client, "label/http.status/values") == ["ok"]
    assert await data(client, "series", **{"match[]": '{"http.requests"}'}) == [dict(ODD)]


async def test_lookback(client: httpx.AsyncClient) -> None:
    for lookback, rows in ((None, 1), ("20s", 1), ("10s", 0), ("0.5", 0)):
        more = {"lookback_delta": lookback} if lookback else {}
        found = await data(client, "query", query="jobs_total", **more)
        assert len(found["result"]) == rows, lookback


FEDERATED = """\
# TYPE "http.requests" untyped
{"http.requests",job="b",instance=""} 0.5 1699999999000
# TYPE jobs_total untyped
jobs_total{"http.status"="ok",instance="i:1",job="a"} 5 1699999985000
# TYPE seconds_bucket untyped
seconds_bucket{job="a",le="+Inf",instance=""} 3 1699999995000
# TYPE seconds_count untyped
seconds_count{job="a",instance=""} 3 1699999995000
# TYPE seconds_sum untyped
seconds_sum{job="a",instance=""} 1.5 1699999995000
"""


async def test_federation(client: httpx.AsyncClient) -> None:
    match = {"match[]": ['{job="a"}', '{__name__=~".+"}']}
    any_name = {"Accept": "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6"}
    answer = await client.get("/federate", params=match, headers=any_name)
    assert answer.text == FEDERATED
    old = await client.get("/federate", params=match)
    assert '\nhttp_requests{job="b",instance=""} 0.5 ' in old.text
    assert 'jobs_total{http_status="ok",' in old.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    plain = {"match[]": 'jobs_total{job="nothing"}'}
    accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
    empty = await client.get("/federate", params=plain, headers=accept)
    assert empty.text == "# EOF\n"
    opened = await client.get("/federate", params={"match[]": "seconds"}, headers=accept)
    families = list(openmetrics.text_string_to_metric_families(opened.text))
    assert [each.name for each in families] == ["seconds_bucket", "seconds_count", "seconds_sum"]
    assert float(families[0].samples[0].timestamp) == NOW - 5


async def test_federation_needs_a_match(client: httpx.AsyncClient) -> None:
    for parameters in ({}, {"match[]": "sum(up)"}):
        answer = await client.get("/federate", params=parameters)
        assert answer.status_code == 400
        assert "match[]" in answer.json()["error"]["message"]


async def test_probes(client: httpx.AsyncClient) -> None:
    for path in ("/-/healthy", "/-/ready"):
        assert (await client.get(path)).text.startswith("Watchroom Server is ")
        assert (await client.head(path)).status_code == 200


async def test_a_form_and_a_query_string_add_up(client: httpx.AsyncClient) -> None:
    asked = await client.post(
        "/api/v1/series", params={"match[]": "ended"}, data={"match[]": "jobs_total"}
    )
    assert {row["__name__"] for row in asked.json()["data"]} == {"ended", "jobs_total"}
    other = await client.post("/api/v1/series", json={"match[]": "ended"})
    assert (other.status_code, other.json()["errorType"]) == (415, "bad_data")
