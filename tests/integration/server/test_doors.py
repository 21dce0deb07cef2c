"""Remote write and text import over HTTP, on a real server; hostile bodies, and a full disk."""

import math
import resource
import time
from collections.abc import Callable
from typing import Any

import cramjam
import httpx
import pytest
from tests.integration.conftest import Server, encoded
from tests.unit.ingest.remote.schema import ONE, TWO

from watchroom.model.stale import STALE

V1 = "application/x-protobuf"
V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"


def post(server: Server, path: str, body: bytes, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{server.url}{path}", content=body, headers=given, timeout=60)


def write(server: Server, message: Any, content_type: str = V1) -> httpx.Response:
    body = bytes(cramjam.snappy.compress_raw(message.SerializeToString()))
    return post(server, "/api/v1/write", body, Content_Type=content_type, Content_Encoding="snappy")


def first(name: str, *samples: tuple[int, float], **more: str) -> Any:
    """Return a request of version 1 with one series."""
    message = ONE["WriteRequest"]()
    series = message.timeseries.add()
    for pair in sorted({"__name__": name, "job": "test", **more}.items()):
        series.labels.add(name=pair[0], value=pair[1])
    for moment, value in samples:
        series.samples.add(timestamp=moment, value=value)
    return message


def second(name: str, moment: int, value: float) -> Any:
    """Return a request of version 2 with one series."""
    message = TWO["Request"](symbols=["", "__name__", name, "Some help."])
    series = message.timeseries.add(labels_refs=[1, 2])
    series.samples.add(timestamp=moment, value=value)
    series.metadata.type = 2
    series.metadata.help_ref = 3
    return message


def now() -> int:
    return int(time.time() * 1000)


def listed(server: Server, name: str) -> list[dict[str, str]]:
    return server.get("/api/v1/series", **{"match[]": name}).json()["data"]  # type: ignore[no-any-return]


def wrote(answer: httpx.Response) -> tuple[int, ...]:
    prefix = "x-prometheus-remote-write"
    kinds = ("samples", "histograms", "exemplars")
    return tuple(int(answer.headers[f"{prefix}-{kind}-written"]) for kind in kinds)


def test_version_1_is_durable(server: Server) -> None:
    message = first("one_total", (now() - 1, 1.0), (now(), 2.0), shard="a")
    histogram = message.timeseries[0].histograms.add(count_int=1, sum=1.0, timestamp=now() - 5)
    histogram.positive_spans.add(offset=0, length=1)
    histogram.positive_deltas.append(1)
    exemplar = message.timeseries[0].exemplars.add(value=1.0, timestamp=now())
    exemplar.labels.add(name="trace_id", value="abc")
    answer = write(server, message)
    assert (answer.status_code, answer.content) == (204, b"")
    assert wrote(answer) == (2, 1, 1)
    assert listed(server, "one_total") == [{"__name__": "one_total", "job": "test", "shard": "a"}]


def test_version_2_brings_its_metadata(server: Server) -> None:
    answer = write(server, second("two", now(), 1.0), V2)
    assert answer.status_code == 204
    assert wrote(answer) == (1, 0, 0)
    told = server.get("/api/v1/metadata", metric="two").json()["data"]["two"]
    assert told == [{"type": "gauge", "help": "Some help.", "unit": ""}]


def test_what_cannot_be_taken_is_named_and_the_rest_kept(server: Server) -> None:
    message = first("kept", (now(), 1.0))
    message.timeseries.add().samples.add(timestamp=now(), value=1.0)
    message.timeseries[0].samples.add(timestamp=5, value=1.0)
    answer = write(server, message)
    assert answer.status_code == 400
    assert wrote(answer) == (1, 0, 0)
    assert "metric name" in answer.json()["error"]
    assert "retention" in answer.json()["error"]
    assert len(listed(server, "kept")) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": V1 + ";proto=io.other.Request"}, 415),
        ({"Content_Type": V1, "Content_Encoding": "br"}, 415),
        ({"Content_Type": V1, "Content_Encoding": "gzip"}, 400),
        ({"Content_Type": V1}, 400),
    ],
)
def test_other_types_and_encodings(server: Server, headers: dict[str, str], status: int) -> None:
    answer = post(server, "/api/v1/write", b"\xff\xff not at all", **headers)
    assert answer.status_code == status
    assert answer.json()["status"] == "error"


def test_a_content_type_may_be_spelt_in_many_ways(server: Server) -> None:
    for spelt in ("", 'Application/X-Protobuf; proto="prometheus.WriteRequest"'):
        assert write(server, first("spelt", (now(), 1.0)), spelt).status_code == 204


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd", "snappy"])
def test_text_is_durable(server: Server, encoding: str) -> None:
    text = f'# TYPE text_total counter\ntext_total{{how="{encoding}"}} 5\ntext_old 1 {now()}\n'
    packers: dict[str, Any] = {
        "identity": lambda body: body,
        "gzip": cramjam.gzip.compress,
        "zstd": cramjam.zstd.compress,
        "snappy": cramjam.snappy.compress,
    }
    path = f"/api/v1/import/prometheus?extra_label=job=text&timestamp={now() - 1000}"
    answer = post(server, path, bytes(packers[encoding](text.encode())), Content_Encoding=encoding)
    assert answer.status_code == 204, answer.text
    wanted = {"__name__": "text_total", "how": encoding, "job": "text"}
    assert wanted in listed(server, "text_total")


def test_a_wrong_line_is_named(server: Server) -> None:
    answer = post(server, "/api/v1/import/prometheus", b"a 1\nb 2\nwrong\n")
    assert answer.status_code == 400
    assert "line 3" in answer.json()["error"]
    assert listed(server, "a") == []


@pytest.mark.parametrize("query", ["extra_label=x", "timestamp=soon", "extra_label==x"])
def test_parameters_that_are_none(server: Server, query: str) -> None:
    assert post(server, f"/api/v1/import/prometheus?{query}", b"a 1\n").status_code == 400


HOUR = 3_600_000


def stored(server: Server, name: str) -> list[tuple[float, str]]:
    """Return the samples of the one series of a name, as PromQL gives them."""
    answer = server.get("/api/v1/query", query=f"{name}[3h]").json()
    return [(time, text) for time, text in answer["data"]["result"][0]["values"]]


def test_a_clock_set_back_and_samples_out_of_order(server: Server) -> None:
    at = now() // 1000 * 1000
    times = [at, at - HOUR, at - HOUR + 1000, at - 2000, at - 1000]
    for moment in times:
        assert write(server, first("back", (moment, 1.0))).status_code == 204
    assert [moment for moment, _ in stored(server, "back")] == [
        moment / 1000 for moment in sorted(times)
    ]


def test_of_one_time_the_last_written_stands(server: Server) -> None:
    at = now() // 1000 * 1000
    assert write(server, first("twice", (at, 1.0), (at, 2.0))).status_code == 204
    assert stored(server, "twice") == [(at / 1000, "2")]
    assert write(server, first("twice", (at, 3.0))).status_code == 204
    assert stored(server, "twice") == [(at / 1000, "3")]


def test_every_float_is_a_value(server: Server) -> None:
    at = now() // 1000 * 1000
    values = [math.nan, math.inf, -math.inf, -0.0, 5e-324]
    rows = [(at - 1000 * number, value) for number, value in enumerate(values)]
    assert write(server, first("odd", *rows)).status_code == 204
    texts = [text for _, text in reversed(stored(server, "odd"))]
    assert texts == ["NaN", "+Inf", "-Inf", "-0", "5e-324"]


@pytest.mark.parametrize("beyond", [660_000, 1000 * 365 * 24 * HOUR, -16 * 24 * HOUR])
def test_what_is_far_from_now_is_refused_and_said(server: Server, beyond: int) -> None:
    at = now()
    answer = write(server, first("far", (at + beyond, 1.0), (at, 2.0)))
    assert answer.status_code == 400
    assert "retention" in answer.json()["error"]
    assert wrote(answer) == (1, 0, 0)
    assert {text for _, text in stored(server, "far")} == {"2"}


def test_a_little_ahead_is_taken(server: Server) -> None:
    assert write(server, first("ahead", (now() + 540_000, 1.0))).status_code == 204


def test_a_marker_ends_a_series(server: Server) -> None:
    at = now()
    message = first("ends", (at - 2000, 1.0), (at - 1000, 0.0))
    message.timeseries[0].samples[1].value = STALE
    assert write(server, message).status_code == 204
    assert server.get("/api/v1/query", query="ends").json()["data"]["result"] == []
    assert [text for _, text in stored(server, "ends")] == ["1"]


HUGE = 256 << 20


def hostile() -> dict[str, tuple[str, bytes, str, set[int]]]:
    """Return bodies that ask for much more than they bring: path, body, encoding, statuses."""
    zeros = bytes(HUGE)
    remote, text = "/api/v1/write", "/api/v1/import/prometheus"
    packed = {
        name: bytes(pack(zeros))
        for name, pack in (
            ("gzip", cramjam.gzip.compress),
            ("zstd", cramjam.zstd.compress),
            ("snappy", cramjam.snappy.compress),
        )
    }
    lying = b"\xff\xff\xff\x7f" + bytes(50)
    blocks = cramjam.snappy.compress_raw
    bodies = {
        f"{name} at {path}": (path, body, name, {413})
        for name, body in packed.items()
        for path in (remote, text)
    }
    bodies |= {
        "a length of 256 MB": (remote, lying, "snappy", {413}),
        "a length of 15 MB": (remote, b"\x80\x80\xc0\x07" + bytes(50), "snappy", {400}),
        "a window of 1 GB": (text, b"\x28\xb5\x2f\xfd\x00\xa0" + bytes(99), "zstd", {400}),
        "empty series": (remote, bytes(blocks(b"\x0a\x00" * (7 << 20))), "snappy", {413}),
        "empty lines": (text, b"\n" * (15 << 20), "", {204}),
        "short lines": (text, b"a 1\n" * (3 << 20), "", {400}),
        "comments": (text, b"# TYPE a counter\n" * 900_000, "", {400}),
        "one long line": (text, b"a" * (15 << 20), "", {400}),
        "one wide line": (text, b'a{b="c",' * (1 << 20), "", {400}),
        "packed buckets": (remote, bytes(blocks(_buckets())), "snappy", {400}),
        "many buckets": (remote, bytes(blocks(_buckets(60_000) * 200)), "snappy", {413}),
    }
    return bodies


def _buckets(count: int = 15 << 20) -> bytes:
    """Return a request with one histogram of many empty buckets, a byte for each."""
    message = first("wide")
    histogram = message.timeseries[0].histograms.add(timestamp=now())
    histogram.positive_deltas.extend([0] * count)
    body: bytes = message.SerializeToString()
    return body


@pytest.mark.slow
def test_hostile_bodies_cost_little(server: Server) -> None:
    write(server, first("warm", (now(), 1.0)))
    write(server, second("warm", now(), 1.0), V2)
    post(server, "/api/v1/import/prometheus", b"warm 1\n" * 30_000)
    post(
        server,
        "/api/v1/import/prometheus",
        bytes(cramjam.zstd.compress(b"warm 1\n")),
        Content_Encoding="zstd",
    )
    before = server.resident()
    for name, (path, body, encoding, statuses) in hostile().items():
        kind = {} if path.endswith("prometheus") else {"Content_Type": V1}
        answer = post(server, path, body, Content_Encoding=encoding or "identity", **kind)
        assert answer.status_code in statuses, (name, answer.text)
        grown = (server.resident() - before) >> 20
        assert grown <= 32, (name, grown)
    assert server.get("/health").status_code == 200


@pytest.mark.slow
def test_deep_json_is_refused(server: Server) -> None:
    before = server.resident()
    for body in (b"[" * (1 << 20), b'{"a":' * (1 << 20)):
        answer = post(server, "/v1/metrics", body, Content_Type="application/json")
        assert answer.status_code in {400, 413}
    assert server.resident() - before < 32 << 20


def number_of(server: Server, query: str) -> float:
    result = server.get("/api/v1/query", query=query).json()["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def flood(server: Server, value: float) -> None:
    """Write 2,000 label sets of one job by remote write, and as many by text."""
    message = ONE["WriteRequest"]()
    for number in range(2000):
        series = message.timeseries.add()
        pairs = {"__name__": "flood_total", "job": "loud", "user": f"u{number}", "zone": "a"}
        for pair in pairs.items():
            series.labels.add(name=pair[0], value=pair[1])
        series.samples.add(timestamp=now(), value=value)
    assert write(server, message).status_code == 204
    rows = [f'pour_total{{job="loud",user="{number}"}} {value}' for number in range(2000)]
    body = "\n".join([*rows, 'calm{job="quiet"} 1', ""]).encode()
    assert post(server, "/api/v1/import/prometheus", body).status_code == 204


def test_a_flood_of_label_sets_is_capped_and_told_and_totals_stay_exact(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHROOM_SERIES_PER_METRIC_LIMIT", "50")
    server = start()
    for value in (1.0, 3.0):
        flood(server, value)
    server.stop()
    server = start()
    flood(server, 4.0)
    for name in ("flood_total", "pour_total"):
        assert number_of(server, f"sum({name})") == 8000
        assert number_of(server, f"count({name})") == 51
        assert number_of(server, f'{name}{{user="__other__"}}') == 7800
    assert number_of(server, "calm") == 1
    part = server.get("/health").json()["parts"]["ingest"]
    assert part["status"] == "degraded"
    assert "loud: flood_total{user}" in part["detail"]
    told = server.get("/events", name="ingest.cardinality").json()["events"]
    assert sorted(each["payload"]["metric"] for each in told) == ["flood_total", "pour_total"]
    assert "watchroom_ingest_folded_metrics 2" in server.get("/metrics").text


OTLP = (
    b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"full","gauge":'
    b'{"dataPoints":[{"timeUnixNano":"%d","asDouble":1}]}}]}]}]}'
)


def knock(server: Server, number: int) -> dict[str, httpx.Response]:
    """Write something at every door."""
    otlp = OTLP % (now() * 1_000_000)
    return {
        "native": server.post(encoded(number, service="full")),
        "version 1": write(server, first("full", (now(), float(number)))),
        "version 2": write(server, second("full", now(), float(number)), V2),
        "text": post(server, "/api/v1/import/prometheus", b"full %d\n" % number),
        "otlp": post(server, "/v1/metrics", otlp, Content_Type="application/json"),
    }


def test_a_full_disk_is_said_at_every_door_and_heals(start: Callable[..., Server]) -> None:
    server = start()
    assert all(answer.is_success for answer in knock(server, 1).values())
    _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, hard))
    for door, answer in knock(server, 2).items():
        assert answer.status_code in {503, 507}, (door, answer.text)
        assert int(answer.headers["Retry-After"]) >= 1, door
    assert listed(server, "full")
    assert server.get("/health").json()["parts"]["ingest"]["status"] == "unhealthy"
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    for door, answer in knock(server, 2).items():
        assert answer.is_success, (door, answer.text)
    assert server.get("/health").json()["parts"]["ingest"]["status"] == "healthy"


def test_figures_are_exposed(server: Server) -> None:
    server.post(encoded(1))
    write(server, first("exposed", (now(), 1.0)))
    text = server.get("/metrics").text
    assert 'watchroom_door_samples_total{door="remote_write"}' in text
    assert "watchroom_ingest_folded_metrics 0" in text
    assert server.get("/health").json()["parts"]["ingest"]["status"] == "healthy"
