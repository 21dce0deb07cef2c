"""A request taken apart before it is decoded, so that a small body cannot become a huge one.

A message of two bytes takes a hundred as an object. So the outer messages are walked by hand and
counted, and what is decoded is one metric at a time, a large one a part of its points at a time.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from watchroom.ingest.otlp.message import JSON, Malformed
from watchroom.ingest.remote import wire
from watchroom.ingest.remote.draft import TooMany

PIECE = 256 << 10
"""Most bytes that are decoded at once, and of one data point."""
MESSAGES = 100_000
"""Most resources, scopes, metrics and data points of large metrics in a request."""
JSON_VALUES = 300_000
"""Most values in a request in JSON."""

_TOO_LARGE = f"a resource, a scope or a data point has at most {PIECE} bytes"

_RESOURCE_METRICS = 1
_RESOURCE, _SCOPE_METRICS = 1, 2
_SCOPE, _METRICS, _SCHEMA = 1, 2, 3
_POINTS = 1
_DATA = {5, 7, 9, 10, 11}
"""The fields of a metric with data points: gauge, sum, histogram, exponential one, summary."""


_Place: TypeAlias = tuple[int, int, int]
"""A field's number, and where its content starts and ends."""


class Piece(NamedTuple):
    """A metric, or some points of a large one, with whose it is."""

    number: int
    """Of its resource in the request."""
    resource: Any
    scope: Any
    schema: str
    """URL of the scope's schema."""
    metric: Any


def pieces(body: bytes, content_type: str) -> Iterator[Piece]:
    """Yield the pieces of an ExportMetricsServiceRequest.

    Raises:
        Malformed: it is none, or is nested deeper than anything honest.
        TooMany: it holds more than a request may.
    """
    return _of_json(body) if content_type == JSON else _of_protobuf(body)


def _of_json(body: bytes) -> Iterator[Piece]:
    from google.protobuf import json_format
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceRequest,
    )

    if body.count(b",") + body.count(b"{") + body.count(b"[") > JSON_VALUES:
        raise TooMany(f"a request in JSON holds at most {JSON_VALUES} values")
    try:
        request = json_format.Parse(body, ExportMetricsServiceRequest(), ignore_unknown_fields=True)
    except (json_format.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(f"this is no ExportMetricsServiceRequest in JSON: {error}") from error
    for number, resource in enumerate(request.resource_metrics):
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                yield Piece(number, resource.resource, scope.scope, scope.schema_url, metric)


def _of_protobuf(body: bytes) -> Iterator[Piece]:
    from google.protobuf.message import DecodeError

    try:
        yield from _Walk(body).pieces()
    except (DecodeError, wire.Malformed, UnicodeDecodeError) as error:
        raise Malformed(f"this is no ExportMetricsServiceRequest in protobuf: {error}") from error


class _Walk:
    """One request in protobuf on its way into pieces."""

    def __init__(self, body: bytes) -> None:
        from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
        from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
        from opentelemetry.proto.resource.v1.resource_pb2 import Resource

        self._body = body
        self._left = MESSAGES
        self._resource_class: Any = Resource
        self._scope_class: Any = InstrumentationScope
        self._metric_class: Any = Metric

    def pieces(self) -> Iterator[Piece]:
        """Yield them."""
        number = 0
        for field, start, end in self._messages(0, len(self._body)):
            if field == _RESOURCE_METRICS:
                yield from self._of_resource(number, start, end)
                number += 1

    def _of_resource(self, number: int, start: int, end: int) -> Iterator[Piece]:
        resource = b""
        scopes: list[tuple[int, int]] = []
        for field, first, last in self._messages(start, end):
            if field == _RESOURCE:
                resource = self._whole(first, last)
            elif field == _SCOPE_METRICS:
                scopes.append((first, last))
        owner = self._resource_class.FromString(resource)
        for first, last in scopes:
            yield from self._of_scope(Piece(number, owner, None, "", None), first, last)

    def _of_scope(self, owner: Piece, start: int, end: int) -> Iterator[Piece]:
        scope = schema = b""
        metrics: list[tuple[int, int]] = []
        for field, first, last in self._messages(start, end):
            if field == _SCOPE:
                scope = self._whole(first, last)
            elif field == _SCHEMA:
                schema = self._whole(first, last)
            elif field == _METRICS:
                metrics.append((first, last))
        owner = owner._replace(scope=self._scope_class.FromString(scope), schema=schema.decode())
        for first, last in metrics:
            for metric in self._metrics(first, last):
                yield owner._replace(metric=metric)

    def _metrics(self, start: int, end: int) -> Iterator[Any]:
        """Yield a metric, a large one as several of the same name."""
        if end - start <= PIECE:
            yield self._metric_class.FromString(self._body[start:end])
            return
        about, data = self._split(start, end, _DATA)
        for field, first, last in data:
            for points in self._points(first, last):
                yield self._metric_class.FromString(about + _message(field, points))

    def _points(self, start: int, end: int) -> Iterator[bytes]:
        """Yield data with some of its points each, and what it says beside them."""
        about, found = self._split(start, end, {_POINTS})
        points = bytearray()
        for field, first, last in found:
            if len(points) + last - first > PIECE:
                yield about + points
                points.clear()
            points += _message(field, self._whole(first, last))
        yield about + points

    def _split(self, start: int, end: int, parts: set[int]) -> tuple[bytes, list[_Place]]:
        """Return what a message says beside some fields, and these. Raises TooMany."""
        about, found = bytearray(), []
        before = start
        for field, kind, first, last in self._fields(start, end):
            if field in parts and kind == wire.BYTES:
                found.append((field, first, last))
            else:
                about += self._body[before:last]
            before = last
        if len(about) > PIECE:
            raise TooMany(_TOO_LARGE)
        return bytes(about), found

    def _whole(self, start: int, end: int) -> bytes:
        """Return some bytes that are decoded at once. Raises TooMany."""
        if end - start > PIECE:
            raise TooMany(_TOO_LARGE)
        return self._body[start:end]

    def _messages(self, start: int, end: int) -> Iterator[_Place]:
        """Yield the number, start and end of each field that has a length. Raises TooMany."""
        for field, kind, first, last in self._fields(start, end):
            if kind == wire.BYTES:
                yield field, first, last

    def _fields(self, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        for each in wire.fields(self._body, start, end):
            self._left -= 1
            if self._left < 0:
                raise TooMany(f"a request holds at most {MESSAGES} messages")
            yield each


def _message(field: int, content: bytes) -> bytes:
    size = len(content)
    head = bytearray((field << 3 | wire.BYTES,))
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + content
