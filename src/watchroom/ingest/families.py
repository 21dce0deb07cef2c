"""The label sets already seen, so that the thousandth sample of a series costs one look-up."""

import re
from typing import TypeAlias

from watchroom.ingest.guard import Guard
from watchroom.ingest.intake import Place
from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import Refused
from watchroom.model.kind import Kind
from watchroom.model.labels import INSTANCE, JOB, NAME, Labels

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

Values: TypeAlias = tuple[str, ...]

_OVERHEAD = 400
"""Bytes of a label set beside its text: two tuples, their strings' heads, a place in a dict."""


class Family:
    """One metric of one process: its label names, and the label sets of its points."""

    __slots__ = ("_cache", "_cumulative", "_limits", "_names", "_own", "known")

    def __init__(
        self,
        own: tuple[tuple[str, str], ...],
        names: Values,
        cumulative: bool,
        limits: Limits,
        cache: "Families",
    ) -> None:
        self._own = own
        self._cumulative = cumulative
        self._names = names
        self._limits = limits
        self._cache = cache
        self.known: dict[Values, Place] = {}

    def learn(self, values: Values) -> Place:
        """Return where a point not seen before goes. Raises Refused."""
        if len(values) != len(self._names):
            raise Refused(
                f"{self._own[0][1]}: {len(values)} label values for {len(self._names)} label names"
            )
        longest = self._limits.label_value_bytes
        for name, value in zip(self._names, values, strict=True):
            if len(value) * 4 > longest and len(value.encode()) > longest:
                raise Refused(f"{self._own[0][1]}: the value of {name} exceeds {longest} bytes")
        pairs = self._own + tuple(zip(self._names, values, strict=True))
        labels = tuple(sorted(pair for pair in pairs if pair[1]))
        place = self.known[values] = self._cache.place(labels, self._cumulative)
        self._cache.grew(sum(map(len, values)))
        return place


class Families:
    """The families of all processes, bounded: at the limit everything is forgotten and relearnt."""

    def __init__(self, limits: Limits, guard: Guard | None = None, size: int = 64 << 20) -> None:
        self._limits = limits
        self._guard = guard
        self._epoch = guard.epoch if guard else 0
        self._size = size
        self._held = 0
        self._families: dict[tuple[str, str, str, Kind, Values], Family] = {}
        self._learnt = 0

    def of(self, service: str, instance: str, name: str, kind: Kind, names: Values) -> Family:
        """Return the family of a metric. Raises Refused where its names cannot be taken."""
        if self._guard is not None and self._epoch != self._guard.epoch:
            self._epoch = self._guard.epoch
            self._forget()
        key = (service, instance, name, kind, names)
        family = self._families.get(key)
        if family is None:
            _check(name, names, self._limits)
            own = ((NAME, name), (JOB, service), (INSTANCE, instance))
            family = Family(own, names, kind is not Kind.GAUGE, self._limits, self)
            self._families[key] = family
            self.grew(len(name) + sum(map(len, names)))
        return family

    def grew(self, characters: int) -> None:
        """Note one more label set; forgets all when they hold more bytes than `size`."""
        self._learnt += 1
        self._held += _OVERHEAD + characters
        if self._held > self._size:
            self._forget()

    def place(self, labels: Labels, cumulative: bool) -> Place:
        """Return where a label set goes. Raises Refused."""
        return labels if self._guard is None else self._guard.admit(labels, cumulative)

    def _forget(self) -> None:
        self._families = {}
        self._learnt = 0
        self._held = 0

    def __len__(self) -> int:
        return self._learnt


def _check(name: str, names: Values, limits: Limits) -> None:
    if len(name) > limits.name_bytes or not _METRIC.fullmatch(name):
        raise Refused(f"the metric name {name[:80]!r} is not [a-zA-Z_:][a-zA-Z0-9_:]*")
    if len(names) > limits.labels:
        raise Refused(f"{name}: {len(names)} labels, {limits.labels} are allowed")
    if len(set(names)) != len(names):
        raise Refused(f"{name}: a label name comes twice")
    for label in names:
        if len(label) > limits.name_bytes or not _LABEL.fullmatch(label):
            raise Refused(f"{name}: the label name {label[:80]!r} is not [a-zA-Z_][a-zA-Z0-9_]*")
        if label.startswith("__") or label in {JOB, INSTANCE}:
            raise Refused(f"{name}: the label {label} is set by the server; rename it")
