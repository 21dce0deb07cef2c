"""One shape for everything that goes wrong: {"error": {"code", "message", "hint"}}."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from watchroom.query.errors import QueryError
from watchroom.storage.contract import StoreUnavailable

_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
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
    body = msgspec.json.encode({"error": {"code": code, "message": message, "hint": hint}})
    return Response(body, status, headers=headers, media_type="application/json")


def install(app: FastAPI) -> None:
    """Make the app answer every error in the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(QueryError, _query_error)
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    app.add_exception_handler(Exception, _internal_error)


async def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this type
    return error_response(error.status, error.code, error.message, error.hint, error.headers)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    status = error.status_code
    message = f"{request.method} {request.url.path}: {error.detail}"
    code = _CODES.get(status, "error")
    return error_response(status, code, message, _HINTS.get(status, ""), error.headers)


async def _validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    message = "; ".join(_problem(each) for each in error.errors())
    return error_response(422, "invalid_parameter", message, "see /docs for valid values")


async def _query_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, QueryError)  # noqa: S101 - registered for this type
    return error_response(422, error.code, error.message, error.hint)


def _problem(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    return f"{where}: {error['msg']}"


async def _store_unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreUnavailable)  # noqa: S101 - registered for this type
    status, code = (507, "storage_full") if error.full else (503, "storage_unavailable")
    return error_response(
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
    return error_response(500, "internal", message, "the server's log has the reason")
