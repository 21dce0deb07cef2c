"""One metric of a request, on its way into the draft of a write."""

import base64
from collections.abc import Callable
from operator import add
from typing import Any, NamedTuple, TypeAlias

from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import Refused
from watchroom.ingest.otlp.attributes import Attributes, texts
from watchroom.ingest.otlp.deltas import Classic
from watchroom.ingest.otlp.draft import Draft, Source, Stream, Streams, Table
from watchroom.ingest.otlp.naming import label_pairs, metric_name
from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.ingest.otlp.points import (
    add_classic,
    add_summary,
    began,
    classic,
    custom,
    end_classic,
    exemplar_series,
    exponential,
    milliseconds,
    number,
    span,
    vanished,
)
from watchroom.model.histogram import Histogram, merge
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels
from watchroom.model.stale import STALE
from watchroom.storage.contract import Exemplar

_UNSPECIFIED, _DELTA = 0, 1

Level: TypeAlias = Callable[[Labels], float]
"""What tells the last value of a series that goes up and down, 0 where there is none."""
Handler: TypeAlias = Callable[[Stream, int, Any], None]


class Surroundings(NamedTuple):
    """What all metrics of a request have in common."""

    limits: Limits
    options: OtlpOptions
    streams: Streams
    level: Level
    now: int
    """The server's time in ms."""
    hexed: bool
    """Ids came as hexadecimal text, which the JSON reader took for base64."""


class MetricPart:
    """One metric of a request on its way into the draft."""

    def __init__(self, around: Surroundings, draft: Draft, source: Source, metric: Any) -> None:
        self._around = around
        self._draft = draft
        self._source = source
        self._metric = metric
        self._form: str = metric.WhichOneof("data") or ""
        self._data: Any = getattr(metric, self._form) if self._form else None
        self._name = ""
        self._table: Table = {}

    def add(self) -> int:
        """Add the metric's points; return the newest time among those that could be kept."""
        if self._data is None:
            return 0
        points = self._data.data_points
        kind = _kind(self._form, self._data)
        self._name = metric_name(self._metric.name, self._metric.unit, kind, self._around.options)
        newest = 0
        try:
            handle = self._handler()
            self._check_name()
        except Refused as refused:
            self._draft.refusals.add(str(refused), len(points))
            return 0
        self._table = self._around.streams.table(self._source.key, self._name)
        for point in points:
            try:
                newest = max(newest, self._point(point, handle))
            except Refused as refused:
                self._draft.refusals.add(f"{self._name[:80]}: {refused}")
        unit = self._metric.unit
        self._draft.metadata[self._name] = Metadata(
            self._name, kind, unit, self._metric.description
        )
        return newest

    def _handler(self) -> Handler:
        """Return what adds a point. Raises Refused where the metric has no clear meaning."""
        if self._form == "gauge":
            return self._gauge
        if self._form == "summary":
            return self._summary
        temporality = self._data.aggregation_temporality
        if temporality == _UNSPECIFIED:
            raise Refused(f"{self._name[:80]}: its aggregation temporality is not said")
        cumulative, delta = {
            "sum": (self._gauge, self._delta_sum),
            "histogram": (self._classic, self._delta_classic),
            "exponential_histogram": (self._native, self._delta_native),
        }[self._form]
        return delta if temporality == _DELTA else cumulative

    def _check_name(self) -> None:
        if not self._name:
            raise Refused("a metric has a name")
        if len(self._name) > self._around.limits.name_bytes:
            raise Refused(f"a metric's name has at most {self._around.limits.name_bytes} bytes")

    def _point(self, point: Any, handle: Callable[[Stream, int, Any], None]) -> int:
        time = milliseconds(point.time_unix_nano) or self._around.now
        if time > self._around.now + self._around.limits.future_ms:
            raise Refused("a point's time is in ns since the epoch and not in the future")
        attributes = texts(point.attributes)
        stream = self._table.get(attributes) or self._learn(attributes)
        handle(stream, time, point)
        return time

    def _learn(self, attributes: Attributes) -> Stream:
        """Note the labels of a stream not seen before; those of the source win."""
        source = self._source
        own = dict(source.added) | dict(label_pairs(attributes, self._around.options))
        pairs = tuple((own | dict(source.fixed)).items())
        return self._around.streams.learn(source.key, self._name, attributes, pairs)

    def _gauge(self, stream: Stream, time: int, point: Any) -> None:
        value = STALE if vanished(point) else number(point)
        self._draft.add(stream.own(), time, value)
        self._exemplars(point, lambda _value: stream.own())

    def _delta_sum(self, stream: Stream, time: int, point: Any) -> None:
        labels = stream.own()
        if vanished(point):
            self._draft.add(labels, time, STALE)
            return
        rises = self._data.is_monotonic
        delta, value = span(point), number(point)
        if rises and not value >= 0:
            raise Refused("what a counter adds is 0 or more")
        first: Callable[[], float] = (
            (lambda: 0.0) if rises else (lambda: self._around.level(labels))
        )
        summed = self._draft.changes.add(labels, delta, value, plus=add, first=first)
        if summed is None:
            return
        if summed[1] and rises:
            self._draft.add(labels, began(delta), 0.0)
        self._draft.add(labels, time, summed[0])
        self._exemplars(point, lambda _value: labels)

    def _classic(self, stream: Stream, time: int, point: Any) -> None:
        if vanished(point):
            end_classic(self._draft, stream, time, point.explicit_bounds)
            return
        value = classic(point)
        if self._around.options.convert_histograms_to_nhcb:
            self._draft.histograms.append((stream.own(), time, custom(value)))
        else:
            add_classic(self._draft, stream, time, value, sums=point.HasField("sum"))
        self._bucket_exemplars(stream, point)

    def _delta_classic(self, stream: Stream, time: int, point: Any) -> None:
        if vanished(point):
            end_classic(self._draft, stream, time, point.explicit_bounds)
            return
        delta, value = span(point), classic(point)
        nothing = value._replace(counts=(0,) * len(value.counts), total=0, sum=0.0)
        summed = self._draft.changes.add(
            stream.own(),
            delta,
            value,
            plus=Classic.plus,
            first=lambda: nothing,
            form=value.bounds,
        )
        if summed is None:
            return
        steps = [(began(delta), nothing)] if summed[1] else []
        for at, each in [*steps, (time, summed[0])]:
            if self._around.options.convert_histograms_to_nhcb:
                self._draft.histograms.append((stream.own(), at, custom(each)))
            else:
                add_classic(self._draft, stream, at, each, sums=point.HasField("sum"))
        self._bucket_exemplars(stream, point)

    def _native(self, stream: Stream, time: int, point: Any) -> None:
        value = Histogram(sum=STALE) if vanished(point) else exponential(point)
        self._draft.histograms.append((stream.own(), time, value))
        self._exemplars(point, lambda _value: stream.own())

    def _delta_native(self, stream: Stream, time: int, point: Any) -> None:
        if vanished(point):
            self._native(stream, time, point)
            return
        labels, delta, value = stream.own(), span(point), exponential(point)
        nothing = Histogram(scale=value.scale, threshold=value.threshold)
        summed = self._draft.changes.add(
            labels, delta, value, plus=lambda a, b: merge((a, b)), first=lambda: nothing
        )
        if summed is None:
            return
        if summed[1]:
            self._draft.histograms.append((labels, began(delta), nothing))
        self._draft.histograms.append((labels, time, summed[0]))
        self._exemplars(point, lambda _value: labels)

    def _summary(self, stream: Stream, time: int, point: Any) -> None:
        add_summary(self._draft, stream, time, point)

    def _bucket_exemplars(self, stream: Stream, point: Any) -> None:
        if self._around.options.convert_histograms_to_nhcb:
            self._exemplars(point, lambda _value: stream.own())
        else:
            self._exemplars(point, exemplar_series(stream, point.explicit_bounds))

    def _exemplars(self, point: Any, series: Callable[[float], Labels]) -> None:
        for each in point.exemplars:
            if each.WhichOneof("value") is None:
                continue
            value = number(each)
            time = milliseconds(each.time_unix_nano) or milliseconds(point.time_unix_nano)
            ids = (("trace_id", each.trace_id), ("span_id", each.span_id))
            pairs = [(name, self._id(raw)) for name, raw in ids if raw]
            pairs += label_pairs(texts(each.filtered_attributes), self._around.options)
            labels = tuple(sorted(dict(pairs).items()))
            self._draft.exemplars.append(Exemplar(series(value), labels, time, value))

    def _id(self, raw: bytes) -> str:
        return base64.b64encode(raw).decode().lower() if self._around.hexed else raw.hex()


def _kind(form: str, data: Any) -> Kind:
    if form == "sum":
        return Kind.COUNTER if data.is_monotonic else Kind.GAUGE
    if form == "gauge":
        return Kind.GAUGE
    return Kind.SUMMARY if form == "summary" else Kind.HISTOGRAM
