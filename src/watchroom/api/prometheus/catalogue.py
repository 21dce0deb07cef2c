"""What there is: series, names and values of labels, and what metrics say of themselves."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import limited, success
from watchroom.api.prometheus.documented import LIMIT, MATCH, RANGE, add, text, whole
from watchroom.api.prometheus.parameters import EVER, Parameters, invalid, parameters
from watchroom.api.prometheus.schemas import LabelNames, MetadataAnswer, SeriesAnswer
from watchroom.api.prometheus.selectors import label_name, match_parameters
from watchroom.storage.contract import Matcher, Store

_Found = TypeVar("_Found")
_BOTH = ("GET", "POST")


def router(store: Store, schemas: Schemas) -> APIRouter:
    """Return the resources of what is stored."""
    routes = APIRouter(prefix="/api/v1", tags=["prometheus"])
    _add_series(routes, store, schemas)
    _add_labels(routes, store, schemas)
    _add_metadata(routes, store, schemas)
    return routes


def _add_series(routes: APIRouter, store: Store, schemas: Schemas) -> None:
    async def series(request: Request) -> Response:
        given = await parameters(request)
        selectors = await asyncio.to_thread(match_parameters, given)
        if not selectors:
            raise ApiError(400, "bad_data", "no match[] parameter provided")
        first, last = between(given)

        def find() -> list[dict[str, str]]:
            rows = _union(selectors, lambda each: store.series(each, first, last))
            return [dict(row) for row in rows]

        return limited(await asyncio.to_thread(find), given.count("limit"))

    add(
        routes,
        "/series",
        series,
        _BOTH,
        "The series that match",
        [MATCH, *RANGE, LIMIT],
        schemas.answers(SeriesAnswer, 400),
    )


def _add_labels(routes: APIRouter, store: Store, schemas: Schemas) -> None:
    async def labels(request: Request) -> Response:
        given = await parameters(request)
        selectors = await asyncio.to_thread(match_parameters, given) or [()]
        first, last = between(given)

        def find() -> list[str]:
            return _union(selectors, lambda each: store.label_names(each, first, last))

        return limited(await asyncio.to_thread(find), given.count("limit"))

    async def values(request: Request, name: str) -> Response:
        given = await parameters(request)
        label = label_name(name)
        selectors = await asyncio.to_thread(match_parameters, given) or [()]
        first, last = between(given)

        def find() -> list[str]:
            return _union(selectors, lambda each: store.label_values(label, each, first, last))

        return limited(await asyncio.to_thread(find), given.count("limit"))

    answers = schemas.answers(LabelNames, 400)
    about = [MATCH, *RANGE, LIMIT]
    add(routes, "/labels", labels, _BOTH, "The names of labels", about, answers)
    add(routes, "/label/{name}/values", values, ("GET",), "The values of a label", about, answers)


def _add_metadata(routes: APIRouter, store: Store, schemas: Schemas) -> None:
    async def metadata(request: Request) -> Response:
        given = await parameters(request)
        wanted = given.text("metric")
        limit = given.count("limit")
        found = await asyncio.to_thread(store.metadata)
        names = [wanted] if wanted else sorted(found)
        rows = {
            name: [{"type": each.kind.value, "help": each.help, "unit": each.unit}]
            for name in names[: limit or None]
            if (each := found.get(name)) is not None
        }
        return success(rows)

    about = [
        text("metric", "only this metric"),
        LIMIT,
        whole("limit_per_metric", "at most so many entries of a metric; there is one"),
    ]
    answers = schemas.answers(MetadataAnswer, 400)
    add(routes, "/metadata", metadata, ("GET",), "What metrics say of themselves", about, answers)


def between(given: Parameters) -> tuple[int, int]:
    """Return the time range asked for, all of time by default; open on the left."""
    first, last = given.time("start", -EVER), given.time("end", EVER)
    if last < first:
        raise invalid("end", "end timestamp must not be before start time")
    return first - 1, last


def _union(
    selectors: list[tuple[Matcher, ...]], find: Callable[[tuple[Matcher, ...]], Iterable[_Found]]
) -> list[_Found]:
    """Return what any of the selectors finds, each once, in order."""
    found = {row for each in selectors for row in find(each)}
    return sorted(found)  # type: ignore[type-var]  # strings, and tuples of strings
