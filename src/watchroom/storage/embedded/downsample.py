"""What is kept of samples that are too old to be kept whole.

Time is cut into windows of five minutes, each open on the left. Of a window the last sample is
kept, and the last before a stale marker there; of a cumulative series also the samples before and
after each reset, so that increases stay exact. With each kept float goes what those up to it were
since the one kept before: their least, most, sum and count.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.model.stale import STALE, is_stale, marks_stale
from watchroom.storage.contract import COARSE, Floats, Ints, Times
from watchroom.storage.embedded.histograms import Columns, Strand, composed, rows, value


class Coarse(NamedTuple):
    """Kept samples in time order, with what each stands for. A stale marker is one in all."""

    times: Times
    last: Floats
    least: Floats
    most: Floats
    sums: Floats
    counts: Floats


def floats(times: Times, values: Floats, *, cumulative: bool) -> Coarse:
    """Return what is kept of the samples of a float series, at least one, in time order."""
    stale = is_stale(values)
    kept = _ends(times, stale)
    if cumulative:
        known = np.flatnonzero(~stale)
        _keep_around(kept, known, values[known[1:]] < values[known[:-1]])
    ends = np.flatnonzero(kept)
    starts = np.concatenate(([0], ends[:-1] + 1))
    known = np.where(stale, np.nan, values)
    columns = (
        np.fmin.reduceat(known, starts),
        np.fmax.reduceat(known, starts),
        np.add.reduceat(np.where(stale, 0.0, values), starts),
        np.add.reduceat((~stale).astype(float), starts),
    )
    marked = (np.where(stale[ends], STALE, column) for column in columns)
    return Coarse(times[ends], values[ends], *marked)


def histograms(columns: Columns, strand: Strand) -> Columns:
    """Return what is kept of the rows of a histogram strand, which are in time order."""
    stale = is_stale(columns.sums)
    samples = list(_values(columns, strand))
    kept = _ends(columns.times, stale)
    if not strand[1]:
        known = np.flatnonzero(~stale)
        pairs = pairwise(known.tolist())
        resets = [_fell(samples[before], samples[after]) for before, after in pairs]
        _keep_around(kept, known, np.array(resets, bool))
    times = columns.times.tolist()
    return composed({times[i]: samples[i] for i in np.flatnonzero(kept).tolist()})


def _values(columns: Columns, strand: Strand) -> Iterator[Histogram]:
    running = None
    for row in rows(columns):
        sample = value(running, row, strand)
        if not marks_stale(row.sum):
            running = sample
        yield sample


def _fell(before: Histogram, after: Histogram) -> bool:
    """Say whether a counter began again, or its layout, so that it cannot be told."""
    if after.count < before.count or after.zeros < before.zeros:
        return True
    if (before.scale, before.threshold) != (after.scale, after.threshold):
        return True
    sides = (before.positive, after.positive), (before.negative, after.negative)
    return any(new.get(index, 0) < count for old, new in sides for index, count in old.items())


def _keep_around(kept: Any, known: Ints, resets: Any) -> None:
    """Keep the samples before and after each reset; stale markers lie between no two."""
    kept[known[:-1][resets]] = True
    kept[known[1:][resets]] = True


def _ends(times: Times, stale: Any) -> Any:
    """Return which samples are the last of their window, also the last before stale markers."""
    window = (times - 1) // COARSE
    last = np.append(window[1:] != window[:-1], True)
    known = np.flatnonzero(~stale)
    last[known[np.append(window[known[1:]] != window[known[:-1]], True)[: len(known)]]] = True
    return last
