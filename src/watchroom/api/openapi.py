"""Schemas of answers for OpenAPI, taken from the types the rooms already have."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, get_type_hints

import msgspec
from fastapi import FastAPI
from starlette.responses import Response

REF = "#/components/schemas/{name}"


class ErrorDetail(msgspec.Struct):
    """What went wrong, for programs and for people."""

    code: str
    message: str
    hint: str


class Error(msgspec.Struct):
    """The one shape of every answer other than 2xx."""

    error: ErrorDetail


class PrometheusError(msgspec.Struct):
    """The shape of every answer other than 2xx below /api/v1."""

    status: Literal["error"]
    errorType: str  # noqa: N815 - Prometheus' name
    error: str


class Schemas:
    """Collects the types of answers, and gives OpenAPI their schemas."""

    def __init__(self) -> None:
        self._types: dict[str, Any] = {each.__name__: each for each in (Error, PrometheusError)}

    def answers(self, model: Any, *errors: int) -> dict[int | str, dict[str, Any]]:
        """Return a route's `responses`: the model at 200, the error shape elsewhere."""
        answers: dict[int | str, dict[str, Any]] = {
            status: self._content(Error, _MEANING[status]) for status in errors
        }
        answers[200] = self._content(model, "what was asked for")
        return answers

    def nothing(self, *errors: int) -> dict[int | str, dict[str, Any]]:
        """Return a route's `responses` where success is an empty answer."""
        answers = self.answers(Error, *errors)
        answers[204] = {"description": "all of it is durable"}
        del answers[200]
        return answers

    def texts(self, media_type: str, *errors: int) -> dict[int | str, dict[str, Any]]:
        """Return a route's `responses` where the answer is a text."""
        plain = media_type.partition(";")[0]
        answers = self.answers(Error, *errors)
        answers[200] = {
            "description": "what was asked for",
            "content": {plain: {"schema": {"type": "string"}}},
        }
        return answers

    def answers_of(self, method: Callable[..., Any], *errors: int) -> dict[int | str, Any]:
        """Return a route's `responses` where the answer is what a method returns."""
        return self.answers(get_type_hints(method)["return"], *errors)

    def install(self, app: FastAPI) -> None:
        """Make the app's document hold the collected schemas."""
        made: dict[str, Any] = {}
        plain = app.openapi

        def document() -> dict[str, Any]:
            if not made:
                made.update(self._completed(plain()))
            return made

        app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to extend it

    def _content(self, model: Any, description: str) -> dict[str, Any]:
        self._types[model.__name__] = model
        schema = {"$ref": REF.format(name=model.__name__)}
        return {"description": description, "content": {"application/json": {"schema": schema}}}

    def _completed(self, document: dict[str, Any]) -> dict[str, Any]:
        _, components = msgspec.json.schema_components(list(self._types.values()), ref_template=REF)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(components)
        for path, operations in document["paths"].items():
            shape = PrometheusError if path.startswith("/api/v1/") else Error
            for operation in operations.values():
                _state_errors(operation["responses"], shape.__name__)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document


def _state_errors(responses: dict[str, Any], shape: str) -> None:
    content = {"application/json": {"schema": {"$ref": REF.format(name=shape)}}}
    for status, answer in responses.items():
        own = answer.get("content", {}).keys() - content.keys()
        if not status.startswith("2") and not own:  # a protocol with errors of its own keeps them
            meaning = _MEANING.get(int(status), answer["description"])
            responses[status] = {"description": meaning, "content": content}
    responses["default"] = {"description": "any other error", "content": content}


def json_response(content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return content as JSON; NaN and infinities become null."""
    return Response(msgspec.json.encode(content), headers=headers, media_type="application/json")


_MEANING = {
    400: "malformed",
    403: "who asks may not",
    404: "there is no such thing",
    413: "too large",
    415: "wrong content type or encoding",
    422: "a parameter is not valid",
    503: "the store cannot write now; Retry-After says when to try again",
    507: "the disk is full; Retry-After says when to try again",
}
