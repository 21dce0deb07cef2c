"""The windows of range functions over one sequence of sample times."""

from typing import NamedTuple

import numpy as np

from watchroom.storage.contract import Bools, Floats, Ints, Times


class Windows(NamedTuple):
    """T windows (end - span, end], none of them empty: the samples low .. high - 1.

    `cuts` are the distinct edges, between which lie the elementary bins; window `w` is made of the
    `width[w]` bins from `first[w]` on.
    """

    ends: Times
    span: int
    low: Ints
    high: Ints
    cuts: Ints
    first: Ints
    width: Ints


class Block(NamedTuple):
    """k series with the sample times [n], their values [k, n], and the windows over them."""

    times: Times
    values: Floats
    windows: Windows


def edges(times: Times, ends: Times, span: int) -> tuple[Ints, Ints]:
    """Return the places of the first sample in each window and of the first one after it."""
    low = np.searchsorted(times, ends - span, side="right")
    return low, np.searchsorted(times, ends, side="right")


def windows(ends: Times, span: int, low: Ints, high: Ints) -> Windows:
    """Return the windows with their bins."""
    cuts = np.unique(np.concatenate((low, high)))
    first = np.searchsorted(cuts, low)
    return Windows(ends, span, low, high, cuts, first, np.searchsorted(cuts, high) - first)


def folded(values: Floats, windows: Windows, op: np.ufunc) -> Floats:
    """Return [k, T]: `op`, an associative one, over each window's values of [k, n].

    Each sample is looked at once, whatever the overlap: into the bin between two edges, and bins
    into windows by doubling, so that no sum is a difference of larger ones.
    """
    cuts = windows.cuts
    bins = op.reduceat(values[:, : cuts[-1]], cuts[:-1], axis=1)
    return doubled(bins, windows.first, windows.width, op)


def doubled(bins: Floats, first: Ints, width: Ints, op: np.ufunc) -> Floats:
    """Return `op` over the bins first[w] .. first[w] + width[w] - 1 for each w, width ≥ 1.

    At level j `bins[:, i]` stands for 2^j bins from i on; a window takes one entry for each digit
    of its width.
    """
    place, started = first.copy(), np.zeros(len(first), np.bool_)
    result = np.empty((len(bins), len(first)))
    for level in range(int(width.max()).bit_length()):
        _take(bins, place, (width >> level) & 1 == 1, started, result, op)
        place += np.where((width >> level) & 1 == 1, 1 << level, 0)
        reach = 1 << level
        if bins.shape[1] > reach:
            bins = op(bins[:, :-reach], bins[:, reach:])
    return result


def _take(
    bins: Floats,
    place: Ints,
    wanted: Bools,
    started: Bools,
    result: Floats,
    op: np.ufunc,
) -> None:
    """Fold one entry of `bins` into each wanted window."""
    for chosen, first in ((wanted & ~started, True), (wanted & started, False)):
        if chosen.all():
            piece = bins.take(place, axis=1)
            result[:] = piece if first else op(result, piece)
        elif chosen.any():
            piece = bins.take(place[chosen], axis=1)
            result[:, chosen] = piece if first else op(result[:, chosen], piece)
    started |= wanted
