"""The newest histogram of a series at each step."""

import numpy as np

from watchroom.query.promql.native.part import Part
from watchroom.query.promql.native.samples import Samples, rows
from watchroom.storage.contract import Ints, Times

NEVER = -(1 << 62)


def newest(
    samples: Samples, stale: Times, ends: Times, lookback: Times
) -> tuple[list[Part], Times]:
    """Return the newest sample at each step, and the time of it or of the marker that hides it.

    There is none after a staleness marker, and none that is `lookback` old or older, in ms.
    """
    high, time = _last(samples.times, ends, lookback)
    _, marked = _last(stale, ends, lookback)
    steps = np.flatnonzero(time > marked)
    return rows(samples, high[steps] - 1, steps), np.maximum(time, marked)


def _last(times: Times, ends: Times, lookback: Times) -> tuple[Ints, Times]:
    """Return how many times lie up to each end, and the last of them, if it is recent enough."""
    high = np.searchsorted(times, ends, side="right")
    found = np.full(len(ends), NEVER)
    some = high > 0
    found[some] = times[high[some] - 1]
    found[found <= ends - lookback] = NEVER
    return high, found
