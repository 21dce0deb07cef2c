"""GET /federate: the newest value of each series that matches, for a Prometheus that scrapes it."""

import asyncio
import re
from collections.abc import Callable, Iterator

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.exposition import TEXT, negotiate, write
from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import Blocks
from watchroom.api.prometheus.documented import MATCH, add
from watchroom.api.prometheus.parameters import parameters
from watchroom.api.prometheus.selectors import match_parameters
from watchroom.model.labels import INSTANCE, NAME, Labels, value_of
from watchroom.model.stale import is_stale
from watchroom.storage.contract import FloatSeries, Matcher, Series, Store

_UTF8 = "escaping=allow-utf-8"
"""What a scraper says that reads any name; others read letters, digits and underscores."""
_UNREADABLE = re.compile(r"[^a-zA-Z0-9_:]|^(?=[0-9])")
LOOKBACK = 300.0
"""Seconds after which a value is too old to be the newest."""


def router(store: Store, now: Callable[[], float], schemas: Schemas) -> APIRouter:
    """Return the resource."""
    routes = APIRouter(tags=["prometheus"])

    async def federate(request: Request) -> Response:
        selectors = match_parameters(await parameters(request))
        if not selectors:
            raise ApiError(400, "bad_request", "no match[] parameter provided")
        end = int(now() * 1000)
        accept = request.headers.get("accept", "")
        content_type = negotiate(accept)
        told = _addressed if _UTF8 in accept else _plainly

        def collect() -> list[bytes]:
            rows = sorted(_newest(store, selectors, end))
            names = [told(labels) for _, labels, _, _ in rows]
            times = np.array([time for _, _, time, _ in rows], np.int64)
            values = np.array([value for _, _, _, value in rows], np.float64)
            return list(write(names, values, times, kinds={}, content_type=content_type))

        return Blocks(await asyncio.to_thread(collect), content_type)

    answers = schemas.texts(TEXT, 400)
    add(routes, "/federate", federate, ("GET",), "The newest values, as text", [MATCH], answers)
    return routes


def _newest(
    store: Store, selectors: list[tuple[Matcher, ...]], end: int
) -> Iterator[tuple[str, Labels, int, float]]:
    """Yield the metric name, labels, time and value of every series that still has one."""
    newest: dict[Labels, Series] = {}
    for matchers in selectors:
        for series in store.select(matchers, end - round(LOOKBACK * 1000), end):
            known = newest.get(series.labels)  # a histogram with a new layout comes once for each
            if known is None or known.times[-1] < series.times[-1]:
                newest[series.labels] = series
    for series in newest.values():
        yield from _last(series)


def _last(series: Series) -> Iterator[tuple[str, Labels, int, float]]:
    """Yield the last sample; of a histogram what the text format can say of it."""
    name, time = value_of(series.labels, NAME), int(series.times[-1])
    if isinstance(series, FloatSeries):
        if not is_stale(series.values[-1:])[0]:
            yield name, series.labels, time, float(series.values[-1])
    elif not is_stale(series.sums[-1:])[0]:
        count, total = float(series.counts[-1]), float(series.sums[-1])
        yield from _classic(name, series.labels, time, count, total)


def _classic(
    name: str, labels: Labels, time: int, count: float, total: float
) -> Iterator[tuple[str, Labels, int, float]]:
    """Yield a histogram as Prometheus gives a native one in text: whole, without its buckets."""
    rest = [pair for pair in labels if pair[0] != NAME]
    for suffix, more, value in (
        ("_bucket", [("le", "+Inf")], count),
        ("_count", [], count),
        ("_sum", [], total),
    ):
        full = name + suffix
        yield full, tuple(sorted([(NAME, full), *rest, *more])), time, value


def _addressed(labels: Labels) -> Labels:
    """Return the labels with an instance; an empty one tells the scraper not to give its own."""
    return labels if value_of(labels, INSTANCE) else (*labels, (INSTANCE, ""))


def _plainly(labels: Labels) -> Labels:
    """Return the same with names that every scraper reads: http.status is http_status."""
    addressed = _addressed(labels)
    return tuple(
        (name, _UNREADABLE.sub("_", value)) if name == NAME else (_UNREADABLE.sub("_", name), value)
        for name, value in addressed
    )
