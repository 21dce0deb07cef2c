"""From a batch of one process to what the store makes durable."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from watchroom.ingest.families import Families, Family
from watchroom.ingest.guard import Guard
from watchroom.ingest.intake import Intake, Place
from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import Refused
from watchroom.ingest.refusals import Refusals
from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.wire.batch import Batch, Distribution, Metric, Occurrence, Point, unpack

_SCALES = range(-4, 10)
_INDEXES = 1 << 19
"""Bucket indexes of every float64 at the finest scale stay below, and clear of the store's own."""
_COUNTS = 1 << 53
_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


class Converter:
    """Turns batches into intakes: labels added, beginnings marked by a zero, bad parts left out."""

    def __init__(self, limits: Limits, guard: Guard | None = None) -> None:
        self._limits = limits
        self._families = Families(limits, guard)

    def convert(self, batch: Batch) -> tuple[Intake, Refusals]:
        """Return what of the batch can be kept, and what was refused."""
        draft = _Draft(batch)
        room = self._limits.points
        for metric in batch.metrics:
            points = metric.points
            if len(points) > room:
                draft.refusals.add(
                    f"a batch holds at most {self._limits.points} points", len(points) - room
                )
                points = points[:room]
            room -= len(points)
            self._add(draft, metric, points)
        self._add_events(draft, batch.events)
        return draft.intake(), draft.refusals

    def known(self) -> int:
        """Return how many label sets are remembered."""
        return len(self._families)

    def _add(self, draft: "_Draft", metric: Metric, points: Sequence[Point]) -> None:
        try:
            family = self._families.of(
                draft.batch.service,
                draft.batch.instance,
                metric.name,
                metric.kind,
                tuple(metric.labels),
            )
        except Refused as refused:
            draft.refusals.add(str(refused), len(points))
            return
        draft.metadata.append(Metadata(metric.name, metric.kind, metric.unit, metric.help))
        if metric.kind is Kind.HISTOGRAM:
            draft.add_histograms(metric.name, family, points)
        else:
            draft.add_floats(metric.name, family, points, metric.kind is Kind.COUNTER)

    def _add_events(self, draft: "_Draft", events: Sequence[Occurrence]) -> None:
        over = len(events) - self._limits.events
        if over > 0:
            draft.refusals.add(f"a batch holds at most {self._limits.events} events", over)
        for event in events[: self._limits.events]:
            try:
                draft.events.append(self._event(draft.batch, event))
            except Refused as refused:
                draft.refusals.add(str(refused))

    def _event(self, batch: Batch, event: Occurrence) -> Event:
        if not event.name or len(event.name) > self._limits.name_bytes:
            raise Refused(f"an event's name has 1 to {self._limits.name_bytes} characters")
        if event.level not in _LEVELS:
            raise Refused(f"an event's level is one of {', '.join(sorted(_LEVELS))}")
        if not 0 < event.time <= batch.time + self._limits.future_ms:
            raise Refused("an event's time is in ms since the epoch and not in the future")
        try:
            text = msgspec.json.encode(event.payload)
            payload = msgspec.json.decode(text)
        except (TypeError, ValueError, RecursionError):
            raise Refused("an event's payload must fit into JSON") from None
        if len(text) > self._limits.event_bytes:
            raise Refused(f"an event's payload has at most {self._limits.event_bytes} bytes")
        return Event(event.name, event.time, payload, event.level, batch.service, batch.instance)


class _Draft:
    """A write as it grows."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.refusals = Refusals()
        self.metadata: list[Metadata] = []
        self.events: list[Event] = []
        self._series: list[Place] = []
        self._times: list[int] = []
        self._values: list[float] = []
        self._histograms: list[tuple[Place, int, Histogram]] = []
        self._began = batch.previous if 0 < batch.previous < batch.time else batch.time - 1

    def intake(self) -> Intake:
        return Intake(
            self.batch.id,
            self._series,
            self._times,
            self._values,
            histograms=self._histograms,
            events=self.events,
            metadata=self.metadata,
        )

    def add_floats(self, name: str, family: Family, points: Iterable[Point], counter: bool) -> None:
        time = self.batch.time
        known, series, times, values = family.known, self._series, self._times, self._values
        for point in points:
            key = tuple(point.values)
            value = point.value
            if not isinstance(value, float) or not math.isfinite(value) or (counter and value < 0):
                self.refusals.add(f"{name}: a value is a finite number, of a counter 0 or more")
                continue
            labels = known.get(key)
            if labels is None:
                try:
                    labels = family.learn(key)
                except Refused as refused:
                    self.refusals.add(str(refused))
                    continue
            # A gauge was not zero before it was first set; a counter was.
            if counter and point.fresh:
                series.append(labels)
                times.append(self._began)
                values.append(0.0)
            series.append(labels)
            times.append(time)
            values.append(value)

    def add_histograms(self, name: str, family: Family, points: Iterable[Point]) -> None:
        for point in points:
            key = tuple(point.values)
            try:
                labels = family.known.get(key) or family.learn(key)
                histogram = _histogram(name, point.value)
            except Refused as refused:
                self.refusals.add(str(refused))
                continue
            if point.fresh:
                self._histograms.append((labels, self._began, Histogram(scale=histogram.scale)))
            self._histograms.append((labels, self.batch.time, histogram))


def _histogram(name: str, value: float | Distribution) -> Histogram:
    if not isinstance(value, Distribution):
        raise Refused(f"{name}: a histogram needs a distribution, not a number")
    if value.scale not in _SCALES:
        raise Refused(f"{name}: the scale lies between {_SCALES[0]} and {_SCALES[-1]}")
    if not math.isfinite(value.sum):
        raise Refused(f"{name}: the sum is a finite number")
    counted = (
        value.zeros
        + _counted(name, value.positive_index, value.positive_count)
        + _counted(name, value.negative_index, value.negative_count)
    )
    if value.zeros < 0 or counted != value.count or counted >= _COUNTS:
        raise Refused(f"{name}: the count is the sum of zeros and buckets")
    return unpack(value)


def _counted(name: str, indexes: list[int], counts: list[int]) -> int:
    if len(indexes) != len(counts):
        raise Refused(f"{name}: as many bucket counts as bucket indexes")
    if not indexes:
        return 0
    if any(after <= before for before, after in pairwise(indexes)):
        raise Refused(f"{name}: bucket indexes ascend")
    if indexes[0] <= -_INDEXES or indexes[-1] >= _INDEXES or min(counts) < 0:
        raise Refused(f"{name}: bucket counts are not negative, indexes within ±{_INDEXES}")
    return sum(counts)
