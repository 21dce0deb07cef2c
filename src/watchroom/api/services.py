"""GET /services: who has been heard of."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from watchroom.api.openapi import Schemas, json_response
from watchroom.query.engine import Engine


def router(engine: Engine, schemas: Schemas) -> APIRouter:
    """Return the services resource."""
    routes = APIRouter(tags=["services"])

    @routes.get(
        "/services",
        summary="The services heard of, with their processes",
        responses=schemas.answers_of(Engine.services),
    )
    async def services() -> Response:
        return json_response(await asyncio.to_thread(engine.services))

    return routes
