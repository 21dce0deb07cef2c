"""GET /health: whether the server does its work, part by part."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from watchroom.api.openapi import Schemas, json_response

Status: TypeAlias = Literal["healthy", "degraded", "unhealthy"]
_WORST: tuple[Status, ...] = ("unhealthy", "degraded", "healthy")


class Part(msgspec.Struct):
    """One part's state, with the figures that say most about it."""

    status: Status
    detail: str
    figures: dict[str, Any] = {}


class Health(msgspec.Struct):
    """The server's state: that of its worst part."""

    status: Status
    version: str
    uptime_seconds: float
    parts: dict[str, Part]


def overall(parts: dict[str, Part]) -> Status:
    """Return the state of the worst part."""
    return next(
        (status for status in _WORST if any(part.status == status for part in parts.values())),
        "healthy",
    )


def router(check: Callable[[], Health], schemas: Schemas) -> APIRouter:
    """Return the health resource; 200 even when unhealthy, since the answer is what was asked."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health", summary="The server's health", responses=schemas.answers(Health))
    async def health() -> Response:
        return json_response(check(), {"Cache-Control": "no-store"})

    return routes
