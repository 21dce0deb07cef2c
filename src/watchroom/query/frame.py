"""Reading a plan: the series from the store, and what they were before the range."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from watchroom.model.kind import Kind
from watchroom.model.labels import NAME, Labels, value_of
from watchroom.model.report import ACTUAL_COUNT, CPU, CUMULATIVE
from watchroom.query.lives import split
from watchroom.query.plan import Plan
from watchroom.query.rises import Rises, rises
from watchroom.query.samples import Samples, pack
from watchroom.query.selectors import named
from watchroom.storage.contract import FloatSeries, Matcher, Store

REACHES = (900_000, 3_600_000, 21_600_000, 86_400_000)
"""How far back, step by step, the value before a gap is looked for; then the series is new."""

_REMEMBERED = 50_000


class Frame(NamedTuple):
    """What a plan read, by metric name."""

    plan: Plan
    floats: dict[str, Samples]
    histograms: dict[str, list[Rises]]


class Beginnings:
    """Remembers what series were before their first sample of a range, which never changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Labels, int], float] = OrderedDict()

    def fill(self, store: Store, samples: Samples, earliest: int) -> Samples:
        """Return the samples with `before` filled in where it matters.

        It matters where the first sample lies within the windows and is not zero: the series is
        new, or it comes back after a gap longer than the lookback.
        """
        starts = samples.starts[:-1]
        doubtful = np.flatnonzero(
            (samples.times[starts] > earliest) & (samples.values[starts] != 0)
        )
        if not len(doubtful):
            return samples
        keys = {int(i): (samples.labels[i], int(samples.times[starts[i]])) for i in doubtful}
        self._find(store, [key for key in keys.values() if key not in self._known])
        before = samples.before.copy()
        for i, key in keys.items():
            before[i] = self._known.get(key, 0.0)
        return samples._replace(before=before)

    def _find(self, store: Store, keys: Sequence[tuple[Labels, int]]) -> None:
        missing = dict(keys)
        near = 0
        for reach in REACHES:
            if not missing:
                return
            for series in self._older(store, missing, near, reach):
                first = missing.pop(series.labels, None)
                if first is not None:
                    self._remember((series.labels, first), float(series.values[-1]))
            near = reach
        for name, first in missing.items():
            self._remember((name, first), 0.0)

    def _older(
        self, store: Store, missing: dict[Labels, int], near: int, reach: int
    ) -> list[FloatSeries]:
        names = sorted({value_of(series, NAME) for series in missing})
        first = min(missing.values())
        latest = max(missing.values()) - 1 if near == 0 else first - 1 - near
        found = store.select([named(names)], first - 1 - reach, latest)
        floats = [each for each in found if isinstance(each, FloatSeries)]
        return [cut for each in floats if len((cut := _until(each, missing)).times)]

    def _remember(self, key: tuple[Labels, int], value: float) -> None:
        self._known[key] = value
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def load(store: Store, plan: Plan, beginnings: Beginnings) -> Frame:
    """Return what the plan selects, with its lookback before the first window."""
    grid = plan.grid
    found = store.select(plan.matchers, grid.earliest - plan.lookback, grid.latest)
    floats: dict[str, list[FloatSeries]] = defaultdict(list)
    histograms: dict[str, list[Rises]] = defaultdict(list)
    for series in found:
        name = value_of(series.labels, NAME)
        if isinstance(series, FloatSeries):
            floats[name].append(series)
        else:
            histograms[name].append(rises(series))
    if ACTUAL_COUNT in floats:
        split(floats)
    packed = {name: pack(series) for name, series in floats.items()}
    return Frame(plan, _with_beginnings(store, packed, grid.earliest, beginnings), dict(histograms))


def _with_beginnings(
    store: Store, packed: dict[str, Samples], earliest: int, beginnings: Beginnings
) -> dict[str, Samples]:
    kinds = {name: metadata.kind for name, metadata in store.metadata().items()}
    return {
        name: _begun(store, name, samples, earliest, beginnings)
        if len(samples.labels) and _adds_up(name, kinds.get(name))
        else samples
        for name, samples in packed.items()
    }


def _begun(
    store: Store, name: str, samples: Samples, earliest: int, beginnings: Beginnings
) -> Samples:
    if name == CPU:
        # What a process used before it was first heard of is no load of that moment.
        return samples._replace(before=samples.values[samples.starts[:-1]])
    return beginnings.fill(store, samples, earliest)


def _adds_up(name: str, kind: Kind | None) -> bool:
    return kind is Kind.COUNTER or name in CUMULATIVE or name.endswith("_total")


def _until(series: FloatSeries, missing: dict[Labels, int]) -> FloatSeries:
    first = missing.get(series.labels)
    if first is None:
        return series._replace(times=series.times[:0], values=series.values[:0])
    end = int(np.searchsorted(series.times, first))
    return series._replace(times=series.times[:end], values=series.values[:end])


def only(matchers: Sequence[Matcher], names: Sequence[str]) -> tuple[Matcher, ...]:
    """Return the matchers of some metrics."""
    return (named(names), *matchers)
