"""The functions *_over_time that need no sorting."""

import numpy as np

from watchroom.query.promql.exact import kahan_mean, kahan_sum
from watchroom.query.promql.windows import Block, folded
from watchroom.storage.contract import Floats

CANCELLED = 1e-5
"""A sum this small beside the sum of magnitudes is added up again with compensation."""


@np.errstate(over="ignore", invalid="ignore")
def sum_over_time(block: Block) -> Floats:
    """Return the sum."""
    sums = folded(block.values, block.windows, np.add)
    for row, window in _doubtful(block, sums):
        block.budget.check()
        sums[row, window] = kahan_sum(_samples(block, row, window))
    return sums + 0.0  # a sum begins with 0, so that it is never -0


@np.errstate(over="ignore", invalid="ignore")
def avg_over_time(block: Block) -> Floats:
    """Return the mean, also where the sum would overflow."""
    sums = folded(block.values, block.windows, np.add)
    means = sums / (block.windows.high - block.windows.low)
    for row, window in _doubtful(block, sums):
        block.budget.check()
        means[row, window] = kahan_mean(_samples(block, row, window))
    return means


def count_over_time(block: Block) -> Floats:
    """Return the number of samples."""
    number = (block.windows.high - block.windows.low).astype(np.float64)
    return np.repeat(number[None, :], len(block.values), axis=0)


def present_over_time(block: Block) -> Floats:
    """Return 1."""
    return np.ones((len(block.values), len(block.windows.ends)))


def last_over_time(block: Block) -> Floats:
    """Return the newest sample."""
    return block.values.take(block.windows.high - 1, axis=1)


def first_over_time(block: Block) -> Floats:
    """Return the oldest sample."""
    return block.values.take(block.windows.low, axis=1)


def min_over_time(block: Block) -> Floats:
    """Return the least value; NaN only where there is no other."""
    op = np.fmin if _has_nan(block) else np.minimum
    return _with_sign(block, folded(block.values, block.windows, op))


def max_over_time(block: Block) -> Floats:
    """Return the greatest value; NaN only where there is no other."""
    op = np.fmax if _has_nan(block) else np.maximum
    return _with_sign(block, folded(block.values, block.windows, op))


def _with_sign(block: Block, found: Floats) -> Floats:
    """Return extremes where of equal zeros the first gives the sign."""
    zero = found == 0.0
    if zero.any() and np.signbit(block.values[block.values == 0.0]).any():
        for row, window in np.argwhere(zero).tolist():
            block.budget.check()
            samples = _samples(block, row, window)
            found[row, window] = next(each for each in samples if each == 0.0)
    return found


def _has_nan(block: Block) -> bool:
    return bool(np.isnan(block.values.min()))


def _samples(block: Block, row: int, window: int) -> list[float]:
    low, high = block.windows.low[window], block.windows.high[window]
    samples: list[float] = block.values[row, low:high].tolist()
    return samples


def _doubtful(block: Block, sums: Floats) -> list[tuple[int, int]]:
    """Return the windows whose plain sum is worth little: cancelled out, or overflown."""
    least = block.values.min()
    if least >= 0.0 and np.isfinite(sums).all():
        return []
    magnitudes = folded(np.abs(block.values), block.windows, np.add)
    cancelled = (np.abs(sums) < CANCELLED * magnitudes) & np.isfinite(magnitudes)
    overflown = np.isinf(magnitudes)
    if overflown.any():
        overflown &= np.isfinite(folded(np.abs(block.values), block.windows, np.maximum))
    return [(int(row), int(window)) for row, window in np.argwhere(cancelled | overflown)]
