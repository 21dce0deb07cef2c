"""What Grafana's Prometheus data source asks, and how the real Prometheus answers it."""

import math
from typing import Any

import pytest
from tests.integration.server.prometheus.conftest import Both

RANGE = {"start": "{start}", "end": "{end}"}

SAME = {
    "health": ("POST", "query", {"query": "1+1", "time": "{end}"}),
    "health, by GET": ("GET", "query", {"query": "1+1", "time": "4"}),
    "a string": ("GET", "query", {"query": '"a\\"b"', "time": "1.5"}),
    "metrics": ("GET", "label/__name__/values", RANGE),
    "label names": ("GET", "labels", RANGE),
    "label names, by POST": ("POST", "labels", RANGE),
    "label names of a metric": ("GET", "labels", {**RANGE, "match[]": "requests_total"}),
    "label names of two": ("POST", "labels", {**RANGE, "match[]": ["up", "temperature"]}),
    "values of a label": ("GET", "label/job/values", RANGE),
    "values in a metric": ("GET", "label/code/values", {**RANGE, "match[]": "requests_total"}),
    "values of a selector": (
        "GET",
        "label/instance/values",
        {**RANGE, "match[]": 'requests_total{job="api",code=~"4..|5.."}'},
    ),
    "values of what is not there": ("GET", "label/nothing/values", RANGE),
    "series": ("GET", "series", {**RANGE, "match[]": 'requests_total{job="api"}'}),
    "series, by POST": ("POST", "series", {**RANGE, "match[]": ["up", 'odd{kind!="nan"}']}),
    "series of nothing": ("GET", "series", {**RANGE, "match[]": "nothing"}),
    "a variable": ("GET", "query", {"query": "count by (job) (up)", "time": "{end}"}),
    "a table": ("GET", "query", {"query": "requests_total", "time": "{late}.5"}),
    "a table in RFC 3339": (
        "GET",
        "query",
        {"query": "vector(1)", "time": "2015-07-01T20:10:51.781Z"},
    ),
    "raw samples": ("GET", "query", {"query": "temperature[2m]", "time": "{late}.5"}),
    "special values": ("GET", "query", {"query": "odd", "time": "{late}.5"}),
    "native histograms": ("GET", "query", {"query": "rpc_seconds", "time": "{late}.5"}),
    "an empty vector": ("GET", "query", {"query": "nothing"}),
    "a timeout": ("GET", "query", {"query": "count(up)", "time": "{late}.5", "timeout": "5s"}),
    "a panel": (
        "POST",
        "query_range",
        {"query": "rate(requests_total[2m])", "start": "{half}.5", "end": "{late}.5", "step": "15"},
    ),
    "a panel with step as duration": (
        "GET",
        "query_range",
        {"query": "sum by (job) (up)", "start": "{half}.5", "end": "{late}.5", "step": "1m"},
    ),
    "annotations": (
        "GET",
        "query_range",
        {"query": "changes(up[2m]) > 0", "start": "{half}.5", "end": "{late}.5", "step": "60"},
    ),
    "a scalar over a range": (
        "GET",
        "query_range",
        {"query": "1+1", "start": "{half}", "end": "{late}", "step": "60"},
    ),
    "histograms over a range": (
        "GET",
        "query_range",
        {"query": "rpc_seconds", "start": "{late}.5", "end": "{late}.5", "step": "60"},
    ),
    "exemplars": ("POST", "query_exemplars", {**RANGE, "query": "requests_total"}),
    "a formatted query": ("GET", "format_query", {"query": "sum(foo)by(bar)/topk(3,baz)"}),
    "rules": ("GET", "rules", {}),
    "alerts": ("GET", "alerts", {}),
    "alertmanagers": ("GET", "alertmanagers", {}),
    # what is refused
    "no query": ("GET", "query", {}),
    "a bad query": ("GET", "query", {"query": "sum(up"}),
    "a bad time": ("GET", "query", {"query": "up", "time": "soon"}),
    "a bad timeout": ("GET", "query", {"query": "up", "timeout": "x"}),
    "no start": ("GET", "query_range", {"query": "up", "end": "1", "step": "1"}),
    "no step": ("GET", "query_range", {"query": "up", "start": "1", "end": "1"}),
    "step zero": ("GET", "query_range", {"query": "up", "start": "1", "end": "1", "step": "0"}),
    "end first": ("GET", "query_range", {"query": "up", "start": "2", "end": "1", "step": "1"}),
    "too many points": (
        "GET",
        "query_range",
        {"query": "up", "start": "0", "end": "11001", "step": "1"},
    ),
    "just few enough": (
        "GET",
        "query_range",
        {"query": "up", "start": "0", "end": "11000", "step": "1"},
    ),
    "a range of ranges": (
        "GET",
        "query_range",
        {"query": "up[5m]", "start": "1", "end": "2", "step": "1"},
    ),
    "many to many": ("GET", "query", {"query": "up + on (job) up", "time": "{late}.5"}),
    "no match": ("GET", "series", RANGE),
    "a bad match": ("GET", "series", {"match[]": "up{"}),
    "an empty match": ("GET", "series", {"match[]": "{}"}),
    "a match of more": ("GET", "labels", {"match[]": "rate(up[5m])"}),
    "a bad start": ("GET", "labels", {"start": "yesterday"}),
    "exemplars of nothing": ("GET", "query_exemplars", {"query": "up{"}),
}
"""What is asked: method, path below /api/v1, parameters with times to fill in."""

SHAPE = {
    "build": ("status/buildinfo", set()),
    "runtime": ("status/runtimeinfo", {"hostname", "serverTime", "GOMEMLIMIT"}),
    "cardinality": ("status/tsdb", set()),
    "targets": ("targets", {"droppedTargetCounts"}),
}
"""What is another server's own: the fields of the answer, and those that came after 2.42."""


def filled(both: Both, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with the times of the samples in them."""
    times = {
        "{start}": both.start,
        "{end}": both.end,
        "{half}": both.start + 1200,
        "{late}": both.start + 2400,
    }

    def fill(value: Any) -> Any:
        for mark, moment in times.items():
            value = value.replace(mark, str(moment)) if isinstance(value, str) else value
        return value

    return {name: fill(value) for name, value in parameters.items()}


def same(theirs: Any, ours: Any, where: str = "") -> list[str]:
    """Return where two answers differ; numbers may by a 1e-9th."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if theirs.keys() != ours.keys():
            return [f"{where}: {sorted(theirs)} is not {sorted(ours)}"]
        return [each for key in theirs for each in same(theirs[key], ours[key], f"{where}.{key}")]
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            return [f"{where}: {len(theirs)} rows are not {len(ours)}"]
        return [
            each
            for place, pair in enumerate(zip(theirs, ours, strict=True))
            for each in same(*pair, f"{where}[{place}]")
        ]
    return [] if _close(theirs, ours) else [f"{where}: {theirs!r} is not {ours!r}"]


def _close(theirs: Any, ours: Any) -> bool:
    if type(theirs) is type(ours) and theirs == ours:
        return True
    try:
        return math.isclose(float(theirs), float(ours), rel_tol=1e-9)
    except (TypeError, ValueError):
        return False


def ordered(body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its rows in an order that both have."""
    data = body.get("data")
    if isinstance(data, dict) and data.get("resultType") in {"vector", "matrix"}:
        data["result"].sort(key=lambda row: sorted(row["metric"].items()))
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        data.sort(key=lambda row: sorted(row.items()))
    return body


@pytest.mark.parametrize("name", SAME)
def test_the_same_is_answered(both: Both, name: str) -> None:
    method, path, parameters = SAME[name]
    theirs, ours = both.ask(method, f"/api/v1/{path}", filled(both, parameters))
    assert (ours.status_code, ours.headers["content-type"]) == (
        theirs.status_code,
        theirs.headers["content-type"],
    ), ours.text
    expected, found = ordered(theirs.json()), ordered(ours.json())
    if theirs.status_code == 200:
        assert same(expected, found) == []
        return
    assert found["status"] == "error"
    assert found["errorType"] == expected["errorType"], (expected, found)
    if expected["error"].startswith("invalid parameter"):
        assert found["error"].partition(":")[0] == expected["error"].partition(":")[0]


@pytest.mark.parametrize("name", SHAPE)
def test_the_same_fields_are_told(both: Both, name: str) -> None:
    path, newer = SHAPE[name]
    theirs, ours = both.ask("GET", f"/api/v1/{path}", {})
    expected, found = theirs.json()["data"], ours.json()["data"]
    if name == "build":
        newer = {"application"}
    assert found.keys() - newer == expected.keys()
    for key in expected.keys() - {"GOGC", "GODEBUG"}:
        assert type(found[key]) is type(expected[key]), key


def test_where_the_series_come_from(both: Both) -> None:
    theirs, ours = (answer.json()["data"] for answer in both.ask("GET", "/api/v1/status/tsdb", {}))
    assert ours["headStats"]["numSeries"] == theirs["headStats"]["numSeries"]
    for table in ("seriesCountByMetricName", "labelValueCountByLabelName"):
        counts = [sorted(row["value"] for row in each[table]) for each in (theirs, ours)]
        assert counts[0] == counts[1], table


def test_grafana_takes_it_for_a_prometheus_that_can_do_all(both: Both) -> None:
    data = both.ours.get("/api/v1/status/buildinfo").json()["data"]
    assert "features" not in data  # with them it would be a Mimir
    assert tuple(map(int, data["version"].split("."))) >= (2, 24, 0)


def test_limits_and_statistics(both: Both) -> None:
    at = {"query": "up", "time": str(both.end - 600), "limit": 2, "stats": "all"}
    answer = both.ours.get("/api/v1/query", params=at)
    body = answer.json()
    assert len(body["data"]["result"]) == 2
    assert body["warnings"] == ["results truncated due to limit"]
    theirs = both.prometheus.get("/api/v1/query", params=at).json()
    for part in ("timings", "samples"):
        assert body["data"]["stats"][part].keys() <= theirs["data"]["stats"][part].keys()
    names = both.ours.get("/api/v1/labels", params={"limit": "1"}).json()
    assert len(names["data"]) == 1
    assert names["warnings"] == ["results truncated due to limit"]
