"""What every series says about one window: the readings behind `current` and `summary`."""

from collections.abc import Iterator

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.model.report import CUMULATIVE, NAMES, PREDICTIONS, Reading
from watchroom.query import distributions, functions
from watchroom.query.frame import Beginnings, Frame, load, only
from watchroom.query.plan import LOOKBACK, Plan, instant
from watchroom.query.samples import Samples
from watchroom.query.selectors import of_service
from watchroom.storage.contract import HistogramSeries, Store


def readings(
    store: Store, beginnings: Beginnings, now: int, window: int, service: str | None
) -> list[Reading]:
    """Return the readings of a report over the `window` milliseconds that end at `now`."""
    grid = instant(now, window)
    plan = Plan(only(of_service(service), sorted(NAMES)), grid, LOOKBACK)
    frame = load(store, plan, beginnings)
    return [*_floats(frame), *_histograms(frame)]


def _floats(frame: Frame) -> Iterator[Reading]:
    for name, samples in frame.floats.items():
        if not len(samples.labels):
            continue
        ends = samples.starts[1:] - 1
        last = samples.values[ends].tolist()
        times = (samples.times[ends] / 1000.0).tolist()
        for i, increase, changed in zip(
            range(len(last)), _increases(name, samples, frame), _changes(name, samples), strict=True
        ):
            yield Reading(samples.labels[i], last[i], increase, times[i], changed)


def _increases(name: str, samples: Samples, frame: Frame) -> list[float] | list[None]:
    if name in CUMULATIVE:
        return list(functions.difference(samples, frame.plan.grid)[:, 0].tolist())
    if name.endswith("_total"):
        return list(functions.increase(samples, frame.plan.grid)[:, 0].tolist())
    return [None] * len(samples.labels)


def _changes(name: str, samples: Samples) -> list[float | None]:
    if name != PREDICTIONS:
        return [None] * len(samples.labels)
    rises = functions.newest_rise(samples)
    return [None if np.isnan(time) else float(time) / 1000.0 for time in rises]


def _histograms(frame: Frame) -> Iterator[Reading]:
    series = [each for group in frame.histograms.values() for each in group if len(each.times)]
    if not series:
        return
    increases = distributions.histograms(distributions.pack(series), frame.plan.grid.earliest)
    for each, increase in zip(series, increases, strict=True):
        yield Reading(each.labels, _life(each), increase, float(each.times[-1]) / 1000.0)


def _life(series: HistogramSeries) -> Histogram:
    """Return the whole life's count; the buckets of it are nobody's question."""
    count = int(series.counts.sum()) if series.life is None else series.life
    return Histogram(count)
