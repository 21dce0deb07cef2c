"""GET /events: what happened, newest first."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from watchroom.api.openapi import Schemas, json_response
from watchroom.api.parameters import Limit, Range, Service
from watchroom.query.engine import Engine


def router(engine: Engine, schemas: Schemas) -> APIRouter:
    """Return the events resource."""
    routes = APIRouter(tags=["events"])

    @routes.get(
        "/events",
        summary="Structured events, newest first",
        responses=schemas.answers_of(Engine.events, 422),
    )
    async def events(
        range_: Range = "1h",
        service: Service = None,
        name: Annotated[str | None, Query(min_length=1, max_length=256)] = None,
        limit: Limit = 100,
    ) -> Response:
        return json_response(
            await asyncio.to_thread(
                engine.events, range=range_, service=service, name=name, limit=limit
            )
        )

    return routes
