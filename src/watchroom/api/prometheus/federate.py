"""GET /federate: the newest value of each series that matches, for a Prometheus that scrapes it."""

import asyncio
import re
from array import array
from collections.abc import Callable, Iterator

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.errors import ApiError
from watchroom.api.exposition import TEXT, LabelText, negotiate, write
from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import Blocks
from watchroom.api.prometheus.documented import MATCH, add
from watchroom.api.prometheus.parameters import parameters
from watchroom.api.prometheus.selectors import match_parameters
from watchroom.model.labels import INSTANCE, NAME, Labels, value_of
from watchroom.model.stale import is_stale
from watchroom.storage.contract import Floats, FloatSeries, Matcher, Series, Store, Times

_UTF8 = "escaping=allow-utf-8"
"""What a scraper says that reads any name; others read letters, digits and underscores."""
_UNREADABLE = re.compile(r"[^a-zA-Z0-9_:]|^(?=[0-9])")
LOOKBACK = 300.0
"""Seconds after which a value is too old to be the newest."""


class _Newest:
    """The newest values as they are collected, in columns that grow without long pauses."""

    def __init__(self) -> None:
        self._series: list[Labels] = []
        self._names: dict[str, int] = {}
        self._name = array("q")
        self._times = array("q")
        self._values = array("d")

    def add(self, name: str, labels: Labels, time: int, value: float) -> None:
        """Add one value."""
        self._series.append(labels)
        self._name.append(self._names.setdefault(name, len(self._names)))
        self._times.append(time)
        self._values.append(value)

    def ordered(self) -> tuple[list[Labels], Floats, Times]:
        """Return the columns in the order of the metric names, without what has ended."""
        ranks = np.empty(len(self._names), np.int64)
        ranks[[self._names[name] for name in sorted(self._names)]] = np.arange(len(ranks))
        order = np.argsort(ranks[np.frombuffer(self._name, np.int64)], kind="stable")
        values = np.frombuffer(self._values, np.float64)
        kept = order[~is_stale(values[order])]
        times = np.frombuffer(self._times, np.int64)
        return [self._series[row] for row in kept.tolist()], values[kept], times[kept]


def router(store: Store, now: Callable[[], float], schemas: Schemas) -> APIRouter:
    """Return the resource."""
    routes = APIRouter(tags=["prometheus"])
    whole, plain = LabelText(finish=_addressed), LabelText(finish=_plainly)

    async def federate(request: Request) -> Response:
        selectors = await asyncio.to_thread(match_parameters, await parameters(request))
        if not selectors:
            raise ApiError(400, "bad_request", "no match[] parameter provided")
        end = int(now() * 1000)
        accept = request.headers.get("accept", "")
        content_type = negotiate(accept)
        cache = whole if _UTF8 in accept else plain

        def collect() -> list[bytes]:
            series, values, times = _newest(store, selectors, end).ordered()
            text = write(series, values, times, kinds={}, cache=cache, content_type=content_type)
            return list(text)

        return Blocks(await asyncio.to_thread(collect), content_type)

    answers = schemas.texts(TEXT, 400)
    add(routes, "/federate", federate, ("GET",), "The newest values, as text", [MATCH], answers)
    return routes


def _newest(store: Store, selectors: list[tuple[Matcher, ...]], end: int) -> _Newest:
    """Return the metric name, labels, time and value of every series that has one."""
    newest: dict[Labels, Series] = {}
    for matchers in selectors:
        for series in store.select(matchers, end - round(LOOKBACK * 1000), end):
            known = newest.get(series.labels)  # a histogram with a new layout comes once for each
            if known is None or known.times[-1] < series.times[-1]:
                newest[series.labels] = series
    found = _Newest()
    for labels in list(newest):
        _add_last(found, newest.pop(labels))  # all let go at once would be a long pause
    return found


def _add_last(found: _Newest, series: Series) -> None:
    """Add the last sample; of a histogram what the text format can say of it."""
    name, time = value_of(series.labels, NAME), int(series.times[-1])
    if isinstance(series, FloatSeries):
        found.add(name, series.labels, time, series.values[-1])
    elif not is_stale(series.sums[-1:])[0]:
        count, total = float(series.counts[-1]), float(series.sums[-1])
        for row in _classic(name, series.labels, time, count, total):
            found.add(*row)


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
