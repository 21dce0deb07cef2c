"""What the server is and holds, in the words Prometheus' clients know."""

import asyncio
import os
import platform
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import success
from watchroom.api.prometheus.documented import LIMIT, Answers, add
from watchroom.api.prometheus.parameters import EVER, parameters
from watchroom.api.prometheus.schemas import ListAnswer, ObjectAnswer
from watchroom.model.labels import NAME, Labels, value_of
from watchroom.storage.contract import Store

SPEAKS = "3.5.0"
"""The version of Prometheus whose language and API this is; clients decide by it what to ask."""

_TOP = 10
_READY: Answers = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


class Applied(NamedTuple):
    """The configuration file that is in force; `time` is when it was read, in s."""

    yaml: str
    succeeded: bool
    """Whether the last reading brought a file that could be used."""
    time: float


class Facts(NamedTuple):
    """What the server knows of itself. `began` is a Unix time in seconds."""

    version: str
    began: float
    now: Callable[[], float]
    retention: str
    flags: Mapping[str, str]
    applied: Callable[[], Applied]


_NOTHING: tuple[tuple[str, str, Any, Any], ...] = (
    ("/rules", "Alert and recording rules", {"groups": []}, ObjectAnswer),
    ("/alerts", "Active alerts", {"alerts": []}, ObjectAnswer),
    (
        "/alertmanagers",
        "Alertmanagers that are notified",
        {"activeAlertmanagers": [], "droppedAlertmanagers": []},
        ObjectAnswer,
    ),
    ("/targets/metadata", "Metadata by target", [], ListAnswer),
)
"""What there is nothing of yet, in its shape: path, summary, answer, schema."""


def router(store: Store, facts: Facts, schemas: Schemas) -> APIRouter:
    """Return the resources of the server's state."""
    routes = APIRouter(prefix="/api/v1", tags=["prometheus"])
    answers = schemas.answers(ObjectAnswer)
    _add_plain(routes, "/status/buildinfo", "What this is", lambda: _build(facts), answers)
    _add_plain(
        routes, "/status/runtimeinfo", "How it runs", lambda: _runtime(store, facts), answers
    )
    _add_plain(routes, "/status/flags", "Settings", lambda: dict(facts.flags), answers)
    _add_plain(
        routes,
        "/status/config",
        "The configuration file",
        lambda: {"yaml": facts.applied().yaml},
        answers,
    )
    _add_plain(routes, "/status/walreplay", "Whether the start is over", _replay, answers)
    _add_tsdb(routes, store, schemas)
    for path, summary, content, schema in _NOTHING:
        _add_plain(routes, path, summary, _constant(content), schemas.answers(schema))
    return routes


def probes() -> APIRouter:
    """Return what asks whether the server lives, and whether it serves."""
    routes = APIRouter(tags=["prometheus"])
    for path, word in (("/-/healthy", "Healthy"), ("/-/ready", "Ready")):
        _add_probe(routes, path, word)
    return routes


def _add_probe(routes: APIRouter, path: str, word: str) -> None:
    async def probe() -> Response:
        return PlainTextResponse(f"Watchroom Server is {word}.\n")

    for method in ("GET", "HEAD"):
        routes.add_api_route(
            path,
            probe,
            methods=[method],
            summary=f"Whether the server is {word.lower()}",
            responses=_READY,
            response_class=Response,
            operation_id=f"{word.lower()}_{method.lower()}",
            include_in_schema=method == "GET",
        )


def _add_plain(
    routes: APIRouter, path: str, summary: str, make: Callable[[], Any], answers: Answers
) -> None:
    async def plain(_request: Request) -> Response:
        return success(await asyncio.to_thread(make))

    add(routes, path, plain, ("GET",), summary, [], answers)


def _constant(content: Any) -> Callable[[], Any]:
    return lambda: content


def _build(facts: Facts) -> dict[str, str]:
    # Grafana takes an answer without "features" for Prometheus, and asks by the version.
    return {
        "version": SPEAKS,
        "revision": facts.version,
        "branch": "watchroom",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
        "application": "Watchroom",
    }


def _runtime(store: Store, facts: Facts) -> dict[str, Any]:
    applied = facts.applied()
    return {
        "startTime": _rfc3339(facts.began),
        "CWD": str(Path.cwd()),
        "hostname": platform.node(),
        "serverTime": _rfc3339(facts.now()),
        "reloadConfigSuccess": applied.succeeded,
        "lastConfigTime": _rfc3339(applied.time),
        "corruptionCount": len(store.statistics().get("damage", ())),
        "goroutineCount": threading.active_count(),
        "GOMAXPROCS": os.cpu_count() or 1,
        "GOMEMLIMIT": 0,
        "GOGC": "",
        "GODEBUG": "",
        "storageRetention": facts.retention,
    }


def _replay() -> dict[str, Any]:
    return {"min": 0, "max": 0, "current": 0, "state": "done"}


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _add_tsdb(routes: APIRouter, store: Store, schemas: Schemas) -> None:
    async def tsdb(request: Request) -> Response:
        top = (await parameters(request)).count("limit", _TOP) or _TOP
        return success(await asyncio.to_thread(_cardinality, store, top))

    answers = schemas.answers(ObjectAnswer, 400)
    add(routes, "/status/tsdb", tsdb, ("GET",), "Where the series come from", [LIMIT], answers)


def _cardinality(store: Store, top: int) -> dict[str, Any]:
    """Return the names, labels and pairs with most series; every series is looked at."""
    rows = store.series([], -EVER, EVER)
    pairs: Counter[tuple[str, str]] = Counter()
    for row in rows:
        pairs.update(row)
    values: defaultdict[str, int] = defaultdict(int)
    memory: defaultdict[str, int] = defaultdict(int)
    for (name, value), count in pairs.items():
        values[name] += 1
        memory[name] += len(value.encode()) * count
    statistics = store.statistics()
    return {
        "headStats": {
            "numSeries": len(rows),
            "numLabelPairs": len(pairs),
            "chunkCount": statistics.get("chunks", 0),
            "minTime": statistics.get("oldest", 0),
            "maxTime": statistics.get("newest", 0),
        },
        "seriesCountByMetricName": _first(_by_name(rows), top),
        "labelValueCountByLabelName": _first(values, top),
        "memoryInBytesByLabelName": _first(memory, top),
        "seriesCountByLabelValuePair": _first(
            {f"{name}={value}": count for (name, value), count in pairs.items()}, top
        ),
    }


def _by_name(rows: list[Labels]) -> Counter[str]:
    return Counter(value_of(row, NAME) for row in rows)


def _first(counts: Mapping[str, int], top: int) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:top]
    return [{"name": name, "value": value} for name, value in ordered]
