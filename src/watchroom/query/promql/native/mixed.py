"""Series whose samples are histograms at some times and floats at others."""

from typing import NamedTuple

import numpy as np

from watchroom.query.promql.native.windows import Windows
from watchroom.storage.contract import Bools, Ints, Times

_NEVER = -(1 << 62)


class Pairs(NamedTuple):
    """Of which kind the last two samples of each window are; of neither, if there are not two."""

    histograms: Bools
    floats: Bools
    mixed: Bools


def pairs(histograms: Windows, times: Times, floats: Windows, float_times: Times) -> Pairs:
    """Tell the kinds of the last two samples of each window of the same series."""
    one, two = _from_end(histograms, times, 1), _from_end(histograms, times, 2)
    other, another = _from_end(floats, float_times, 1), _from_end(floats, float_times, 2)
    of_histograms, of_floats = two > other, another > one
    both = histograms.number + floats.number >= 2
    return Pairs(of_histograms, of_floats, both & ~of_histograms & ~of_floats)


def newer(histograms: Windows, times: Times, floats: Windows, float_times: Times) -> Bools:
    """Say in which windows the last sample is a histogram."""
    return _from_end(histograms, times, 1) > _from_end(floats, float_times, 1)


def older(histograms: Windows, times: Times, floats: Windows, float_times: Times) -> Bools:
    """Say in which windows the first sample is a histogram."""
    first, other = _from_start(histograms, times), _from_start(floats, float_times)
    some, none = histograms.number > 0, floats.number == 0
    return np.asarray(some & (none | (first < other)), np.bool_)


def together(
    times: Times, flags: Bools, float_times: Times, float_flags: Bools
) -> tuple[Times, Bools]:
    """Return all samples' times in order, and which of them are flagged.

    A flag compares a sample with the one before it of its own kind; next to one of the other kind
    every sample is flagged.
    """
    every = np.concatenate((times, float_times))
    order = np.argsort(every, kind="stable")
    kind = (np.arange(len(every)) >= len(times))[order]
    found = np.concatenate((flags, float_flags))[order]
    found[1:] |= kind[1:] != kind[:-1]
    found[:1] = False
    return every[order], found


def _from_end(windows: Windows, times: Times, place: int) -> Ints:
    """Return the time of the last or the second to last sample of each window."""
    enough = windows.number >= place
    found = np.full(len(windows.ends), _NEVER)
    found[enough] = times[windows.high[enough] - place]
    return found


def _from_start(windows: Windows, times: Times) -> Ints:
    found = np.full(len(windows.ends), _NEVER)
    some = windows.number > 0
    found[some] = times[windows.low[some]]
    return found
