"""Telling apart the lives of a process that restarted under its old name.

Sums of distances from a shift may fall without a restart, and mean nothing across one. Their count
only grows, so where it falls all of them begin anew.
"""

from itertools import pairwise

import numpy as np

from watchroom.model.labels import NAME, Labels
from watchroom.model.report import ACTUAL_COUNT, ACTUAL_SHIFT, CUMULATIVE
from watchroom.storage.contract import FloatSeries, Times

LIFE = "life"
"""The label that numbers the lives; it exists in queries only."""


def split(floats: dict[str, list[FloatSeries]]) -> None:
    """Cut the moments' series where their process began anew, in place."""
    restarts = {_identity(each.labels): _restarts(each) for each in floats[ACTUAL_COUNT]}
    if not any(len(times) for times in restarts.values()):
        return
    for name in (*CUMULATIVE, ACTUAL_SHIFT):
        floats[name] = [
            life
            for each in floats.get(name, [])
            for life in _lives(each, restarts.get(_identity(each.labels), np.zeros(0, np.int64)))
        ]


def _restarts(series: FloatSeries) -> Times:
    return series.times[1:][np.diff(series.values) < 0]


def _lives(series: FloatSeries, restarts: Times) -> list[FloatSeries]:
    if not len(restarts):
        return [series]
    cuts = [0, *np.searchsorted(series.times, restarts).tolist(), len(series.times)]
    return [
        FloatSeries(_numbered(series.labels, i), series.times[low:high], series.values[low:high])
        for i, (low, high) in enumerate(pairwise(cuts))
        if high > low
    ]


def _numbered(series: Labels, life: int) -> Labels:
    return tuple(sorted((*series, (LIFE, str(life))))) if life else series


def _identity(series: Labels) -> Labels:
    return tuple(pair for pair in series if pair[0] != NAME)
