"""Routes whose parameters we read ourselves, and what OpenAPI says of them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from watchroom.api.prometheus.parameters import FORM

Parameter = dict[str, Any]
Answers = dict[int | str, dict[str, Any]]


def text(name: str, description: str, *, required: bool = False) -> Parameter:
    """Return a parameter that is a text."""
    return _parameter(name, description, {"type": "string"}, required=required)


def whole(name: str, description: str) -> Parameter:
    """Return a parameter that is a whole number."""
    return _parameter(name, description, {"type": "integer", "minimum": 0})


def _parameter(
    name: str, description: str, schema: dict[str, Any], *, required: bool = False
) -> Parameter:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": schema,
    }


MATCH: Parameter = {
    "name": "match[]",
    "in": "query",
    "required": False,
    "description": "a series selector; repeat it for further ones",
    "schema": {"type": "array", "items": {"type": "string"}},
}
LIMIT = whole("limit", "at most so many rows; 0 for all")
RANGE = [
    text("start", "the first time, RFC 3339 or seconds since the epoch"),
    text("end", "the last time, RFC 3339 or seconds since the epoch"),
]


def add(
    routes: APIRouter,
    path: str,
    endpoint: Callable[..., Awaitable[Response]],
    methods: Sequence[str],
    summary: str,
    about: Sequence[Parameter],
    answers: Answers,
) -> None:
    """Add a route; with POST its parameters come as a form."""
    for method in methods:
        extra = {"parameters": list(about)} if method == "GET" else _form(about)
        routes.add_api_route(
            path,
            endpoint,
            methods=[method],
            summary=summary,
            responses=answers,
            response_class=Response,  # what it is, the answers say
            openapi_extra=extra,
            operation_id=_operation(path, method),
        )


def _form(about: Sequence[Parameter]) -> dict[str, Any]:
    properties = {each["name"]: each["schema"] for each in about}
    required = [each["name"] for each in about if each["required"]]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {"requestBody": {"required": bool(required), "content": {FORM: {"schema": schema}}}}


def _operation(path: str, method: str) -> str:
    words = "".join(letter if letter.isalnum() else "_" for letter in path).strip("_")
    return f"prometheus_{words}_{method.lower()}"
