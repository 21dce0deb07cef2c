"""Batches as OTLP-JSON lines, for a file that any OpenTelemetry tool reads."""

from pathlib import Path
from typing import Any

import msgspec

from watchroom.model.kind import Kind
from watchroom.wire.batch import Batch, Distribution, Metric, Occurrence, Point

_CUMULATIVE = 2
_SEVERITY = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}


def lines(batch: Batch, began: int) -> list[bytes]:
    """Return a batch as at most two lines: its metrics, its events.

    `began` is when the cumulative values were zero, in milliseconds since the epoch.
    """
    resource = {
        "attributes": _attributes(
            {"service.name": batch.service, "service.instance.id": batch.instance}
        )
    }
    scope = {"name": "watchroom"}
    found: list[bytes] = []
    if batch.metrics:
        metrics = [_metric(metric, batch.time, began) for metric in batch.metrics]
        scoped = [{"scope": scope, "metrics": metrics}]
        body = {"resourceMetrics": [{"resource": resource, "scopeMetrics": scoped}]}
        found.append(msgspec.json.encode(body))
    if batch.events:
        logs = [{"scope": scope, "logRecords": [_log(event) for event in batch.events]}]
        body = {"resourceLogs": [{"resource": resource, "scopeLogs": logs}]}
        found.append(msgspec.json.encode(body))
    return found


class File:
    """Lines in a file that is rotated by size: file, file.1, file.2 …"""

    def __init__(self, path: Path, max_bytes: int, keep: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._instance = ""
        self._began = 0

    def write(self, batch: Batch) -> None:
        """Append a batch. Raises OSError."""
        if batch.instance != self._instance:  # whose sums begin at zero
            self._instance, self._began = batch.instance, batch.previous
        body = b"".join(line + b"\n" for line in lines(batch, self._began))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size + len(body) > self._max_bytes:
            self._rotate()
        with self._path.open("ab") as file:
            file.write(body)

    def _rotate(self) -> None:
        for number in range(self._keep, 0, -1):
            older = self._numbered(number)
            newer = self._numbered(number - 1)
            if newer.exists():
                newer.replace(older)
        if self._keep == 0:
            self._path.unlink(missing_ok=True)

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


def _metric(metric: Metric, time: int, began: int) -> dict[str, Any]:
    times = {"timeUnixNano": str(time * 1_000_000)}
    if metric.kind is not Kind.GAUGE:
        times["startTimeUnixNano"] = str(began * 1_000_000)
    points = [{**_point(metric, point), **times} for point in metric.points]
    body: dict[str, Any] = {"dataPoints": points}
    if metric.kind is not Kind.GAUGE:
        body["aggregationTemporality"] = _CUMULATIVE
    if metric.kind is Kind.COUNTER:
        body["isMonotonic"] = True
    shape = {Kind.GAUGE: "gauge", Kind.COUNTER: "sum", Kind.HISTOGRAM: "exponentialHistogram"}
    return {
        "name": metric.name,
        "unit": metric.unit,
        "description": metric.help,
        shape[metric.kind]: body,
    }


def _point(metric: Metric, point: Point) -> dict[str, Any]:
    labels = {name: value for name, value in zip(metric.labels, point.values, strict=True) if value}
    attributes = {"attributes": _attributes(labels)}
    if isinstance(point.value, Distribution):
        return {**attributes, **_distribution(point.value)}
    return {**attributes, "asDouble": point.value}


def _distribution(value: Distribution) -> dict[str, Any]:
    return {
        "count": str(value.count),
        "sum": value.sum,
        "scale": value.scale,
        "zeroCount": str(value.zeros),
        "positive": _buckets(value.positive_index, value.positive_count),
        "negative": _buckets(value.negative_index, value.negative_count),
    }


def _buckets(indexes: list[int], counts: list[int]) -> dict[str, Any]:
    """OTLP's buckets are dense, from an offset on."""
    if not indexes:
        return {"offset": 0, "bucketCounts": []}
    dense = ["0"] * (indexes[-1] - indexes[0] + 1)
    for index, count in zip(indexes, counts, strict=True):
        dense[index - indexes[0]] = str(count)
    return {"offset": indexes[0], "bucketCounts": dense}


def _log(event: Occurrence) -> dict[str, Any]:
    return {
        "timeUnixNano": str(event.time * 1_000_000),
        "severityText": event.level,
        "severityNumber": _SEVERITY.get(event.level, 9),
        "eventName": event.name,
        "body": {"stringValue": msgspec.json.encode(event.payload).decode()},
    }


def _attributes(pairs: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in pairs.items()]
