"""POST /ingest: batches from watched processes."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.openapi import Schemas, json_response
from watchroom.ingest.body import BodyMalformed, BodyTooLarge, UnknownEncoding
from watchroom.ingest.native import CONTENT_TYPE, BatchRefused, Ingest, Reply

_BODY = {
    "requestBody": {
        "required": True,
        "content": {CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def router(ingest: Ingest, schemas: Schemas) -> APIRouter:
    """Return the native door in."""
    routes = APIRouter(tags=["ingest"])

    @routes.post(
        "/ingest",
        summary="Take a batch; answered when it is durable",
        responses=schemas.answers(Reply, 400, 413, 415, 503, 507),
        openapi_extra=_BODY,
    )
    async def take(request: Request) -> Response:
        _check_type(request)
        body = await read_body(request, ingest.limits.packed_bytes)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        try:
            return json_response(await ingest.take(body, encoding))
        except BodyTooLarge as error:
            raise _too_large(ingest.limits.unpacked_bytes) from error
        except UnknownEncoding as error:
            raise ApiError(
                415, "unknown_encoding", str(error), "send it plain, or packed otherwise"
            ) from error
        except (BodyMalformed, BatchRefused) as error:
            raise ApiError(
                400, "bad_batch", str(error), "sending the same bytes again will not help"
            ) from error

    return routes


def _check_type(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != CONTENT_TYPE:
        raise ApiError(
            415,
            "unsupported_media_type",
            f"the content type {given[:80]!r} is not spoken here",
            f"send {CONTENT_TYPE}",
        )


async def read_body(request: Request, limit: int) -> bytes:
    """Return a request's body; an ApiError 413 as soon as it is larger than `limit` bytes."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> ApiError:
    return ApiError(
        413,
        "too_large",
        f"a batch has at most {limit} bytes, packed or not",
        "send smaller batches, or raise ingest_max_mb",
        {"Connection": "close"},
    )
