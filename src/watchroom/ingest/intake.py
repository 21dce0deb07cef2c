"""What a door has read, before the guard has had its word."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from watchroom.ingest.folding import Total
from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Metadata
from watchroom.model.labels import Labels
from watchroom.storage.contract import Floats, Ints, Times


class Folded:
    """Where a label set beyond the limit goes."""

    __slots__ = ("cumulative", "into", "mark")

    def __init__(self, into: Total, mark: int, cumulative: bool) -> None:
        self.into = into
        self.mark = mark
        self.cumulative = cumulative


Place: TypeAlias = Labels | Folded
"""Where the samples of a label set go: to a series of its own, or into one for many."""


class Sighting(NamedTuple):
    """An exemplar with where its series goes; `time` in ms."""

    place: Place
    labels: Labels
    time: int
    value: float


class Intake(NamedTuple):
    """What becomes a write: sample i belongs to series[owners[i]], or to series[i] without owners.

    `id` as in `Write`; empty where a door knows none.
    """

    id: str
    series: Sequence[Place]
    times: Times | Sequence[int]
    values: Floats | Sequence[float]
    owners: Ints | None = None
    histograms: Sequence[tuple[Place, int, Histogram]] = ()
    exemplars: Sequence[Sighting] = ()
    events: Sequence[Event] = ()
    metadata: Sequence[Metadata] = ()
