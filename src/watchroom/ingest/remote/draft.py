"""A request as it is read, whichever version spells it."""

from typing import NamedTuple

import numpy as np

from watchroom.ingest.intake import Intake, Place, Sighting
from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import Refused
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.remote import histograms
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels
from watchroom.storage.contract import Floats, Ints, Times

EXEMPLAR_CHARACTERS = 128
"""Most characters in the names and values of an exemplar's labels, as OpenMetrics has it."""

KINDS = (
    Kind.UNKNOWN,
    Kind.COUNTER,
    Kind.GAUGE,
    Kind.HISTOGRAM,
    Kind.GAUGEHISTOGRAM,
    Kind.SUMMARY,
    Kind.INFO,
    Kind.STATESET,
)
"""By their numbers on the wire."""


_BEGINNING_MS = 600_000
"""A series that began longer than this before a sample was already under way."""


class TooMany(ValueError):
    """A request holds more than one request may; the message says of what, and the limit."""


class Columns(NamedTuple):
    """n samples; `owners` are places in a list of series."""

    owners: Ints
    times: Times
    values: Floats


class Draft:
    """A request as it is read: what goes sample by sample, in lists."""

    def __init__(self, limits: Limits, started: dict[Place, int] | None = None) -> None:
        self.limits = limits
        self._started = started
        self.refusals = Refusals()
        self.series: list[Place | None] = []
        """None: refused, or with no samples."""
        self.histograms: list[tuple[Place, int, Histogram]] = []
        self.exemplars: list[Sighting] = []
        self.metadata: dict[str, Metadata] = {}
        self._owners: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []
        self._buckets = 0

    def add_sample(self, owner: int, time: int, value: float) -> None:
        """Add one sample."""
        self._owners.append(owner)
        self._times.append(time)
        self._values.append(value)

    def add_histogram(
        self, place: Place, body: bytes, start: int, stop: int, created: int = 0
    ) -> None:
        """Add one histogram, or refuse it. Raises Malformed, TooMany."""
        if stop - start > self.limits.histogram_bytes:
            self.refusals.add(f"a native histogram has at most {self.limits.histogram_bytes} bytes")
            return
        raw = histograms.read(body, start, stop)
        self._buckets += len(raw.positive) + len(raw.negative)
        if self._buckets > self.limits.buckets:
            raise TooMany(f"a request holds at most {self.limits.buckets} buckets of histograms")
        try:
            histogram = histograms.converted(raw)
        except Refused as refused:
            self.refusals.add(str(refused))
            return
        started = raw.started or created
        if self.began(place, started, raw.time):
            self.histograms.append((place, started, Histogram(0, 0.0, 0, {}, {}, *histogram[5:])))
        self.histograms.append((place, raw.time, histogram))

    def began(self, place: Place, started: int, time: int) -> bool:
        """Say whether a zero is due at a start time: once, and shortly before the first sample."""
        if not 0 < time - started <= _BEGINNING_MS or not started or self._started is None:
            return False
        before = self._started.get(place)
        self._started[place] = started
        return before != started

    def add_metadata(self, metadata: Metadata) -> None:
        """Note what a metric says of itself; too much of it is left out."""
        longest = self.limits.label_value_bytes
        if metadata.name and len(metadata.name) <= self.limits.name_bytes:
            cut = metadata._replace(unit=metadata.unit[:longest], help=metadata.help[:longest])
            self.metadata[metadata.name] = cut

    def add_exemplar(self, place: Place, labels: Labels, time: int, value: float) -> None:
        """Add one exemplar, or refuse it."""
        if sum(len(name) + len(text) for name, text in labels) > EXEMPLAR_CHARACTERS:
            self.refusals.add(
                f"the labels of an exemplar have at most {EXEMPLAR_CHARACTERS} characters"
            )
            return
        self.exemplars.append(Sighting(place, labels, time, value))

    def check(self, samples: int) -> None:
        """Raise TooMany where a request holds too much."""
        if len(self.series) > self.limits.series:
            raise TooMany(f"a request holds at most {self.limits.series} series")
        if samples > self.limits.samples:
            raise TooMany(f"a request holds at most {self.limits.samples} samples")

    def finish(self, *blocks: Columns) -> tuple[Intake, Refusals]:
        """Return the request with the samples in the order of their series, and what is refused."""
        single = Columns(
            np.array(self._owners, np.int64),
            np.array(self._times, np.int64),
            np.array(self._values, np.float64),
        )
        samples = _joined([*blocks, single])
        series, samples = _without_gaps(self.series, samples)
        intake = Intake(
            "",
            series,
            samples.times,
            samples.values,
            samples.owners,
            self.histograms,
            self.exemplars,
            metadata=list(self.metadata.values()),
        )
        return intake, self.refusals


def kind(number: int) -> Kind:
    """Return the kind of a number on the wire."""
    return KINDS[number] if number < len(KINDS) else Kind.UNKNOWN


def _joined(blocks: list[Columns]) -> Columns:
    filled = [block for block in blocks if len(block.owners)]
    if len(filled) == 1:
        return filled[0]
    owners, times, values = (np.concatenate(each) for each in zip(*blocks, strict=True))
    order = np.argsort(owners, kind="stable")
    return Columns(owners[order], times[order], values[order])


def _without_gaps(series: list[Place | None], samples: Columns) -> tuple[list[Place], Columns]:
    """Leave out series that are refused or have no samples."""
    used = np.zeros(len(series), np.bool_)
    used[samples.owners] = True
    if used.all():
        return series, samples  # type: ignore[return-value]  # what has samples was not refused
    kept = [place for place, wanted in zip(series, used.tolist(), strict=True) if wanted and place]
    return kept, samples._replace(owners=(np.cumsum(used) - 1)[samples.owners])
