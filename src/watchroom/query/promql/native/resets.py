"""Counter resets and changes between the samples of a series."""

from collections.abc import Iterator

import numpy as np

from watchroom.query.promql.native.part import Part, take
from watchroom.query.promql.native.reconcile import bits, coarsen, matched, same, widen
from watchroom.query.promql.native.samples import Samples, rows, values
from watchroom.storage.contract import Bools, Floats, Ints


def resets(samples: Samples) -> Bools:
    """Say of each sample whether the counter began again since the sample before."""
    found = np.zeros(len(samples.times), np.bool_)
    found[1:] = np.diff(samples.counts) < 0
    found[1:] |= (np.diff(samples.zeros) < 0) & (np.diff(samples.run) == 0)
    _mark(samples, found, falls=True)
    for later in _pairs(samples, ~found):
        earlier, now = _beside(samples, later)
        found[later] |= (now < earlier).any(axis=1)
    for at, old, new in _over_runs(samples, ~found):
        found[at] = is_reset(old, new)
    return found


def changes(samples: Samples) -> Bools:
    """Say of each sample whether it differs from the sample before."""
    found = np.zeros(len(samples.times), np.bool_)
    for numbers in (samples.counts, samples.sums, samples.zeros):
        found[1:] |= np.diff(bits(numbers)) != 0
    _mark(samples, found, falls=False)
    for later in _pairs(samples, ~found):
        earlier, now = _beside(samples, later)
        found[later] |= (now != earlier).any(axis=1)
    for at, old, new in _over_runs(samples, ~found):
        found[at] = not same(old, new)[0]
    return found


def is_reset(before: Part, now: Part) -> bool:
    """Say whether the counter began again between two samples, one row each.

    A finer scale or a narrower zero bucket is a reset, since a counter only ever gets coarser. So
    is a zero bucket that now ends within a bucket that was populated.
    """
    if now.counts[0] < before.counts[0] or now.layout.custom != before.layout.custom:
        return True
    if now.layout.custom:
        return _fell(*matched(before, now)[0])
    if now.layout.scale > before.layout.scale or now.layout.threshold < before.layout.threshold:
        return True
    if now.layout.threshold > before.layout.threshold:
        (before,) = widen(before, now.layout.threshold)
        if before.layout.threshold != now.layout.threshold:
            return True
    return bool(now.zeros[0] < before.zeros[0]) or _fell(
        *matched(coarsen(before, now.layout.scale), now)[0]
    )


def _beside(samples: Samples, later: Ints) -> tuple[Floats, Floats]:
    """Return the buckets of the samples before some of one run, and of these."""
    wanted = np.union1d(later - 1, later)
    table = values(samples, wanted)
    return table[np.searchsorted(wanted, later - 1)], table[np.searchsorted(wanted, later)]


def _fell(before: Part, now: Part) -> bool:
    return bool((now.buckets < before.buckets).any())


def _over_runs(samples: Samples, unsure: Bools) -> Iterator[tuple[int, Part, Part]]:
    """Yield the first sample of each run but the first: its place, the one before it, and it."""
    later = np.flatnonzero(np.diff(samples.run) != 0) + 1
    later = later[unsure[later]]
    wanted = np.union1d(later - 1, later)
    single = {
        int(at): take(part, slice(row, row + 1))
        for part in rows(samples, wanted, wanted)
        for row, at in enumerate(part.steps)
    }
    for at in later.tolist():
        yield at, single[at - 1], single[at]._replace(steps=single[at - 1].steps)


def _pairs(samples: Samples, unsure: Bools) -> list[Ints]:
    """Return, run by run, the samples whose entries do not say how they differ from the one before.

    These are the whole ones, and those after a stale marker.
    """
    apart = np.zeros(len(samples.times), np.bool_)
    apart[1:] = np.diff(samples.place) > 1
    for run in samples.runs:
        low, high = np.searchsorted(samples.place, [run.first, run.first + len(run.whole)])
        apart[low:high] |= run.whole[samples.place[low:high] - run.first]
    apart[1:] &= np.diff(samples.run) == 0
    apart[:1] = False
    later = np.flatnonzero(apart & unsure)
    return [later[samples.run[later] == run] for run in np.unique(samples.run[later])]


def _mark(samples: Samples, found: Bools, *, falls: bool) -> None:
    """Mark the samples where an entry takes from a bucket, or changes one in any way."""
    for run in samples.runs:
        entries = ~run.whole[run.sample]
        entries &= run.delta < 0 if falls else run.delta != 0
        place = np.unique(run.sample[entries]) + run.first
        at = np.searchsorted(samples.place, place)
        alive = at < len(samples.place)
        at = at[alive][samples.place[at[alive]] == place[alive]]
        found[at[at > 0]] = True
