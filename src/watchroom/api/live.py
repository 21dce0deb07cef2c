"""GET /api/live/{channel}: what a subscriber would get, for those who poll."""

from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.openapi import Schemas
from watchroom.live.channels import LiveChannels
from watchroom.live.contract import UnknownChannel


class LiveMessage(msgspec.Struct):
    """A channel's content; `sequence` grows with every new content."""

    channel: str
    sequence: int
    data: Any


def router(channels: LiveChannels, schemas: Schemas) -> APIRouter:
    """Return the poll of live channels."""
    routes = APIRouter(prefix="/api/live", tags=["live"])

    @routes.get(
        "/{channel:path}",
        summary="Read a live channel once",
        responses=schemas.answers(LiveMessage, 404, 422),
    )
    async def read(channel: str) -> Response:
        try:
            frame = await channels.frame(channel)
        except UnknownChannel as error:
            raise ApiError(
                404, "unknown_channel", str(error.args[0]), "for example metrics/current"
            ) from error
        return Response(frame.json, media_type="application/json")

    return routes
