"""Sample times that several series share: found, so that they are kept and decoded once."""

from typing import Any

import numpy as np

from watchroom.storage.contract import Ints

_MIX = np.uint64(0x9E3779B97F4A7C15)


def groups(times: Any, starts: Any) -> Ints:
    """Return for each series the first one that has the same times.

    Series i has `times[starts[i]:starts[i + 1]]`, at least one, ascending. Candidates come from a
    hash; then every time is compared.
    """
    counts = np.diff(starts)
    if len(counts) < 2:
        return np.zeros(len(counts), np.int64)
    mixed = times.astype(np.uint64) * _MIX
    mixed ^= mixed >> np.uint64(29)
    hashes = np.add.reduceat(mixed, starts[:-1]) * _MIX + counts.astype(np.uint64)
    _, index, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    found: Ints = index[inverse]
    found[counts != counts[found]] = np.flatnonzero(counts != counts[found])
    shift = np.repeat(starts[found] - starts[:-1], counts)
    same = times == times[np.arange(len(times)) + shift]
    wrong = ~np.logical_and.reduceat(same, starts[:-1])
    found[wrong] = np.flatnonzero(wrong)
    return found
