"""What every series store promises, whichever engine is behind it.

Times are int64 milliseconds since the epoch. A range is open on the left and closed on the right,
as in Prometheus 3: a sample at `start` is outside, one at `end` is inside.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from watchroom.model.event import Event
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Metadata
from watchroom.model.labels import Labels

Times: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


class StoreUnavailable(Exception):
    """The store cannot take writes now (disk full, I/O error); try again in `retry_after` s."""

    def __init__(self, message: str, *, full: bool = False, retry_after: float = 5.0) -> None:
        super().__init__(message)
        self.full = full
        self.retry_after = retry_after


class Matcher(NamedTuple):
    """A condition on one label; an absent label has the empty value. Regexes are anchored."""

    name: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str


class Write(NamedTuple):
    """What becomes durable together, or not at all.

    `id` makes it idempotent: a write whose id the store has seen is acknowledged and ignored.
    `series[i]` had the value `values[i]` at `times[i]`; histograms are cumulative.
    """

    id: str
    series: Sequence[Labels]
    times: Sequence[int]
    values: Sequence[float]
    histograms: Sequence[tuple[Labels, int, Histogram]] = ()
    events: Sequence[Event] = ()
    metadata: Sequence[Metadata] = ()


class Receipt(NamedTuple):
    """The answer to a durable write."""

    samples: int
    duplicate: bool = False
    rejected: tuple[str, ...] = ()
    """One sentence per kind of refusal: what was wrong, what would be right, how many."""


class FloatSeries(NamedTuple):
    """The samples of one series in time order."""

    labels: Labels
    times: Times
    values: Floats


class HistogramSeries(NamedTuple):
    """The samples of one histogram series in time order, n samples with m bucket increments.

    Buckets are kept as increments: `bucket_index[k]` rose by `bucket_delta[k]` with the sample
    `bucket_sample[k]` (ascending). Negative values are stored under `negative_offset - index`,
    where `negative_offset` is NEGATIVE. The first sample in the range carries its increment over
    the sample before it, even where that one lies outside the range. `counts`, `sums` and `zeros`
    are increments too, so any sum over a slice is exact and needs no reset detection.
    `life` is the cumulative count at the last sample of the range, since the process began;
    None from an engine that does not know it.
    """

    labels: Labels
    times: Times
    counts: Ints
    sums: Floats
    zeros: Ints
    scale: int
    bucket_sample: Ints
    bucket_index: Ints
    bucket_delta: Ints
    life: int | None = None


NEGATIVE = -(1 << 20)
"""Bucket `i` of the negative values is stored as `NEGATIVE - i`, far below any positive index."""

Series: TypeAlias = FloatSeries | HistogramSeries


class Store(Protocol):
    """An engine that keeps series and events."""

    def append(self, write: Write) -> Future[Receipt]:
        """Make a write durable; if the future fails with StoreUnavailable, nothing is kept."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Series]:
        """Return the series that match and have samples in (start, end]."""

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        """Return the labels of the series that match and may have samples in (start, end]."""

    def label_values(self, name: str, matchers: Sequence[Matcher] = ()) -> list[str]:
        """Return the values of one label, sorted."""

    def metadata(self) -> dict[str, Metadata]:
        """Return what each metric says of itself."""

    def events(
        self,
        start: int,
        end: int,
        *,
        name: str | None = None,
        job: str | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        """Return the newest events in (start, end], newest first."""

    def retain(self, oldest: int) -> int:
        """Forget samples and events older than `oldest`; return how many samples went."""

    def statistics(self) -> dict[str, Any]:
        """Return the store's own figures: series, samples, bytes, damage, queue, latencies."""

    def close(self) -> None:
        """Flush and close; what was acknowledged stays."""
