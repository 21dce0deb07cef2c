"""What every series says about one window: the readings behind `current` and `summary`."""

from collections.abc import Iterator

import numpy as np

from watchroom.model.histogram import Histogram, merge
from watchroom.model.labels import Labels
from watchroom.model.report import CUMULATIVE, NAMES, PREDICTIONS, Reading
from watchroom.query import distributions, functions
from watchroom.query.frame import Beginnings, Frame, load, only
from watchroom.query.plan import LOOKBACK, Grid, Plan, instant
from watchroom.query.rises import Rises
from watchroom.query.samples import Samples
from watchroom.query.selectors import of_service
from watchroom.storage.contract import Matcher, Store

BLOCK_SAMPLES = 4_000_000
"""Samples read at a time, so that a long window over many series fits in memory."""


def readings(
    store: Store, beginnings: Beginnings, now: int, window: int, service: str | None
) -> list[Reading]:
    """Return the readings of a report over the `window` milliseconds that end at `now`."""
    matchers = only(of_service(service), sorted(NAMES))
    parts = [
        _block(store, beginnings, Plan(matchers, grid, LOOKBACK))
        for grid in _blocks(store, matchers, now, window)
    ]
    return parts[0] if len(parts) == 1 else _joined(parts)


def _block(store: Store, beginnings: Beginnings, plan: Plan) -> list[Reading]:
    frame = load(store, plan, beginnings)
    return [*_floats(frame), *_histograms(frame)]


def _blocks(store: Store, matchers: tuple[Matcher, ...], now: int, window: int) -> list[Grid]:
    """Return the window in adjacent parts, each of a bounded number of samples."""
    if window <= LOOKBACK:
        return [instant(now, window)]
    count = max(1, len(store.series(matchers, now - window, now)))
    width = max(LOOKBACK, BLOCK_SAMPLES * 1000 // count)
    ends = range(now, now - window, -width)
    return [instant(end, min(width, end - (now - window))) for end in reversed(ends)]


def _joined(parts: list[list[Reading]]) -> list[Reading]:
    """Return one reading per series: increases add up, the newest value stands."""
    joined: dict[Labels, Reading] = {}
    for reading in (each for part in parts for each in part):
        old = joined.get(reading.labels)
        joined[reading.labels] = reading if old is None else _after(old, reading)
    return list(joined.values())


def _after(old: Reading, new: Reading) -> Reading:
    increase = new.increase
    if isinstance(increase, Histogram) and isinstance(old.increase, Histogram):
        increase = merge((old.increase, increase))
    elif isinstance(increase, float) and isinstance(old.increase, float):
        increase += old.increase
    return new._replace(
        increase=increase, changed=old.changed if new.changed is None else new.changed
    )


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
    increases = distributions.histograms(series, frame.plan.grid.earliest)
    for each, increase in zip(series, increases, strict=True):
        yield Reading(each.labels, _life(each), increase, float(each.times[-1]) / 1000.0)


def _life(series: Rises) -> Histogram:
    """Return the whole life's count; the buckets of it are nobody's question."""
    return Histogram(int(series.life))
