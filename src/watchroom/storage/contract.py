"""What every series store promises, whichever engine is behind it.

Times are int64 milliseconds since the epoch. A range is open on the left and closed on the right,
as in Prometheus 3: a sample at `start` is outside, one at `end` is inside.
"""

from collections.abc import Callable, Sequence
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
Bools: TypeAlias = NDArray[np.bool_]


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


class Exemplar(NamedTuple):
    """An example of what a series counted: labels such as a trace's id, and the value seen."""

    series: Labels
    labels: Labels
    time: int
    value: float


class Write(NamedTuple):
    """What becomes durable together, or not at all.

    `id` makes it idempotent: a write whose id the store has seen is acknowledged and ignored.
    Sample `i` belongs to `series[owners[i]]`, or to `series[i]` where `owners` is None, and had
    the value `values[i]` at `times[i]`. Samples come in any order and of any age within the
    retention; of samples of one series at one time, the last written stands.
    """

    id: str
    series: Sequence[Labels]
    times: Sequence[int] | Times
    values: Sequence[float] | Floats
    histograms: Sequence[tuple[Labels, int, Histogram]] = ()
    events: Sequence[Event] = ()
    metadata: Sequence[Metadata] = ()
    owners: Ints | None = None
    exemplars: Sequence[Exemplar] = ()


class Receipt(NamedTuple):
    """The answer to a durable write."""

    samples: int
    duplicate: bool = False
    rejected: tuple[str, ...] = ()
    """One sentence per kind of refusal: what was wrong, what would be right, how many."""


class FloatSeries(NamedTuple):
    """The samples of one series in time order; staleness markers (`model.stale`) are among them.

    Series of one answer that have the same times share one `times` array. Nobody writes into it.
    """

    labels: Labels
    times: Times
    values: Floats


class HistogramSeries(NamedTuple):
    """The samples of one histogram series in time order: n samples with m bucket entries.

    `counts`, `sums` and `zeros` are as they were written. Entry `k` says of the bucket
    `bucket_index[k]` of the sample `bucket_sample[k]` (ascending): where `whole` holds for that
    sample, the entries are its whole value; elsewhere they are what it adds to the sample before.
    The first sample is whole, and so is one that fell (a reset) or has another scale or threshold.
    A stale sample has a stale sum, and else repeats the sample before it. Buckets of negative
    values are stored under `NEGATIVE - index`. `before` is the newest sample of the series that is
    not stale and not after the range's start, None where there is none.

    A series whose `bounds` or `gauge` changed comes as one HistogramSeries for each.
    """

    labels: Labels
    times: Times
    counts: Floats
    sums: Floats
    zeros: Floats
    thresholds: Floats
    scales: Ints
    whole: Bools
    bucket_sample: Ints
    bucket_index: Ints
    bucket_delta: Floats
    before: Histogram | None = None
    bounds: tuple[float, ...] = ()
    gauge: bool = False


NEGATIVE = -(1 << 20)
"""Bucket `i` of the negative values is stored as `NEGATIVE - i`, far below any positive index."""

EVER = (-(1 << 62), 1 << 62)
"""A range that holds every time."""

Series: TypeAlias = FloatSeries | HistogramSeries

Watch: TypeAlias = Callable[[int], None]
"""Hears of samples that are about to be read, and raises where they are too many or too late."""


Aggregate: TypeAlias = Literal["last", "min", "max", "sum", "count"]

COARSE = 300_000
"""Milliseconds of which one coarse sample tells."""


class Store(Protocol):
    """An engine that keeps series and events."""

    def append(self, write: Write) -> Future[Receipt]:
        """Make a write durable; if the future fails with StoreUnavailable, nothing is kept."""

    def select(
        self,
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        watch: Watch | None = None,
        aggregate: Aggregate = "last",
    ) -> list[Series]:
        """Return the series that match and have samples in (start, end].

        Where a float is a coarse sample, which stands for several, its value is what `aggregate`
        says of them. With "count" any other sample but a staleness marker is 1.
        `watch` hears how many samples are about to be decoded, before they are, and is asked
        again every few milliseconds (with 0 where nothing is to be added). What it raises ends
        the reading.
        """

    def series(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Labels]:
        """Return the labels of the series that match and may have samples in (start, end]."""

    def label_names(
        self, matchers: Sequence[Matcher] = (), start: int = EVER[0], end: int = EVER[1]
    ) -> list[str]:
        """Return the names of the labels of what `series` would return, sorted."""

    def label_values(
        self,
        name: str,
        matchers: Sequence[Matcher] = (),
        start: int = EVER[0],
        end: int = EVER[1],
    ) -> list[str]:
        """Return the values that one label has among what `series` would return, sorted."""

    def exemplars(
        self, matchers: Sequence[Matcher], start: int, end: int
    ) -> list[tuple[Labels, list[Exemplar]]]:
        """Return the exemplars in (start, end] by series, oldest first; the store bounds them."""

    def delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        """Forget what matching series have in (start, end]; return how many samples went."""

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

    def coarse_until(self) -> int:
        """Return the time up to which some samples may be kept coarsely only, COARSE ms apart."""

    def retain(self, oldest: int, coarse: int | None = None, most_bytes: int = 0) -> int:
        """Keep samples older than `oldest` coarsely, and forget those older than `coarse`.

        Without `coarse` none are kept so. Where the store would be larger than `most_bytes`, its
        oldest samples are old; 0 is no bound. Events go with `oldest`. Returns how many samples
        went.
        """

    def statistics(self) -> dict[str, Any]:
        """Return the store's own figures: series, samples, bytes, damage, queue, latencies."""

    def close(self) -> None:
        """Flush and close; what was acknowledged stays."""
