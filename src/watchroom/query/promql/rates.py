"""rate, increase, delta, irate, idelta, changes and resets, as Prometheus 3 computes them."""

import numpy as np

from watchroom.query.promql.windows import Block, Windows, folded
from watchroom.storage.contract import Bools, Floats


def rate(block: Block) -> Floats:
    """Return the increase per second of a counter."""
    return _extrapolated(block, counter=True) / (block.windows.span / 1000.0)


def increase(block: Block) -> Floats:
    """Return the increase of a counter."""
    return _extrapolated(block, counter=True)


def delta(block: Block) -> Floats:
    """Return the difference of a gauge."""
    return _extrapolated(block, counter=False)


def irate(block: Block) -> Floats:
    """Return the rate between the last two samples; after a reset the last counts whole."""
    last, before = _last_two(block)
    rise = np.where(last < before, last, last - before)
    return rise / _last_interval(block)


def idelta(block: Block) -> Floats:
    """Return the difference of the last two samples."""
    last, before = _last_two(block)
    return last - before


def changes(block: Block) -> Floats:
    """Return how often the value changed; from NaN to NaN is no change."""
    before, after = block.values[:, :-1], block.values[:, 1:]
    differs = (before != after) & ~(np.isnan(before) & np.isnan(after))
    return _flagged(differs, block.windows)


def resets(block: Block) -> Floats:
    """Return how often the value fell."""
    return _flagged(block.values[:, 1:] < block.values[:, :-1], block.windows)


def _extrapolated(block: Block, *, counter: bool) -> Floats:
    """Return the difference over each window, stretched towards the window's ends.

    Prometheus' rule: up to an end that is closer than 1.1 times the mean interval between samples,
    else by half that interval; a counter not below zero.
    """
    low, high = block.windows.low, block.windows.high
    first = block.values.take(low, axis=1)
    gained = block.values.take(high - 1, axis=1) - first
    if counter:
        _add_resets(block, gained)
    first_time, last_time = block.times[low], block.times[high - 1]
    covered = (last_time - first_time) / 1000.0
    interval = covered / (high - low - 1)
    to_start = (first_time - (block.windows.ends - block.windows.span)) / 1000.0
    to_start = np.where(to_start >= interval * 1.1, interval / 2, to_start)
    to_end = (block.windows.ends - last_time) / 1000.0
    to_end = np.where(to_end >= interval * 1.1, interval / 2, to_end)
    if not counter:
        gained *= (covered + to_start + to_end) / covered
        return gained
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        to_zero = covered * (first / gained)
    limited = (gained > 0) & (first >= 0) & (to_zero < to_start)
    gained *= (covered + np.where(limited, to_zero, to_start) + to_end) / covered
    return gained


def _add_resets(block: Block, gained: Floats) -> None:
    """Add to each window what the counter had reached before it fell."""
    fell = block.values[:, 1:] < block.values[:, :-1]
    rows = np.flatnonzero(fell.any(axis=1))
    if not len(rows):
        return
    lost = np.zeros((len(rows), block.values.shape[1]))
    np.copyto(lost[:, 1:], block.values[rows, :-1], where=fell[rows])
    of = block.windows
    inside = Windows(of.steps, of.ends, of.span, of.low + 1, of.high)
    gained[rows] += folded(lost, inside, np.add)


def _flagged(flags: Bools, windows: Windows) -> Floats:
    """Return how many flags lie between two samples of each window."""
    before = np.zeros((len(flags), flags.shape[1] + 1), np.int32)
    np.cumsum(flags, axis=1, out=before[:, 1:])
    found = before.take(windows.high - 1, axis=1) - before.take(windows.low, axis=1)
    return found.astype(np.float64)


def _last_two(block: Block) -> tuple[Floats, Floats]:
    high = block.windows.high
    return block.values.take(high - 1, axis=1), block.values.take(high - 2, axis=1)


def _last_interval(block: Block) -> Floats:
    high = block.windows.high
    seconds: Floats = (block.times[high - 1] - block.times[high - 2]) / 1000.0
    return seconds
