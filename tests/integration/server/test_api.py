"""Every route: its document, its errors, and whatever is thrown at it."""

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from tests.integration.conftest import Server, encoded
from tests.unit.ingest.otlp.requests import DELTA, exponential, histogram, request, summed

from watchroom.ingest.otlp.message import PROTOBUF
from watchroom.wire.batch import CONTENT_TYPE

SENT = request(
    summed("a", 1.0, temporality=DELTA),
    histogram("b", [1, 2], [1.0], 1.0),
    exponential("c", [1, 2]),
).SerializeToString()

BOTH = ("get", "post")
ADMIN = {
    "/api/v1/admin/restore": ("post",),
    "/api/v1/admin/tsdb/clean_tombstones": ("post", "put"),
    "/api/v1/admin/tsdb/delete_series": ("post", "put"),
    "/api/v1/admin/tsdb/snapshot": ("post", "put"),
}
PROMETHEUS = {
    "/api/v1/query": BOTH,
    "/api/v1/query_range": BOTH,
    "/api/v1/series": BOTH,
    "/api/v1/labels": BOTH,
    "/api/v1/label/{name}/values": ("get",),
    "/api/v1/metadata": ("get",),
    "/api/v1/format_query": BOTH,
    "/api/v1/parse_query": BOTH,
    "/api/v1/query_exemplars": BOTH,
    "/api/v1/status/buildinfo": ("get",),
    "/api/v1/status/runtimeinfo": ("get",),
    "/api/v1/status/flags": ("get",),
    "/api/v1/status/config": ("get",),
    "/api/v1/status/walreplay": ("get",),
    "/api/v1/status/tsdb": ("get",),
    "/api/v1/rules": ("get",),
    "/api/v1/alerts": ("get",),
    "/api/v1/alertmanagers": ("get",),
    "/api/v1/targets": ("get",),
    "/api/v1/targets/metadata": ("get",),
    "/api/v1/otlp/v1/metrics": ("post",),
    "/api/v1/write": ("post",),
    "/api/v1/import/prometheus": ("post",),
}
ROUTES = {
    "/ingest": "post",
    "/v1/metrics": "post",
    "/-/reload": "post",
    "/metrics/current": "get",
    "/metrics/summary": "get",
    "/metrics/history": "get",
    "/metrics/distribution": "get",
    "/metrics/predictions": "get",
    "/services": "get",
    "/events": "get",
    "/api/live/{channel}": "get",
    "/health": "get",
    "/metrics": "get",
    "/federate": "get",
    "/-/healthy": "get",
    "/-/ready": "get",
}
METHODS = {path: (method,) for path, method in ROUTES.items()} | PROMETHEUS | ADMIN


def assert_error(answer: httpx.Response) -> None:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "hint"}
    assert all(isinstance(text, str) for text in body["error"].values())
    assert body["error"]["code"].isidentifier()
    assert body["error"]["message"]


def test_the_document_names_every_route(server: Server) -> None:
    document = server.get("/openapi.json").json()
    assert {path: set(methods) for path, methods in document["paths"].items()} == {
        path: set(methods) for path, methods in METHODS.items()
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            done = next(each for code, each in operation["responses"].items() if code[0] == "2")
            answer = done.get("content", {})
            assert all(media["schema"] for media in answer.values())
            assert operation["summary"]


def assert_prometheus_error(answer: httpx.Response) -> None:
    body = answer.json()
    assert set(body) == {"status", "errorType", "error"}
    assert body["status"] == "error"
    assert body["errorType"] in {"bad_data", "not_found"}
    assert body["error"]


@pytest.mark.parametrize("path", PROMETHEUS)
def test_below_api_v1_errors_have_prometheus_shape(server: Server, path: str) -> None:
    answer = httpx.put(server.url + path.replace("{name}", "job"))
    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert_prometheus_error(answer)
    missing = httpx.get(server.url + path.replace("{name}", "job") + "/nothing")
    assert missing.status_code == 404
    assert_prometheus_error(missing)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_in_the_one_shape(server: Server, path: str, method: str) -> None:
    answer = httpx.request(method, server.url + path.replace("{channel}", "services"))
    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert_error(answer)


@pytest.mark.parametrize(
    ("path", "hinted"),
    [
        ("/metrics/summary?range=soon", "range"),
        ("/metrics/summary?range=", "range"),
        ("/metrics/summary?range=99999y", "range"),
        ("/metrics/history", "metric"),
        ("/metrics/history?metric=no such", "metric"),
        ("/metrics/history?metric=requests_per_minute&range=-5m", "range"),
        ("/metrics/history?metric=requests_per_minute&range=1h&step=0s", "step"),
        ("/metrics/history?metric=requests_per_minute&range=1h&where=nonsense", "where"),
        ("/metrics/history?metric=requests_per_minute&start=nan", "start"),
        ("/metrics/distribution?metric=nothing", "response_time_ms"),
        ("/metrics/predictions", "model"),
        ("/metrics/predictions?model=m&limit=0", "limit"),
        ("/events?limit=many", "limit"),
        ("/events?range=x", "range"),
    ],
)
def test_bad_parameters_are_named(server: Server, path: str, hinted: str) -> None:
    answer = httpx.get(server.url + path)
    assert answer.status_code == 422
    assert_error(answer)
    error = answer.json()["error"]
    assert hinted in error["message"] + error["hint"]
    assert error["hint"]


@pytest.mark.parametrize("path", ["/nope", "/metrics/nope", "/api/live/nope", "/assets/nope.js"])
def test_what_is_not_there_is_404_in_the_one_shape(server: Server, path: str) -> None:
    answer = httpx.get(server.url + path)
    assert answer.status_code == 404
    assert_error(answer)


def test_pages_have_the_security_headers(server: Server) -> None:
    for path in ("/", "/docs", "/health"):
        headers = httpx.get(server.url + path, headers={"Accept": "text/html"}).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def _damaged(batch: bytes, position: int, byte: int) -> bytes:
    at = position % len(batch)
    return batch[:at] + bytes([byte]) + batch[at + 1 :]


schemathesis.openapi.media_type(
    CONTENT_TYPE,
    st.binary(max_size=200)
    | st.builds(_damaged, st.just(encoded(1)), st.integers(0, 1 << 16), st.integers(0, 255)),
)
schemathesis.openapi.media_type(
    PROTOBUF,
    st.binary(max_size=200)
    | st.builds(_damaged, st.just(SENT), st.integers(0, 1 << 16), st.integers(0, 255)),
)


@pytest.fixture(scope="module")
def document(server: Server) -> Iterator[schemathesis.BaseSchema]:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path, each in METHODS.items() for method in each]
)
def test_whatever_is_thrown_at_it(
    document: schemathesis.BaseSchema, path: str, method: str
) -> None:
    @given(case=document[path][method].as_strategy())
    @settings(
        max_examples=20,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def throw(case: schemathesis.Case) -> None:
        case.call_and_validate(
            checks=[
                checks.not_a_server_error,
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
            ]
        )

    throw()
