"""Our side: the embedded store with the samples, and the evaluator asked directly."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.integration.query.differential.compare import Query, Result, Row
from tests.integration.query.differential.data import SPAN, START, Line

from watchroom.model.buckets import buckets
from watchroom.model.histogram import Histogram
from watchroom.model.stale import STALE
from watchroom.query.errors import QueryError
from watchroom.query.promql.answer import AnswerSeries
from watchroom.query.promql.engine import PromQL
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import Store, Write
from watchroom.storage.embedded import EmbeddedStore


class Ours:
    """A store and its evaluator."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._promql = PromQL(store)

    def write(self, lines: Sequence[Line]) -> None:
        """Write series, a few thousand samples at a time."""
        samples = [(line.labels, *sample) for line in lines for sample in line.samples]
        samples.sort(key=lambda each: each[1])
        for first in range(0, len(samples), 5000):
            part = samples[first : first + 5000]
            floats = [each for each in part if not isinstance(each[2], Histogram)]
            write = Write(
                f"part-{first}",
                [labels for labels, _, _ in floats],
                [time for _, time, _ in floats],
                [value if isinstance(value, float) else STALE for _, _, value in floats],
                [each for each in part if isinstance(each[2], Histogram)],
            )
            self._store.append(write).result(30)

    def answer(self, query: Query) -> Result:
        """Return what we answer."""
        try:
            if query.step:
                found = self._promql.range(query.text, query.start, query.end, query.step)
            else:
                found = self._promql.instant(query.text, query.end)
        except QueryError as error:
            return Result("error", error=error.code, text=str(error))
        except Exception as error:  # noqa: BLE001  # a crash is a difference like any other
            return Result("error", error="crash", text=repr(error))
        return Result(found.kind, [_row(each) for each in found.series], found.text)


def _row(series: AnswerSeries) -> Row:
    values = list(zip(series.times.tolist(), series.values.tolist(), strict=True))
    histograms = [(time, _buckets(value)) for time, value in series.histograms]
    return Row(tuple(series.labels), values, histograms)


def _buckets(histogram: Histogram) -> list[float]:
    out = [float(histogram.count), histogram.sum]
    for bucket in buckets(histogram):
        out += [bucket.low, bucket.high, bucket.count]
    return out


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Ours]:
    """Open a store in a folder; its clock stands at the end of the data."""
    clock = ManualClock((START + SPAN) / 1000)
    store = EmbeddedStore(folder, now=clock.now, sync=False)
    try:
        yield Ours(store)
    finally:
        store.close()
