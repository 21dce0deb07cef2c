"""POST /api/v1/write and /api/v1/import/prometheus: the doors for Prometheus' formats."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.ingest import read_body
from watchroom.api.openapi import Schemas
from watchroom.ingest.body import BodyTooLarge, UnknownEncoding
from watchroom.ingest.limits import Limits
from watchroom.ingest.remote.door import RemoteWrite, Version, Written
from watchroom.ingest.remote.draft import TooMany
from watchroom.ingest.text_import import Options, TextImport

_PROTOBUF = "application/x-protobuf"
_OPENMETRICS = "application/openmetrics-text"
_AGAIN = "sending the same bytes again will not help"
_TIME = re.compile(r"-?[0-9]{1,15}")
_EXTRA = {
    "name": "extra_label",
    "in": "query",
    "required": False,
    "description": "name=value, a label for every series; repeat it for further ones",
    "schema": {"type": "array", "items": {"type": "string"}},
}
_STAMP = {
    "name": "timestamp",
    "in": "query",
    "required": False,
    "description": "ms since the epoch, the time of lines without one; now, if not given",
    "schema": {"type": "integer"},
}


def router(remote: RemoteWrite, text: TextImport, schemas: Schemas) -> APIRouter:
    """Return the doors."""
    routes = APIRouter(tags=["ingest"])
    _add_remote_write(routes, remote, schemas)
    _add_import(routes, text, schemas)
    return routes


def _add_remote_write(routes: APIRouter, door: RemoteWrite, schemas: Schemas) -> None:
    @routes.post(
        "/api/v1/write",
        summary="Remote write 1.0 and 2.0; answered when it is durable",
        status_code=204,
        responses=schemas.nothing(400, 413, 415, 503, 507),
        openapi_extra={"requestBody": _body(_PROTOBUF)},
    )
    async def write(request: Request) -> Response:
        version = _version(request.headers.get("content-type", ""))
        body = await read_body(request, door.limits.packed_bytes)
        encoding = _encoding(request) or "snappy"
        with _refusals(door.limits):
            written = await door.take(body, encoding, version)
        headers = _counts(written)
        if written.rejected:
            raise _partly(written.rejected, headers)
        return Response(status_code=204, headers=headers)


def _add_import(routes: APIRouter, door: TextImport, schemas: Schemas) -> None:
    @routes.post(
        "/api/v1/import/prometheus",
        summary="Samples as Prometheus' or OpenMetrics' text; answered when they are durable",
        status_code=204,
        responses=schemas.nothing(400, 413, 415, 503, 507),
        openapi_extra={"requestBody": _body("text/plain"), "parameters": [_STAMP, _EXTRA]},
    )
    async def take(request: Request) -> Response:
        options = _options(request)
        body = await read_body(request, door.limits.packed_bytes)
        with _refusals(door.limits):
            receipt = await door.take(body, _encoding(request), options)
        if receipt.rejected:
            raise _partly(receipt.rejected, {})
        return Response(status_code=204)


def _body(content_type: str) -> dict[str, Any]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"required": True, "content": {content_type: schema}}


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()


def _version(content_type: str) -> Version:
    """Return the version a content type names; without one it is the first."""
    plain, _, parameters = content_type.partition(";")
    if content_type and plain.strip().lower() != _PROTOBUF:
        raise _unsupported(content_type)
    for parameter in filter(None, map(str.strip, parameters.split(";"))):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "proto":
            try:
                return Version(value.strip().strip('"'))
            except ValueError:
                raise _unsupported(content_type) from None
    return Version.ONE


def _unsupported(content_type: str) -> ApiError:
    spoken = " or ".join(f"{_PROTOBUF};proto={version}" for version in Version)
    message = f"the content type {content_type[:80]!r} is not spoken here"
    return ApiError(415, "unsupported_media_type", message, f"send {spoken}")


def _options(request: Request) -> Options:
    """Return how a body of text is to be read."""
    plain = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    extra = []
    for pair in request.query_params.getlist("extra_label"):
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise ApiError(400, "bad_parameter", f"extra_label is {pair[:80]!r}", "name=value")
        extra.append((name, value))
    stamp = request.query_params.get("timestamp")
    if stamp is not None and not _TIME.fullmatch(stamp):
        hint = "milliseconds since the epoch"
        raise ApiError(400, "bad_parameter", f"timestamp is {stamp[:80]!r}", hint)
    return Options(
        plain == _OPENMETRICS, tuple(dict(extra).items()), None if stamp is None else int(stamp)
    )


@contextmanager
def _refusals(limits: Limits) -> Iterator[None]:
    """Answer what a door refuses."""
    try:
        yield
    except (BodyTooLarge, TooMany) as error:
        most = limits.unpacked_bytes >> 20
        hint = "send less at once" + (
            f", or raise ingest_max_mb, now {most}" if isinstance(error, BodyTooLarge) else ""
        )
        raise ApiError(413, "too_large", str(error), hint) from error
    except UnknownEncoding as error:
        raise ApiError(415, "unknown_encoding", str(error)) from error
    except ValueError as error:
        raise ApiError(400, "bad_body", str(error), _AGAIN) from error


def _partly(rejected: Sequence[str], headers: dict[str, str]) -> ApiError:
    told = "; ".join(rejected)
    return ApiError(400, "partly_refused", told, f"all else was kept; {_AGAIN}", headers)


def _counts(written: Written) -> dict[str, str]:
    return {
        "X-Prometheus-Remote-Write-Samples-Written": str(written.samples),
        "X-Prometheus-Remote-Write-Histograms-Written": str(written.histograms),
        "X-Prometheus-Remote-Write-Exemplars-Written": str(written.exemplars),
    }
