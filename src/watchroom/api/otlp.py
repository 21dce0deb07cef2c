"""POST /v1/metrics: metrics of OpenTelemetry over HTTP."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.ingest import read_body
from watchroom.ingest.body import BodyMalformed, BodyTooLarge, UnknownEncoding
from watchroom.ingest.otlp.door import OtlpDoor
from watchroom.ingest.otlp.message import CONTENT_TYPES, JSON, PROTOBUF, Malformed, reply, status
from watchroom.ingest.remote.draft import TooMany
from watchroom.storage.contract import StoreUnavailable

_PATHS = ("/v1/metrics", "/api/v1/otlp/v1/metrics")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_CONTENT: dict[str, Any] = {PROTOBUF: _BINARY, JSON: {"schema": {"type": "object"}}}
_BODY = {"requestBody": {"required": True, "content": _CONTENT}}
_MEANING = {
    200: "taken and durable; partial_success names what was refused",
    400: "malformed: sending it again will not help",
    413: "too large",
    415: "wrong content type or encoding",
    503: "the store cannot write now; Retry-After says when to try again",
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": _CONTENT} for code, text in _MEANING.items()
}


def router(door: OtlpDoor) -> APIRouter:
    """Return the door in for OTLP; under Prometheus' path, too."""
    routes = APIRouter(tags=["ingest"])
    for path in _PATHS:
        routes.post(
            path,
            summary="Take metrics in OTLP; answered when they are durable",
            response_class=Response,
            responses=_RESPONSES,
            openapi_extra=_BODY,
        )(_taker(door))
    return routes


def _taker(door: OtlpDoor) -> Any:
    async def take_metrics(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in CONTENT_TYPES:
            what = f"the content type {kind[:80]!r} is not spoken here; send {PROTOBUF}"
            return _failed(415, what, PROTOBUF)
        try:
            return await _take(door, request, kind)
        except ApiError as error:
            return _failed(error.status, f"{error.message}; {error.hint}", kind, error.headers)
        except (BodyTooLarge, TooMany) as error:
            return _failed(413, f"{error}; send smaller batches, or raise ingest_max_mb", kind)
        except UnknownEncoding as error:
            return _failed(415, str(error), kind)
        except (BodyMalformed, Malformed) as error:
            return _failed(400, str(error), kind)
        except StoreUnavailable as error:
            # OTLP calls 503 retryable, and 507 not.
            seconds = str(max(1, round(error.retry_after)))
            return _failed(503, str(error), kind, {"Retry-After": seconds})

    return take_metrics


async def _take(door: OtlpDoor, request: Request, kind: str) -> Response:
    body = await read_body(request, door.limits.packed_bytes)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    taken = await door.take(body, encoding, kind)
    return Response(reply(taken.rejected, taken.message, kind), media_type=kind)


def _failed(code: int, message: str, kind: str, headers: Any = None) -> Response:
    return Response(status(code, message, kind), code, headers=headers, media_type=kind)
