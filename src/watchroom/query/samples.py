"""Many float series as one ragged array, so that functions need no loop over series."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from watchroom.model.labels import Labels
from watchroom.storage.contract import Floats, FloatSeries, Ints, Times


class Samples(NamedTuple):
    """n series end to end: series i has the samples starts[i] to starts[i + 1].

    `before[i]` is the value of series i before its first sample here: that of an older sample
    outside the range, or 0 where there is none.
    """

    labels: tuple[Labels, ...]
    starts: Ints
    times: Times
    values: Floats
    before: Floats


def pack(series: Iterable[FloatSeries]) -> Samples:
    """Return the series as one array; a NaN says nothing and is left out."""
    chosen = [_known(each) for each in series]
    chosen = [each for each in chosen if len(each.times)]
    starts = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum([len(each.times) for each in chosen], out=starts[1:])
    return Samples(
        tuple(each.labels for each in chosen),
        starts,
        np.concatenate([each.times for each in chosen] or [np.zeros(0, np.int64)]),
        np.concatenate([each.values for each in chosen] or [np.zeros(0)]),
        np.zeros(len(chosen)),
    )


def owners(samples: Samples) -> Ints:
    """Return which series each sample belongs to."""
    return np.repeat(np.arange(len(samples.labels)), np.diff(samples.starts))


def positions(samples: Samples, at: Times) -> Ints:
    """Return [n, len(at)]: the last sample of each series at or before each time.

    Where a series has none yet it is starts[i] - 1. One binary search does it for all series:
    the owner goes into the high digits of the key.
    """
    if not len(samples.times) or not len(at):
        return np.full((len(samples.labels), len(at)), -1, np.int64)
    base = min(int(samples.times.min()), int(at.min()))
    span = max(int(samples.times.max()), int(at.max())) - base + 1
    keys = owners(samples) * span + (samples.times - base)
    wanted = np.arange(len(samples.labels))[:, None] * span + (at - base)[None, :]
    return np.searchsorted(keys, wanted.ravel(), side="right").reshape(wanted.shape) - 1


def _known(series: FloatSeries) -> FloatSeries:
    wrong = np.isnan(series.values)
    if not wrong.any():
        return series
    return series._replace(times=series.times[~wrong], values=series.values[~wrong])


def take(samples: Samples | None, chosen: Sequence[int]) -> Samples:
    """Return some of the series."""
    if samples is None or not chosen:
        return pack([])
    if len(chosen) == len(samples.labels):
        return samples
    index = np.asarray(chosen, np.int64)
    lengths = np.diff(samples.starts)[index]
    starts = np.zeros(len(index) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    places = np.arange(starts[-1]) + np.repeat(samples.starts[index] - starts[:-1], lengths)
    return Samples(
        tuple(samples.labels[i] for i in chosen),
        starts,
        samples.times[places],
        samples.values[places],
        samples.before[index],
    )
