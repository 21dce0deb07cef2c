"""The guard of cardinality: how many label sets a source may have, and what becomes of the rest.

A source is a job. Label sets are counted per source and per metric of a source, those that wrote
within the last one to two hours. A label set beyond the limit keeps all its labels but one, the
one with the most distinct values in its metric, whose value becomes OTHER. If even that makes too
many series, the next label follows. What was there before goes on as it was, and so does all else.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from watchroom.ingest import memory
from watchroom.ingest.folding import Total, mark
from watchroom.ingest.intake import Folded, Intake, Place
from watchroom.ingest.memory import Memory
from watchroom.ingest.merging import merged
from watchroom.ingest.naming import Refused
from watchroom.model.event import Event
from watchroom.model.kind import Kind
from watchroom.model.labels import JOB, NAME, Labels, value_of
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import Exemplar, FloatSeries, Matcher, Store, Write

logger = logging.getLogger(__name__)

OTHER = "__other__"
"""The value of a label that was folded."""
EVENT = "ingest.cardinality"
"""The event that tells of a metric that is folded."""

_WINDOW_SECONDS = 3600.0
_SHARE = 100
"""A metric with less than this part of a source's limit goes on growing a little beyond it."""
_ALLOWANCE = 10
"""Folded series of a metric are at most this part of its limit, and LEAST more."""
_LEAST = 10
_KEPT = {NAME, JOB, "le", "quantile"}
"""Labels that are never folded: without them a series is another thing."""
_CUMULATIVE = ("_total", "_count", "_sum", "_bucket")
_DAY_MS = 86_400_000


class Caps(NamedTuple):
    """Most label sets of a source, and of one of its metrics; 0 means any number."""

    source: int = 200_000
    metric: int = 20_000


class GuardStatistics(NamedTuple):
    """The guard's own figures."""

    active_sets: int
    """Label sets that wrote within the last one to two hours."""
    folded_samples: int
    remembered_sets: int
    forgotten_sets: int
    folds: tuple[str, ...]
    """What was folded within the last one to two hours, one `job: metric{label}` each."""


class _Group:
    """One metric of one source."""

    __slots__ = ("current", "epoch", "folds", "grows", "metric", "previous", "source", "totals")

    def __init__(self, source: str, metric: str) -> None:
        self.source = source
        self.metric = metric
        self.grows: bool | None = None
        """Whether its values only grow; None before that was asked."""
        self.current: dict[Labels, Labels] = {}
        self.previous: dict[Labels, Labels] = {}
        self.folds: list[str] = []
        self.epoch = 0
        """When a label set was last folded."""
        self.totals: dict[Labels, Total] = {}

    def __len__(self) -> int:
        return len(self.current) + len(self.previous)

    def known(self, labels: Labels) -> Labels | None:
        """Return a label set that was admitted, as the one object that stands for it."""
        found = self.current.get(labels)
        if found is None and (found := self.previous.pop(labels, None)) is not None:
            self.current[found] = found
        return found


class Guard:
    """Says where label sets go, and keeps the sums of those that are folded. Safe in threads."""

    def __init__(
        self, store: Store, clock: Clock, caps: Caps | None = None, folder: Path | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._caps = caps or Caps()
        self._folder = folder
        self._lock = threading.Lock()
        self._groups: dict[tuple[str, str], _Group] = {}
        self._sources: Counter[str] = Counter()
        self._turned = clock.monotonic()
        self._events: list[Event] = []
        self._folded_samples = 0
        self._dirty = False
        self._memory = Memory()
        self.epoch = 0
        """What was admitted under another epoch is to be asked for again."""

    def restore(self) -> None:
        """Take up what the store and the memory's file say of the time before this process."""
        if self._folder is not None:
            memory.load(self._memory, self._folder)
        now = int(self._clock.now() * 1000)
        active = self._store.series([], now - int(_WINDOW_SECONDS * 1000), now)
        for labels in chain(active, self._memory.totals):
            group = self._group(labels)
            folded = [name for name, value in labels if value == OTHER]
            if folded:
                group.folds += [name for name in folded if name not in group.folds]
                group.totals[labels] = self._total(labels)
                group.epoch = self.epoch
            elif labels not in group.current:
                self._add(group, labels)
            self._groups[group.source, group.metric] = group

    def admit(self, labels: Labels, cumulative: bool | None = None) -> Place:
        """Return where the samples of a label set go; ask once per set and epoch.

        `cumulative` says whether its values only grow; without it the metric tells.

        Raises:
            Refused: there are too many, and no label is left to fold.
        """
        with self._lock:
            group = self._group(labels)
            known = group.known(labels)
            if known is not None:
                return known
            number = mark(labels) if group.folds else 0
            if self._has_room(group) and not (group.folds and self._memory.knows(number)):
                self._add(group, labels)
                self._groups[group.source, group.metric] = group
                return labels
            total = self._folded(group, labels)
            if cumulative is None:
                cumulative = self._grows(group)
        return Folded(total, number or mark(labels), cumulative)

    def write(self, intake: Intake) -> Write:
        """Return what an intake makes durable; what is folded is added up."""
        with self._lock:
            events, self._events = self._events, []
            if self._memory.totals:
                intake, folded = merged(intake, self._memory)
                self._folded_samples += folded
                self._dirty = self._dirty or folded > 0
        return Write(
            intake.id,
            intake.series,  # type: ignore[arg-type]  # what was folded is no more among them
            intake.times,
            intake.values,
            intake.histograms,  # type: ignore[arg-type]  # likewise
            [*intake.events, *events],
            intake.metadata,
            intake.owners,
            [Exemplar(*each) for each in intake.exemplars],  # type: ignore[arg-type]  # likewise
        )

    def failed(self, write: Write) -> None:
        """Say again, with the next write, what one that failed was to say."""
        with self._lock:
            self._events += [event for event in write.events if event.name == EVENT]

    def turn(self) -> None:
        """Begin a new window where the last is over, and save what is remembered."""
        with self._lock:
            if self._clock.monotonic() - self._turned >= _WINDOW_SECONDS:
                self._turned = self._clock.monotonic()
                self._begin_window()
            data = self._memory.encode() if self._dirty else b""
            self._dirty = False
        if data and self._folder is not None:
            try:
                memory.save(data, self._folder)
            except OSError as error:
                self._dirty = True
                logger.warning("%s cannot be written (%s); it is tried again", memory.FILE, error)

    def statistics(self) -> GuardStatistics:
        """Return the guard's figures."""
        with self._lock:
            return GuardStatistics(
                self._sources.total(),
                self._folded_samples,
                len(self._memory),
                self._memory.forgotten(),
                tuple(self._folds()),
            )

    def _folds(self) -> Iterator[str]:
        for group in self._groups.values():
            if group.folds and group.epoch >= self.epoch - 1:
                yield f"{group.source}: {group.metric}{{{', '.join(group.folds)}}}"

    def _group(self, labels: Labels) -> _Group:
        key = value_of(labels, JOB), value_of(labels, NAME)
        return self._groups.get(key) or _Group(*key)

    def _add(self, group: _Group, labels: Labels) -> None:
        group.current[labels] = labels
        self._sources[group.source] += 1

    def _has_room(self, group: _Group) -> bool:
        metric, source = self._caps.metric, self._caps.source
        if metric and len(group) >= metric:
            return False
        if not source or self._sources[group.source] < source:
            return True
        small = len(group) < max(source // _SHARE, _LEAST)
        return small and self._sources[group.source] < source + source // 10

    def _begin_window(self) -> None:
        self.epoch += 1
        self._sources.clear()
        oldest = int(self._clock.now() * 1000) - _DAY_MS
        for key, group in list(self._groups.items()):
            group.previous, group.current = group.current, {}
            self._forget_totals(group, oldest)
            self._sources[group.source] += len(group)
            if not len(group) and not group.totals:
                del self._groups[key]

    def _forget_totals(self, group: _Group, oldest: int) -> None:
        """Forget the sums of a metric that nothing was added to since a time in ms."""
        for labels, total in list(group.totals.items()):
            if total.time < oldest:
                del group.totals[labels]
                self._memory.totals.pop(labels, None)
        if not group.totals:
            group.folds.clear()

    def _folded(self, group: _Group, labels: Labels) -> Total:
        """Return the series a label set beyond the limit goes into. Raises Refused."""
        group.epoch = self.epoch
        most = (self._caps.metric or self._caps.source) // _ALLOWANCE + _LEAST
        depth = 0
        while True:
            depth += 1
            if depth > len(group.folds):
                self._fold_next(group, labels)
            into = _without(labels, group.folds[:depth])
            total = group.totals.get(into)
            if total is None and into != labels and self._fits(group, labels, depth, most):
                total = group.totals[into] = self._total(into)
                self._groups[group.source, group.metric] = group
            if total is not None:
                return total

    def _grows(self, group: _Group) -> bool:
        """Say whether a metric is a counter, by its metadata or else by the end of its name."""
        if group.grows is None:
            told = self._store.metadata().get(group.metric)
            kind = told.kind if told else Kind.UNKNOWN
            if kind in {Kind.COUNTER, Kind.GAUGE}:
                group.grows = kind is Kind.COUNTER
            else:
                group.grows = group.metric.endswith(_CUMULATIVE)
        return group.grows

    def _fits(self, group: _Group, labels: Labels, depth: int, most: int) -> bool:
        """Say whether one more folded series may be; the last possible one always may."""
        left = {name for name, _ in labels} - _KEPT - set(group.folds[:depth])
        return len(group.totals) < most or not left

    def _fold_next(self, group: _Group, labels: Labels) -> None:
        """Begin to fold one more label of a metric. Raises Refused."""
        names = {name for name, _ in labels} - _KEPT - set(group.folds)
        if not names:
            raise Refused(
                f"the job {group.source!r} has {self._sources[group.source]} label sets, and"
                f" {group.metric[:80]} has no label to fold; raise series_per_source_limit"
            )
        distinct = {
            name: len({value_of(each, name) for each in chain(group.current, group.previous)})
            for name in names
        }
        worst = max(sorted(distinct), key=lambda name: distinct[name])
        group.folds.append(worst)
        payload = {
            "metric": group.metric,
            "label": worst,
            "distinct_values": distinct[worst],
            "label_sets": len(group),
            "meaning": f"new values of {worst} are counted as {OTHER}",
        }
        now = int(self._clock.now() * 1000)
        self._events.append(Event(EVENT, now, payload, "WARNING", group.source))

    def _total(self, labels: Labels) -> Total:
        """Return the sum of a folded series, which goes on where the store has it."""
        total = self._memory.totals.get(labels)
        if total is None:
            total = self._memory.totals[labels] = Total(labels)
        if not total.time:
            now = int(self._clock.now() * 1000)
            matchers = [Matcher(name, "=", value) for name, value in labels]
            for series in self._store.select(matchers, now - _DAY_MS, now):
                if series.labels == labels and len(series.times):
                    total.time = int(series.times[-1])
                    if isinstance(series, FloatSeries):
                        total.floor = float(series.values[-1])
        return total


def _without(labels: Labels, folds: list[str]) -> Labels:
    return tuple((name, OTHER if name in folds else value) for name, value in labels)
