"""What changes the store as a whole: deletion, copies and their return."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.ingest import read_body
from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import success
from watchroom.api.prometheus.catalogue import between
from watchroom.api.prometheus.documented import MATCH, RANGE, Parameter, add
from watchroom.api.prometheus.parameters import parameters
from watchroom.api.prometheus.schemas import ObjectAnswer
from watchroom.api.prometheus.selectors import match_parameters
from watchroom.storage.contract import Matcher

_WRITES = ("POST", "PUT")
_LARGEST = 64 << 10
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["folder"],
                    "properties": {"folder": {"type": "string"}, "replace": {"type": "boolean"}},
                }
            }
        },
    }
}


class CannotDo(Exception):
    """It could not be done; the message says why in one line, and what would help."""


class Upkeep(Protocol):
    """What the server can do to its store. Every method blocks."""

    allowed: bool

    def snapshot(self) -> str:
        """Copy the store into a folder of its own; return the folder's name. Raises CannotDo."""

    def restore(self, folder: Path, *, replace: bool) -> int:
        """Put a copy in the place of the store; return its samples. Raises CannotDo."""

    def delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        """Forget what series have in (start, end]; return how many samples went."""


class _Restore(msgspec.Struct, forbid_unknown_fields=True):
    folder: str
    replace: bool = False


def router(upkeep: Upkeep, schemas: Schemas) -> APIRouter:
    """Return the resources that change the store."""
    routes = APIRouter(prefix="/api/v1/admin", tags=["prometheus"])
    _add_deletion(routes, upkeep)
    _add_copies(routes, upkeep, schemas)
    return routes


def _add_deletion(routes: APIRouter, upkeep: Upkeep) -> None:
    async def delete_series(request: Request) -> Response:
        _check(request, upkeep)
        given = await parameters(request)
        selectors = await asyncio.to_thread(match_parameters, given)
        if not selectors:
            raise ApiError(400, "bad_data", "no match[] parameter provided")
        start, end = between(given)
        for matchers in selectors:
            await asyncio.to_thread(upkeep.delete, matchers, start, end)
        return Response(status_code=204)

    async def clean_tombstones(request: Request) -> Response:
        _check(request, upkeep)  # a deletion leaves no tombstones
        return Response(status_code=204)

    about: list[Parameter] = [MATCH, *RANGE]
    nothing: dict[int | str, dict[str, Any]] = {204: {"description": "done"}}
    add(routes, "/tsdb/delete_series", delete_series, _WRITES, "Forget series", about, nothing)
    add(
        routes,
        "/tsdb/clean_tombstones",
        clean_tombstones,
        _WRITES,
        "Nothing is left to be cleaned after a deletion",
        [],
        nothing,
    )


def _add_copies(routes: APIRouter, upkeep: Upkeep, schemas: Schemas) -> None:
    async def snapshot(request: Request) -> Response:
        _check(request, upkeep)
        try:
            return success({"name": await asyncio.to_thread(upkeep.snapshot)})
        except CannotDo as error:
            raise ApiError(503, "unavailable", str(error)) from error

    answers = schemas.answers(ObjectAnswer, 503)
    add(routes, "/tsdb/snapshot", snapshot, _WRITES, "Copy the store", [], answers)

    @routes.post(
        "/restore",
        summary="Put a copy in the place of the store",
        responses=schemas.answers(ObjectAnswer, 400, 413, 415),
        openapi_extra=_BODY,
    )
    async def restore(request: Request) -> Response:
        _check(request, upkeep)
        wanted = _wanted(await read_body(request, _LARGEST))
        try:
            samples = await asyncio.to_thread(
                upkeep.restore, Path(wanted.folder), replace=wanted.replace
            )
        except CannotDo as error:
            raise ApiError(400, "bad_data", str(error)) from error
        return success({"samples": samples})


def _wanted(body: bytes) -> _Restore:
    try:
        wanted = msgspec.json.decode(body, type=_Restore)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(
            400, "bad_data", f"the body is wrong: {error}", 'for example {"folder": "/backups/1"}'
        ) from error
    if "\0" in wanted.folder or not Path(wanted.folder).is_absolute():
        raise ApiError(400, "bad_data", f"{wanted.folder!r} is no absolute path of a folder")
    return wanted


def _check(request: Request, upkeep: Upkeep) -> None:
    """Refuse who may not: others than this machine, and pages of other sites."""
    if not upkeep.allowed:
        raise ApiError(
            403,
            "forbidden",
            "the store is changed from the server's own machine only, while nothing asks for a "
            "token",
            "bind 127.0.0.1",
        )
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ApiError(403, "forbidden", f"a page of {origin[:200]} may not change the store")
