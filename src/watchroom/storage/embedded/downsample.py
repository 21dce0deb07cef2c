"""What is kept of samples that are too old to be kept whole.

Time is cut into windows of five minutes, each open on the left. Of a window the last sample is
kept; of a cumulative series also the samples before and after each reset, so that increases stay
exact. With each kept float goes what those up to it were since the one kept before: their least,
most, sum and count.
"""

from typing import Any, NamedTuple

import numpy as np

from watchroom.model.stale import is_stale, marks_stale
from watchroom.storage.contract import COARSE, Floats, Ints, Times
from watchroom.storage.embedded.histograms import DELTA, Columns, Strand, composed, rows, value


class Coarse(NamedTuple):
    """Kept samples in time order, with what each stands for. Stale markers are not counted."""

    times: Times
    last: Floats
    least: Floats
    most: Floats
    sums: Floats
    counts: Ints


def floats(times: Times, values: Floats, *, cumulative: bool) -> Coarse:
    """Return what is kept of the samples of a float series, at least one, in time order."""
    kept = _ends(times)
    if cumulative:
        _keep_around(kept, values[1:] < values[:-1])
    ends = np.flatnonzero(kept)
    starts = np.concatenate(([0], ends[:-1] + 1))
    stale = is_stale(values)
    known = np.where(stale, np.nan, values)
    return Coarse(
        times[ends],
        values[ends],
        np.fmin.reduceat(known, starts),
        np.fmax.reduceat(known, starts),
        np.add.reduceat(np.where(stale, 0.0, values), starts),
        np.add.reduceat((~stale).astype(np.int64), starts),
    )


def histograms(columns: Columns, strand: Strand) -> Columns:
    """Return what is kept of the rows of a histogram strand, which are in time order."""
    kept = _ends(columns.times)
    if not strand[1]:
        whole, fell = columns.flags[1:] != DELTA, columns.counts[1:] < columns.counts[:-1]
        _keep_around(kept, whole & fell)
    samples = {}
    running = None
    for row, wanted in zip(rows(columns), kept.tolist(), strict=True):
        sample = value(running, row, strand)
        if not marks_stale(row.sum):
            running = sample
        if wanted:
            samples[row.time] = sample
    return composed(samples)


def _keep_around(kept: Any, resets: Any) -> None:
    kept[:-1] |= resets
    kept[1:] |= resets


def _ends(times: Times) -> Any:
    """Return which samples are the last of their window."""
    window = (times - 1) // COARSE
    return np.append(window[1:] != window[:-1], True)
