"""GET /metrics/...: the figures now, over a range, and over time."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from watchroom.api.openapi import Schemas, json_response
from watchroom.api.parameters import Limit, OptionalRange, Range, Service, Step, Where
from watchroom.query.engine import Engine

_Metric = Annotated[
    str,
    Query(description="a field of /metrics/current, or a stored metric's name", max_length=256),
]
_Time = Annotated[
    float | None, Query(description="seconds since the epoch", ge=0, le=1e11, allow_inf_nan=False)
]
_By = Annotated[
    str | None,
    Query(description="split by these, with commas: endpoint,model,service", max_length=512),
]


def router(engine: Engine, schemas: Schemas) -> APIRouter:
    """Return the metrics resources; the engine works in a thread, as it blocks."""
    routes = APIRouter(prefix="/metrics", tags=["metrics"])

    @routes.get(
        "/current",
        summary="The figures of the last minute",
        responses=schemas.answers_of(Engine.current, 422),
    )
    async def current(service: Service = None) -> Response:
        return json_response(await asyncio.to_thread(engine.current, service))

    @routes.get(
        "/summary",
        summary="The figures of a range that ends now",
        responses=schemas.answers_of(Engine.summary, 422),
    )
    async def summary(range_: Range = "1h", service: Service = None) -> Response:
        return json_response(await asyncio.to_thread(engine.summary, range_, service))

    _add_history(routes, engine, schemas)
    _add_distribution(routes, engine, schemas)
    _add_predictions(routes, engine, schemas)
    return routes


def _add_history(routes: APIRouter, engine: Engine, schemas: Schemas) -> None:
    @routes.get(
        "/history",
        summary="One metric over time",
        responses=schemas.answers_of(Engine.history, 422),
    )
    async def history(
        metric: _Metric,
        range_: OptionalRange = None,
        start: _Time = None,
        end: _Time = None,
        step: Step = None,
        service: Service = None,
        by: _By = None,
        where: Where = None,
    ) -> Response:
        return json_response(
            await asyncio.to_thread(
                engine.history,
                metric,
                range=range_,
                start=start,
                end=end,
                step=step,
                service=service,
                by=[name.strip() for name in (by or "").split(",") if name.strip()],
                where=where or [],
            )
        )


def _add_distribution(routes: APIRouter, engine: Engine, schemas: Schemas) -> None:
    @routes.get(
        "/distribution",
        summary="A distribution over time, as a true histogram",
        responses=schemas.answers_of(Engine.distribution, 422),
    )
    async def distribution(
        metric: _Metric = "response_time_ms",
        range_: OptionalRange = None,
        start: _Time = None,
        end: _Time = None,
        step: Step = None,
        service: Service = None,
        where: Where = None,
    ) -> Response:
        return json_response(
            await asyncio.to_thread(
                engine.distribution,
                metric,
                range=range_,
                start=start,
                end=end,
                step=step,
                service=service,
                where=where or [],
            )
        )


def _add_predictions(routes: APIRouter, engine: Engine, schemas: Schemas) -> None:
    @routes.get(
        "/predictions",
        summary="Predictions with what came true",
        responses=schemas.answers_of(Engine.predictions, 422),
    )
    async def predictions(
        model: Annotated[str, Query(min_length=1, max_length=1024)],
        service: Service = None,
        range_: Range = "1h",
        limit: Limit = 500,
    ) -> Response:
        return json_response(
            await asyncio.to_thread(
                engine.predictions, model, service=service, range=range_, limit=limit
            )
        )
