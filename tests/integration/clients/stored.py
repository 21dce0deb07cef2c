"""What a server has stored, read from its folder once it has ended."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchroom.model.histogram import Histogram, bucket_index
from watchroom.storage.contract import FloatSeries, HistogramSeries, Matcher
from watchroom.storage.embedded import EmbeddedStore

DAY_MS = 86_400_000


class Stored:
    """Reads series by name and labels."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self._now = int(time.time() * 1000)

    def select(self, name: str, **labels: str) -> list[FloatSeries | HistogramSeries]:
        """Return all series of a name and labels."""
        wanted = {"__name__": name, **labels}
        matchers = [Matcher(key, "=", value) for key, value in wanted.items()]
        return self._store.select(matchers, self._now - DAY_MS, self._now + DAY_MS)

    def values(self, name: str, **labels: str) -> list[float]:
        """Return the values of the one series."""
        (series,) = self.select(name, **labels)
        assert isinstance(series, FloatSeries)
        return series.values.tolist()

    def last(self, name: str, **labels: str) -> float:
        """Return the last value of the one series."""
        return self.values(name, **labels)[-1]

    def histogram(self, name: str, **labels: str) -> HistogramSeries:
        """Return the one native histogram."""
        (series,) = self.select(name, **labels)
        assert isinstance(series, HistogramSeries)
        return series

    def exemplars(self, name: str) -> list[dict[str, str]]:
        """Return the labels of all exemplars of a name."""
        found = self._store.exemplars([Matcher("__name__", "=", name)], 0, self._now + DAY_MS)
        return [dict(each.labels) for _, rows in found for each in rows]


def buckets(series: HistogramSeries) -> dict[int, float]:
    """Return the buckets of the last sample."""
    found: Counter[int] = Counter()
    for sample, whole in enumerate(series.whole):
        rows = series.bucket_sample == sample
        if whole:
            found.clear()
        found.update(dict(zip(series.bucket_index[rows], series.bucket_delta[rows], strict=True)))
    return {int(index): count for index, count in found.items() if count}


@contextmanager
def stored(data: Path) -> Iterator[Stored]:
    """Open the folder of a server that has ended."""
    store = EmbeddedStore(data)
    try:
        yield Stored(store)
    finally:
        store.close()


def of(values: list[float], scale: int) -> Histogram:
    """Return a histogram of positive values."""
    positive: dict[int, float] = {}
    for value in values:
        index = bucket_index(value, scale)
        positive[index] = positive.get(index, 0) + 1
    return Histogram(len(values), sum(values), 0, positive, {}, scale)
