"""Spread and trend over windows: bins have moments, and windows those of their bins together.

Moments are kept around their own means, so that nothing large cancels out (Chan, Golub, LeVeque).
"""

from typing import NamedTuple

import numpy as np

from watchroom.query.promql.windows import Block, Windows, binned, together
from watchroom.storage.contract import Floats


class Spread(NamedTuple):
    """The number [1, T], mean and sum of squares around it [k, T] of values."""

    number: Floats
    mean: Floats
    squares: Floats


class Trend(NamedTuple):
    """Moments of times x [1, T], in seconds since the block's first sample, and values y [k, T]."""

    number: Floats
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    least: Floats
    greatest: Floats


@np.errstate(all="ignore")
def stdvar_over_time(block: Block) -> Floats:
    """Return the population variance of each window."""
    windows = block.windows
    number = np.diff(windows.cuts).astype(np.float64)[None, :]
    mean = _means(block.values, windows, number)
    away = _around(block.values, windows, mean)
    spread = Spread(number, mean, binned(away * away, windows))
    total = together(spread, windows, _spread, Spread._make)
    return np.where(total.squares == 0, 0.0, total.squares / total.number)


def stddev_over_time(block: Block) -> Floats:
    """Return the population standard deviation of each window."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(stdvar_over_time(block))


def deriv(block: Block) -> Floats:
    """Return the slope per second of a line through the samples, by least squares."""
    return _line(block)[0]


@np.errstate(all="ignore")
def predict_linear(block: Block) -> Floats:
    """Return where that line is `parameter` seconds after the step."""
    slope, trend = _line(block)
    now = (block.windows.steps - block.times[0]) / 1000.0
    found: Floats = trend.y + slope * (now - trend.x) + slope * block.parameter
    return found


@np.errstate(all="ignore")
def _line(block: Block) -> tuple[Floats, Trend]:
    windows = block.windows
    number = np.diff(windows.cuts).astype(np.float64)[None, :]
    seconds = ((block.times - block.times[0]) / 1000.0)[None, :]
    x, y = _means(seconds, windows, number), _means(block.values, windows, number)
    across, up = _around(seconds, windows, x), _around(block.values, windows, y)
    extremes = [binned(block.values, windows, op) for op in (np.minimum, np.maximum)]
    bins = Trend(
        number, x, y, binned(across * across, windows), binned(across * up, windows), *extremes
    )
    trend = together(bins, windows, _trend, Trend._make)
    constant = trend.least == trend.greatest
    slope = np.where(constant, 0.0, trend.xy / trend.xx)
    endless = constant & np.isinf(trend.least)
    level = np.where(endless, np.nan, np.where(constant, trend.least, trend.y))
    return np.where(endless, np.nan, slope), trend._replace(y=level)


def _means(values: Floats, windows: Windows, number: Floats) -> Floats:
    """Return the mean of each bin, exact where all its values are the same."""
    pivot = values[:, windows.cuts[:-1]]
    return pivot + binned(_around(values, windows, pivot), windows) / number


def _around(values: Floats, windows: Windows, centre: Floats) -> Floats:
    """Return values less what belongs to their bin; those outside of all bins as they are."""
    first, last = windows.cuts[0], windows.cuts[-1]
    away = values.copy()
    away[:, first:last] -= np.repeat(centre, np.diff(windows.cuts), axis=1)
    return away


@np.errstate(all="ignore")
def _spread(one: Spread, other: Spread) -> Spread:
    number = one.number + other.number
    apart = other.mean - one.mean
    return Spread(
        number,
        one.mean + apart * (other.number / number),
        one.squares + other.squares + apart * apart * (one.number * other.number / number),
    )


@np.errstate(all="ignore")
def _trend(one: Trend, other: Trend) -> Trend:
    number = one.number + other.number
    share, weight = other.number / number, one.number * other.number / number
    across, up = other.x - one.x, other.y - one.y
    return Trend(
        number,
        one.x + across * share,
        one.y + up * share,
        one.xx + other.xx + across * across * weight,
        one.xy + other.xy + across * up * weight,
        np.minimum(one.least, other.least),
        np.maximum(one.greatest, other.greatest),
    )
