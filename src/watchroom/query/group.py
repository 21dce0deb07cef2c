"""The series of one curve, and what a metric may ask of them; each answer has one value per time.

NaN says that there is no data: no series, or none heard of within `reach` of the time.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from watchroom.model.labels import Labels
from watchroom.model.report import (
    ACTUAL_COUNT,
    ACTUAL_SHIFT,
    ACTUAL_SQUARES,
    ACTUAL_SUM,
    LIVE_SECONDS,
)
from watchroom.query import distributions, functions
from watchroom.query.distributions import Windows
from watchroom.query.frame import Frame
from watchroom.query.lives import LIFE
from watchroom.query.plan import Grid
from watchroom.query.rises import Rises
from watchroom.query.samples import Samples, take
from watchroom.storage.contract import Floats

Keep = Callable[[Mapping[str, str]], bool]
LIVE = int(LIVE_SECONDS * 1000)


class Group:
    """Some series of a frame."""

    def __init__(self, frame: Frame, belongs: Callable[[Labels], bool]) -> None:
        self.grid: Grid = frame.plan.grid
        self._frame = frame
        self._belongs = belongs
        self._reach = max(self.grid.window, LIVE)

    @property
    def per_minute(self) -> float:
        """What turns an increase within a window into one per minute."""
        return 60_000.0 / self.grid.window

    def increase(self, name: str, keep: Keep | None = None) -> Floats:
        """Return the increase of a counter, or of a histogram's count, in each window."""
        if name in self._frame.histograms:
            return self._counted(name, keep)
        everything = self._samples(name)
        known = _any(functions.seen(everything, self.grid.times, self._reach))
        chosen = everything if keep is None else _filtered(everything, keep)
        return _sum(functions.increase(chosen, self.grid)) + known

    def distribution(self, name: str) -> Windows:
        """Return the distribution of each window."""
        return distributions.window_sums(distributions.pack(self._histograms(name)), self.grid)

    def quantile(self, name: str, q: float) -> Floats:
        """Return a quantile of each window."""
        return distributions.quantile(self.distribution(name), q)

    def mean(self, name: str) -> Floats:
        """Return the exact mean of each window."""
        return distributions.mean(self.distribution(name))

    def total(self, name: str) -> Floats:
        """Return the sum of a gauge over the live series."""
        values = self.values(name, self._reach)
        return _sum(values) + _any(values)

    def largest(self, name: str) -> Floats:
        """Return the largest value of a gauge."""
        values = self.values(name, self._reach)
        lowest = np.where(np.isnan(values), -np.inf, values)
        return np.asarray(lowest.max(axis=0, initial=-np.inf)) + _any(values)

    def average(self, name: str, reach: int) -> Floats:
        """Return the plain mean of a gauge over its series."""
        values = self.values(name, reach)
        count = np.sum(~np.isnan(values), axis=0)
        return _sum(values) / np.where(count > 0, count, np.nan)

    def values(self, name: str, reach: int) -> Floats:
        """Return each series' value at each time."""
        return functions.value_at(self._samples(name), self.grid.times, reach)

    def moments(self) -> tuple[Floats, Floats]:
        """Return the count of the actual values in each window, and their spread around the mean.

        Processes are merged as Chan, Golub and LeVeque (1979) do, all at once.
        """
        of = {name: self._by_process(name) for name in (ACTUAL_COUNT, ACTUAL_SUM, ACTUAL_SQUARES)}
        shifts = self._shifts()
        processes = [each for each in of[ACTUAL_COUNT] if each in shifts]
        nothing = np.zeros(len(self.grid.times))
        count = np.array([of[ACTUAL_COUNT][each] for each in processes]).reshape(-1, len(nothing))
        sums = np.array([of[ACTUAL_SUM].get(each, nothing) for each in processes])
        squares = np.array([of[ACTUAL_SQUARES].get(each, nothing) for each in processes])
        shift = np.array([shifts[each] for each in processes])[:, None]
        return _spread(count, sums.reshape(count.shape), squares.reshape(count.shape), shift)

    def _by_process(self, name: str) -> dict[Labels, Floats]:
        samples = self._samples(name)
        rises = functions.difference(samples, self.grid)
        return {_process(each): rises[i] for i, each in enumerate(samples.labels)}

    def _shifts(self) -> dict[Labels, float]:
        samples = self._samples(ACTUAL_SHIFT)
        last = samples.values[samples.starts[1:] - 1]
        return {_process(each): float(last[i]) for i, each in enumerate(samples.labels)}

    def _samples(self, name: str) -> Samples:
        samples = self._frame.floats.get(name)
        if samples is None:
            return take(None, [])
        return take(samples, [i for i, each in enumerate(samples.labels) if self._belongs(each)])

    def _histograms(self, name: str) -> list[Rises]:
        found = self._frame.histograms.get(name, [])
        return [each for each in found if self._belongs(each.labels)]

    def _counted(self, name: str, keep: Keep | None) -> Floats:
        everything = self._histograms(name)
        chosen = [each for each in everything if keep is None or keep(dict(each.labels))]
        counts = distributions.window_counts(distributions.pack(chosen), self.grid)
        return counts + _heard(everything, self.grid, self._reach)


def _heard(series: Sequence[Rises], grid: Grid, reach: int) -> Floats:
    """Return 0 where one of the series has a sample younger than `reach`, else NaN."""
    times = np.sort(np.concatenate([each.times for each in series] or [np.zeros(0, np.int64)]))
    if not len(times):
        return np.full(len(grid.times), np.nan)
    found = np.searchsorted(times, grid.times, side="right") - 1
    recent = (found >= 0) & (grid.times - times[np.maximum(found, 0)] < reach)
    return np.where(recent, 0.0, np.nan)


def _any(values: Floats) -> Floats:
    """Return 0 where one of the series has a value, else NaN."""
    return np.where(np.isnan(values).all(axis=0), np.nan, 0.0)


def _sum(values: Floats) -> Floats:
    return np.asarray(np.nansum(values, axis=0), np.float64)


def _filtered(samples: Samples, keep: Keep) -> Samples:
    return take(samples, [i for i, each in enumerate(samples.labels) if keep(dict(each))])


def _process(series: Labels) -> Labels:
    return tuple(pair for pair in series if pair[0] in {"job", "instance", "model", LIFE})


def _spread(count: Floats, sums: Floats, squares: Floats, shift: Floats) -> tuple[Floats, Floats]:
    total = count.sum(axis=0)
    divisor = np.where(count > 0, count, 1.0)
    means = shift + np.where(count > 0, sums, 0.0) / divisor
    within = np.where(count > 0, np.maximum(squares - sums * sums / divisor, 0.0), 0.0)
    mean = (count * means).sum(axis=0) / np.where(total > 0, total, 1.0)
    between = count * (means - mean) ** 2
    spread = (within + between).sum(axis=0)
    return total, np.where(spread > 1e-12 * total * mean**2, spread, 0.0)
