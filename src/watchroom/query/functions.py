"""Functions of float series over the windows of a grid; each returns [series, windows].

NaN says that there is no data. Increases are exact: the difference of two samples, corrected for
resets, never extrapolated. So the increases of adjacent windows add up to that of their union.
"""

import numpy as np
from numpy.typing import NDArray

from watchroom.query.plan import Grid
from watchroom.query.samples import Samples, positions
from watchroom.storage.contract import Floats, Ints, Times


def value_at(samples: Samples, at: Times, lookback: int) -> Floats:
    """Return each series' last value at or before each time, younger than `lookback`."""
    found, known = _reached(samples, at, lookback)
    if not len(samples.values):
        return np.full(found.shape, np.nan)
    return np.where(known, samples.values[np.maximum(found, 0)], np.nan)


def last(samples: Samples, grid: Grid) -> Floats:
    """Return each series' last value within each window."""
    return value_at(samples, grid.times, grid.window)


def increase(samples: Samples, grid: Grid) -> Floats:
    """Return how much each cumulative series rose in each window; a fall is a reset to zero.

    A rise over a gap counts in the window of the sample that ends the gap.
    """
    if not len(samples.labels):
        return np.zeros((0, len(grid.times)))
    first = samples.values[samples.starts[:-1]]
    before = np.where(samples.before <= first, samples.before, 0.0)
    return _rise(samples, unbroken(samples), before, grid)


def difference(samples: Samples, grid: Grid) -> Floats:
    """Return value minus value for series that may fall without a reset."""
    return _rise(samples, samples.values, samples.before, grid)


def rate(samples: Samples, grid: Grid) -> Floats:
    """Return the increase per second of each window."""
    return increase(samples, grid) * (1000.0 / grid.window)


def seen(samples: Samples, at: Times, lookback: int) -> Floats:
    """Return 1.0 where a series has a sample younger than `lookback`, else NaN."""
    _, known = _reached(samples, at, lookback)
    return np.where(known, 1.0, np.nan)


def unbroken(samples: Samples) -> Floats:
    """Return the values with what was lost at each reset added back."""
    fell = np.zeros(len(samples.values), bool)
    fell[1:] = samples.values[1:] < samples.values[:-1]
    starts = samples.starts[:-1]
    fell[starts] = False
    if not fell.any():
        return samples.values
    lost = np.zeros(len(samples.values))
    lost[fell] = samples.values[np.flatnonzero(fell) - 1]
    lost = np.cumsum(lost)
    return samples.values + lost - np.repeat(lost[starts], np.diff(samples.starts))


def newest_rise(samples: Samples) -> Floats:
    """Return per series when its value last rose, in milliseconds; NaN where it never did."""
    if not len(samples.labels):
        return np.zeros(0)
    starts = samples.starts[:-1]
    rose = np.zeros(len(samples.values), bool)
    rose[1:] = samples.values[1:] > samples.values[:-1]
    rose[starts] = False
    found = np.maximum.reduceat(np.where(rose, samples.times, -1), starts)
    return np.where(found >= 0, found, np.nan)


def _reached(samples: Samples, at: Times, lookback: int) -> tuple[Ints, NDArray[np.bool_]]:
    found = positions(samples, at)
    if not len(samples.times):
        return found, np.zeros(found.shape, bool)
    age = at[None, :] - samples.times[np.maximum(found, 0)]
    return found, (found >= samples.starts[:-1, None]) & (age < lookback)


def _rise(samples: Samples, values: Floats, before: Floats, grid: Grid) -> Floats:
    if not len(values):
        return np.zeros((len(samples.labels), len(grid.times)))
    ends = _level(samples, values, before, grid.times)
    return ends - _level(samples, values, before, grid.times - grid.window)


def _level(samples: Samples, values: Floats, before: Floats, at: Times) -> Floats:
    """Return the value each series had reached at each time."""
    found = positions(samples, at)
    begun = found >= samples.starts[:-1, None]
    return np.where(begun, values[np.maximum(found, 0)], before[:, None])
