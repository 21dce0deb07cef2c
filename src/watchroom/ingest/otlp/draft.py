"""What one request brings to the store, as it grows."""

from typing import NamedTuple, TypeAlias

from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import checked
from watchroom.ingest.otlp.attributes import Attributes
from watchroom.ingest.otlp.deltas import Changes
from watchroom.ingest.refusals import Refusals
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Metadata
from watchroom.model.labels import NAME, Labels
from watchroom.storage.contract import Exemplar, Write

Pairs = tuple[tuple[str, str], ...]
_NO_EXTRA = ("", "")


class Source(NamedTuple):
    """Who sent: labels that every series gets, and those of target_info."""

    fixed: Pairs
    """They win over attributes of points."""
    added: Pairs
    """They yield to attributes of points."""
    described: Pairs
    """What is left for target_info."""

    @property
    def key(self) -> Pairs:
        """Return what tells one source's series from another's."""
        return self.fixed + self.added


class Stream:
    """The series that the points of one metric with the same attributes go to.

    They differ by the suffix of their name and by one label: `le` of a bucket, `quantile`.
    """

    __slots__ = ("_known", "_name", "_own", "_pairs", "_streams")

    def __init__(self, name: str, pairs: Pairs, streams: "Streams") -> None:
        self._name = name
        self._pairs = pairs
        self._streams = streams
        self._own: Labels | None = None
        self._known: dict[tuple[str, str, str], Labels] = {}

    def own(self) -> Labels:
        """Return the labels of the series without a suffix. Raises Refused."""
        if self._own is None:
            self._own = self.series()
        return self._own

    def series(self, suffix: str = "", extra: tuple[str, str] = _NO_EXTRA) -> Labels:
        """Return the labels of one of the series. Raises Refused."""
        key = (suffix, *extra)
        labels = self._known.get(key)
        if labels is None:
            own = ((NAME, self._name + suffix), extra)
            labels = self._known[key] = self._streams.checked((*self._pairs, *own))
        return labels


Table: TypeAlias = dict[Attributes, Stream]
"""The streams of one metric of one source."""


class Streams:
    """The streams already seen, with at most so many label sets: then all are learnt again."""

    def __init__(self, limits: Limits, most: int = 100_000) -> None:
        self._limits = limits
        self._most = most
        self._tables: dict[tuple[Pairs, str], Table] = {}
        self._learnt = 0

    def __len__(self) -> int:
        return self._learnt

    def table(self, source: Pairs, name: str) -> Table:
        """Return the streams of a metric that have been seen."""
        return self._tables.setdefault((source, name), {})

    def learn(self, source: Pairs, name: str, attributes: Attributes, pairs: Pairs) -> Stream:
        """Note what labels a stream has."""
        if self._learnt >= self._most:
            self._tables = {}
            self._learnt = 0
        stream = Stream(name, pairs, self)
        self.table(source, name)[attributes] = stream
        return stream

    def checked(self, pairs: Pairs) -> Labels:
        """Return the labels of one more series. Raises Refused."""
        self._learnt += 1
        return checked(pairs, self._limits)


class Draft:
    """A write as it grows."""

    def __init__(self, changes: Changes, refusals: Refusals) -> None:
        self.changes = changes
        self.refusals = refusals
        self.metadata: dict[str, Metadata] = {}
        self.series: list[Labels] = []
        self.times: list[int] = []
        self.values: list[float] = []
        self.histograms: list[tuple[Labels, int, Histogram]] = []
        self.exemplars: list[Exemplar] = []

    def add(self, labels: Labels, time: int, value: float) -> None:
        """Add a sample; `time` in ms."""
        self.series.append(labels)
        self.times.append(time)
        self.values.append(value)

    def write(self) -> Write:
        """Return all of it as one write."""
        return Write(
            "",
            self.series,
            self.times,
            self.values,
            self.histograms,
            metadata=list(self.metadata.values()),
            exemplars=self.exemplars,
        )
