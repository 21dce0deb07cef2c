"""POST /-/reload: the configuration file is read again, as Prometheus does it."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.responses import Response

from watchroom.api.errors import ApiError


def router(reload: Callable[[], Awaitable[None]]) -> APIRouter:
    """Return the route; `reload` raises ValueError where the file cannot be used."""
    routes = APIRouter(tags=["operations"])

    @routes.post(
        "/-/reload",
        summary="Read the configuration file again",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def reload_configuration() -> Response:
        try:
            await reload()
        except ValueError as error:
            raise ApiError(
                400, "bad_configuration", str(error), "everything is as it was before"
            ) from error
        return Response(media_type="text/plain")

    return routes
