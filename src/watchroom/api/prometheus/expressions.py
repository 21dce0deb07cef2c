"""Expressions themselves: written neatly, taken apart, and the exemplars of what they select."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import success
from watchroom.api.prometheus.catalogue import between
from watchroom.api.prometheus.documented import RANGE, add, text
from watchroom.api.prometheus.numbers import number
from watchroom.api.prometheus.parameters import invalid, parameters
from watchroom.api.prometheus.schemas import ListAnswer, ObjectAnswer, TextAnswer
from watchroom.api.prometheus.tree import selectors, tree
from watchroom.model.labels import Labels
from watchroom.query.errors import QueryError
from watchroom.query.promql.language import parse
from watchroom.query.promql.language.tree import Expression
from watchroom.query.promql.language.written import written_neatly
from watchroom.storage.contract import Exemplar, Matcher, Store

_BOTH = ("GET", "POST")
_QUERY = text("query", "an expression of PromQL", required=True)


def router(store: Store, schemas: Schemas) -> APIRouter:
    """Return the resources of expressions."""
    routes = APIRouter(prefix="/api/v1", tags=["prometheus"])

    async def format_query(request: Request) -> Response:
        node = await asyncio.to_thread(parsed, (await parameters(request)).text("query"))
        return success(await asyncio.to_thread(written_neatly, node))

    async def parse_query(request: Request) -> Response:
        node = await asyncio.to_thread(parsed, (await parameters(request)).text("query"))
        return success(await asyncio.to_thread(tree, node))

    async def query_exemplars(request: Request) -> Response:
        given = await parameters(request)
        node = await asyncio.to_thread(parsed, given.text("query"))
        wanted = [each.matchers for each in selectors(node)]
        first, last = between(given)
        return success(await asyncio.to_thread(_exemplars, store, wanted, first, last))

    for path, endpoint, summary, about, schema in (
        ("/format_query", format_query, "An expression, written neatly", [_QUERY], TextAnswer),
        ("/parse_query", parse_query, "An expression as a tree", [_QUERY], ObjectAnswer),
        (
            "/query_exemplars",
            query_exemplars,
            "The exemplars of what an expression selects",
            [_QUERY, *RANGE],
            ListAnswer,
        ),
    ):
        add(routes, path, endpoint, _BOTH, summary, about, schemas.answers(schema, 400))
    return routes


def parsed(expression: str) -> Expression:
    """Return a parsed expression. Raises ApiError."""
    try:
        return parse(expression)
    except QueryError as error:
        raise invalid("query", error.message) from error


def _exemplars(
    store: Store, wanted: list[tuple[Matcher, ...]], first: int, last: int
) -> list[dict[str, Any]]:
    found: dict[Labels, list[Exemplar]] = {}
    for matchers in wanted:
        found.update(store.exemplars(matchers, first, last))
    return [
        {
            "seriesLabels": dict(labels),
            "exemplars": [
                {
                    "labels": dict(each.labels),
                    "value": number(each.value),
                    "timestamp": each.time / 1000,
                }
                for each in exemplars
            ],
        }
        for labels, exemplars in found.items()
    ]
