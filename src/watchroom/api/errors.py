"""One shape for everything that goes wrong: {"error": {"code", "message", "hint"}}.

Below /api/v1 it is Prometheus' shape, {"status": "error", "errorType", "error"}, as its clients
read no other.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from watchroom.api.encoded import encoded
from watchroom.query.errors import QueryError
from watchroom.storage.contract import StoreUnavailable

_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_PROMETHEUS = "/api/v1/"
_TYPES = {
    403: "forbidden",
    404: "not_found",
    500: "internal",
    503: "unavailable",
    507: "unavailable",
}
_STATUS_OF_QUERY = {"bad_data": 400, "too_many_points": 400, "timeout": 503, "canceled": 503}
_HINTS = {
    404: "see /docs for what there is",
    405: "the Allow header names the methods",
}


class ApiError(Exception):
    """An answer other than 2xx, with its code, message and hint."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.headers = headers


def error_response(
    status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in the one error shape."""
    body = encoded({"error": {"code": code, "message": message, "hint": hint}})
    return Response(body, status, headers=headers, media_type="application/json")


def prometheus_error(
    status: int, kind: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in Prometheus' error shape."""
    text = f"{message}; {hint}" if hint else message
    body = encoded({"status": "error", "errorType": kind, "error": text})
    return Response(body, status, headers=headers, media_type="application/json")


def _answer(
    request: Request,
    status: int,
    code: str,
    message: str,
    hint: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer in the shape of the request's part of the API."""
    if not request.url.path.startswith(_PROMETHEUS):
        return error_response(status, code, message, hint, headers)
    kind = _TYPES.get(status, "bad_data")
    return prometheus_error(status, kind, message, hint, headers)


def install(app: FastAPI) -> None:
    """Make the app answer every error in the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(QueryError, _query_error)
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    app.add_exception_handler(Exception, _internal_error)


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this type
    return _answer(request, error.status, error.code, error.message, error.hint, error.headers)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    status = error.status_code
    message = f"{request.method} {request.url.path}: {error.detail}"
    code = _CODES.get(status, "error")
    return _answer(request, status, code, message, _HINTS.get(status, ""), error.headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    message = "; ".join(_problem(each) for each in error.errors())
    return _answer(request, 422, "invalid_parameter", message, "see /docs for valid values")


async def _query_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, QueryError)  # noqa: S101 - registered for this type
    if request.url.path.startswith(_PROMETHEUS):
        status = _STATUS_OF_QUERY.get(error.code, 422)
        kind = {400: "bad_data", 503: error.code}.get(status, "execution")
        return prometheus_error(status, kind, error.message, error.hint)
    return error_response(422, error.code, error.message, error.hint)


def _problem(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    return f"{where}: {error['msg']}"


async def _store_unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreUnavailable)  # noqa: S101 - registered for this type
    status, code = (507, "storage_full") if error.full else (503, "storage_unavailable")
    return _answer(
        request,
        status,
        code,
        str(error),
        "nothing of this batch was kept; send it again"
        if request.method == "POST"
        else "/health names what is damaged",
        {"Retry-After": str(max(1, round(error.retry_after)))},
    )


async def _internal_error(request: Request, _error: Exception) -> Response:
    message = f"{request.method} {request.url.path} failed"
    return _answer(request, 500, "internal", message, "the server's log has the reason")
