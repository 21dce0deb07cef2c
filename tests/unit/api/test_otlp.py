"""The door in for OTLP over HTTP: content types, encodings, bounds, failures of the store."""

import gzip
import json
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import cramjam
import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from tests.unit.ingest.otlp.requests import DELTA, NOW, gauge, histogram, request, summed

from watchroom.api import otlp
from watchroom.ingest.guarded import guarded
from watchroom.ingest.limits import Limits
from watchroom.ingest.otlp.door import OtlpDoor
from watchroom.ingest.otlp.message import JSON, PROTOBUF
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import FloatSeries, Matcher, Receipt, StoreUnavailable, Write
from watchroom.storage.embedded import EmbeddedStore

GOOD = request(gauge("level", 3.0)).SerializeToString()


class Moody(EmbeddedStore):
    """A store that can be told to fail."""

    failing = False

    def append(self, write: Write) -> Future[Receipt]:
        if not self.failing:
            return super().append(write)
        failed: Future[Receipt] = Future()
        failed.set_exception(StoreUnavailable("the disk is full", full=True, retry_after=7.0))
        return failed


class Stage:
    def __init__(self, folder: Path) -> None:
        clock = ManualClock(NOW / 1000)
        self.store = Moody(folder, sync=False, now=clock.now)
        limits = Limits(packed_bytes=20_000, unpacked_bytes=20_000)
        self.door = OtlpDoor(guarded(self.store, clock), clock, limits)
        app = FastAPI()
        app.include_router(otlp.router(self.door))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://watchroom"
        )

    async def post(self, body: Any, kind: str = PROTOBUF, encoding: str = "") -> httpx.Response:
        headers = {"Content-Type": kind} | ({"Content-Encoding": encoding} if encoding else {})
        return await self.client.post("/v1/metrics", content=body, headers=headers)

    def values(self, name: str) -> list[float]:
        found = self.store.select([Matcher("__name__", "=", name)], NOW - 60_000, NOW + 60_000)
        return [
            value
            for series in found
            if isinstance(series, FloatSeries)
            for value in series.values.tolist()
        ]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path / "data")
    yield made
    await made.client.aclose()
    made.store.close()


async def test_full_success_in_both_encodings(stage: Stage) -> None:
    answer = await stage.post(GOOD)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == PROTOBUF
    point = {"timeUnixNano": str(NOW * 1_000_000), "asDouble": 4}
    metric = {"name": "other", "gauge": {"dataPoints": [point]}}
    sent = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    answer = await stage.post(json.dumps(sent), f"{JSON}; charset=utf-8")
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert answer.headers["content-type"] == JSON
    assert (stage.values("level"), stage.values("other")) == ([3.0], [4.0])


async def test_prometheus_path(stage: Stage) -> None:
    answer = await stage.client.post(
        "/api/v1/otlp/v1/metrics", content=GOOD, headers={"Content-Type": PROTOBUF}
    )
    assert answer.status_code == 200
    assert stage.values("level") == [3.0]


async def test_partial_success(stage: Stage) -> None:
    bad = histogram("wait", [1, 2], [1.0], 1.0)
    bad.histogram.data_points[0].count = 1
    answer = await stage.post(request(bad, gauge("level", 3.0)).SerializeToString())
    told = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert answer.status_code == 200
    assert told.rejected_data_points == 1
    assert "not less than its buckets hold" in told.error_message
    assert stage.values("level") == [3.0]


async def test_points_beyond_the_retention_are_counted(stage: Stage) -> None:
    old = gauge("level", 3.0, time=-86_400 * 400.0)
    answer = await stage.post(request(old, gauge("new", 1.0)).SerializeToString())
    told = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert told.rejected_data_points == 1
    assert told.error_message


async def test_gzip(stage: Stage) -> None:
    answer = await stage.post(gzip.compress(GOOD), encoding="gzip")
    assert answer.status_code == 200
    assert stage.values("level") == [3.0]


async def test_zstd(stage: Stage) -> None:
    answer = await stage.post(bytes(cramjam.zstd.compress(GOOD)), encoding="zstd")
    assert answer.status_code == 200
    assert stage.values("level") == [3.0]


@pytest.mark.parametrize(
    ("body", "kind", "encoding", "status"),
    [
        (GOOD[:-3], PROTOBUF, "", 400),
        (b'{"resourceMetrics": [', JSON, "", 400),
        (GOOD, PROTOBUF, "gzip", 400),
        (GOOD, PROTOBUF, "br", 415),
        (GOOD, "text/plain", "", 415),
        (bytes(30_000), PROTOBUF, "", 413),
        (gzip.compress(bytes(30_000)), PROTOBUF, "gzip", 413),
        (gzip.compress(bytes(10_000_000)), JSON, "gzip", 413),
    ],
    ids=["cut", "open", "unpacked", "brotli", "text", "large", "packed", "bomb"],
)
async def test_what_cannot_be_taken(
    stage: Stage, body: bytes, kind: str, encoding: str, status: int
) -> None:
    answer = await stage.post(body, kind, encoding)
    assert answer.status_code == status
    if kind == JSON:
        assert set(answer.json()) == {"code", "message"}
    else:
        assert answer.headers["content-type"] == PROTOBUF
        assert answer.content[:1] == b"\x08"


async def test_a_store_that_cannot_write_is_worth_another_try(stage: Stage) -> None:
    delta = request(summed("orders", 5.0, temporality=DELTA)).SerializeToString()
    stage.store.failing = True
    answer = await stage.post(delta)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    stage.store.failing = False
    assert (await stage.post(delta)).status_code == 200
    assert (await stage.post(delta)).status_code == 200
    assert stage.values("orders_total") == [0.0, 5.0]
    figures = stage.door.statistics()
    assert (figures.requests, figures.failed_requests, figures.samples) == (3, 1, 2)
    assert stage.door.memory().delta_streams == 1


async def test_a_sum_that_may_fall_goes_on_after_a_restart(tmp_path: Path) -> None:
    for value, time in ((5.0, 0.0), (-2.0, 10.0)):
        stage = Stage(tmp_path / "data")
        sent = summed("open", value, temporality=DELTA, rises=False, start=time - 10, time=time)
        assert (await stage.post(request(sent).SerializeToString())).status_code == 200
        last = stage.values("open")[-1]
        await stage.client.aclose()
        stage.store.close()
    assert last == 3.0
