"""Queries at a moment and over a range."""

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import Blocks
from watchroom.api.prometheus.documented import LIMIT, RANGE, add, text
from watchroom.api.prometheus.encoding import encode
from watchroom.api.prometheus.parameters import Parameters, invalid, parameters
from watchroom.api.prometheus.schemas import QueryAnswer
from watchroom.api.prometheus.slots import Slots
from watchroom.query.errors import QueryError
from watchroom.query.promql.answer import Answer
from watchroom.query.promql.engine import PromQL

_BOTH = ("GET", "POST")
_OPTIONS = [
    text("timeout", "the longest the query may take, as 30s; the setting is the most"),
    text("lookback_delta", "how far back a value counts as current, as 5m"),
    text("stats", "anything: tell timings and samples, too"),
    LIMIT,
]
_QUERY = text("query", "an expression of PromQL", required=True)


class Asked(NamedTuple):
    """How queries are answered; `timeout` in seconds is the most that one may take."""

    engine: PromQL
    slots: Slots
    now: Callable[[], float]
    timeout: float


class _Options(NamedTuple):
    """What comes with every query."""

    expression: str
    lookback: int | None
    timeout: float
    limit: int
    statistics: bool


def router(asked: Asked, schemas: Schemas) -> APIRouter:
    """Return the two resources."""
    routes = APIRouter(prefix="/api/v1", tags=["prometheus"])
    answers = schemas.answers(QueryAnswer, 400, 422, 503)

    async def query(request: Request) -> Response:
        given = await parameters(request)
        options = _options(given, asked.timeout)
        moment = given.time("time", round(asked.now() * 1000))

        def instant(left: float, canceled: threading.Event) -> Answer:
            return asked.engine.instant(
                options.expression, moment, **_passed(options, left, canceled)
            )

        return await _answer(request, asked.slots, options, instant, moment)

    async def query_range(request: Request) -> Response:
        given = await parameters(request)
        options = _options(given, asked.timeout)
        start, end = given.time("start"), given.time("end")
        step = round(given.duration("step") * 1000)

        def range_(left: float, canceled: threading.Event) -> Answer:
            return asked.engine.range(
                options.expression, start, end, step, **_passed(options, left, canceled)
            )

        return await _answer(request, asked.slots, options, range_)

    now = text("time", "the moment, RFC 3339 or seconds since the epoch; now by default")
    width = text("step", "the time between two points, as 15s or 15", required=True)
    at = [_QUERY, now, *_OPTIONS]
    over = [_QUERY, *({**each, "required": True} for each in RANGE), width, *_OPTIONS]
    add(routes, "/query", query, _BOTH, "The value of an expression", at, answers)
    add(routes, "/query_range", query_range, _BOTH, "Its values over a range", over, answers)
    return routes


def _options(given: Parameters, most: float) -> _Options:
    timeout = given.duration("timeout", most)
    lookback = given.duration("lookback_delta", 0.0)
    if lookback < 0:
        raise invalid("lookback_delta", "a negative lookback would look ahead")
    return _Options(
        given.text("query"),
        round(lookback * 1000) or None,
        min(max(timeout, 0.0), most),
        given.count("limit"),
        bool(given.text("stats")),
    )


def _passed(options: _Options, left: float, canceled: threading.Event) -> dict[str, Any]:
    return {
        "lookback": options.lookback,
        "timeout": left,
        "limit": options.limit,
        "cancel": canceled,
    }


async def _answer(
    request: Request,
    slots: Slots,
    options: _Options,
    ask: Callable[[float, threading.Event], Answer],
    moment: int = 0,
) -> Response:
    asked = time.perf_counter()

    def work(canceled: threading.Event) -> list[bytes]:
        began = time.perf_counter()
        answer = ask(max(0.0, options.timeout - (began - asked)), canceled)
        if not options.statistics:
            return encode(answer, moment)
        told = _statistics(answer, began - asked, time.perf_counter() - began)
        return encode(answer, moment, told)

    try:
        return Blocks(await slots.run(request, work, options.timeout))
    except QueryError as error:
        if error.code == "bad_data" and "parse error" in error.message:
            error.message = f'invalid parameter "query": {error.message}'
        raise


def _statistics(answer: Answer, queued: float, evaluated: float) -> dict[str, Any]:
    return {
        "timings": {
            "evalTotalTime": evaluated,
            "resultSortTime": 0.0,
            "queryPreparationTime": 0.0,
            "innerEvalTime": evaluated,
            "execQueueTime": queued,
            "execTotalTime": queued + evaluated,
        },
        "samples": {"totalQueryableSamples": answer.samples, "peakSamples": answer.samples},
    }
