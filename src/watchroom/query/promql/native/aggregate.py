"""sum and avg of histograms over groups of series."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from watchroom.query.promql.native.algebra import folded
from watchroom.query.promql.native.layout import Layout, union
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part, divided, take
from watchroom.storage.contract import Floats, Ints

_CANCELLED = 1e-3
"""A sum this small beside the sum of magnitudes is added up again, exactly."""


def summed(parts: Iterable[Part], group: Ints, steps: int, notes: set[Note]) -> list[Part]:
    """Return the sum of each group of series; `group[s]` is the group of series `s`."""
    found = []
    for number, members in _grouped(parts, group).items():
        found += [part._replace(series=number) for part in total(members, steps, notes)]
    return found


def averaged(parts: Iterable[Part], group: Ints, steps: int, notes: set[Note]) -> list[Part]:
    """Return the mean of each group of series."""
    found = []
    for number, members in _grouped(parts, group).items():
        found += [part._replace(series=number) for part in mean(members, steps, notes)]
    return found


def total(parts: Sequence[Part], steps: int, notes: set[Note]) -> list[Part]:
    """Return the sum of parts, step by step.

    Equal layouts are added as arrays first. Only where both scales and zero buckets differ does the
    order of the rest count, so there the parts are added one by one.
    """
    alike: defaultdict[Layout, list[Part]] = defaultdict(list)
    for part in parts:
        alike[part.layout].append(part)
    scales = {layout.scale for layout in alike}
    thresholds = {layout.threshold for layout in alike}
    if len(scales) > 1 and len(thresholds) > 1:
        return folded(parts, steps, notes)
    layers = [_layer(each, steps) for each in alike.values()]
    return folded(layers, steps, notes) if len(layers) > 1 else layers


def mean(parts: Sequence[Part], steps: int, notes: set[Note]) -> list[Part]:
    """Return the mean of parts, step by step; where a sum overflows, the sum of shares."""
    number = np.zeros(steps)
    for part in parts:
        number[part.steps] += 1.0
    sums = total(parts, steps, notes)
    if any(map(_overflows, sums)):
        shares = [divided(part, number[part.steps]) for part in parts]
        return total(shares, steps, notes)
    return [divided(part, number[part.steps]) for part in sums]


def _grouped(parts: Iterable[Part], group: Ints) -> dict[int, list[Part]]:
    found: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts:
        found[int(group[part.series])].append(part)
    return found


def _overflows(part: Part) -> bool:
    every = (part.buckets, part.counts, part.sums, part.zeros)
    return any(bool(np.isinf(each).any()) for each in every)


def _layer(parts: Sequence[Part], steps: int) -> Part:
    """Return the sum of parts of one layout."""
    if len(parts) == 1:
        return parts[0]
    axis = union([part.axis for part in parts])
    buckets = np.zeros((steps, len(axis)))
    present = np.zeros(steps, np.bool_)
    for part in parts:
        present[part.steps] = True
        _add(buckets, part, axis)
    summed = parts[0]._replace(
        gauge=any(part.gauge for part in parts),
        steps=np.arange(steps),
        axis=axis,
        buckets=buckets,
        counts=added([(part.steps, part.counts) for part in parts], steps),
        sums=added([(part.steps, part.sums) for part in parts], steps),
        zeros=added([(part.steps, part.zeros) for part in parts], steps),
    )
    return summed if present.all() else take(summed, np.flatnonzero(present))


@np.errstate(over="ignore", invalid="ignore")
def _add(buckets: Floats, part: Part, axis: Ints) -> None:
    if not len(part.axis):
        return
    columns = np.searchsorted(axis, part.axis)
    first, last = int(columns[0]), int(columns[-1]) + 1
    whole = len(part.steps) == len(buckets)
    if last - first > len(columns):
        rows = np.arange(len(buckets)) if whole else part.steps
        buckets[np.ix_(rows, columns)] += part.buckets
    elif whole:
        buckets[:, first:last] += part.buckets
    else:
        buckets[part.steps, first:last] += part.buckets


@np.errstate(over="ignore", invalid="ignore")
def added(rows: Sequence[tuple[Ints, Floats]], steps: int) -> Floats:
    """Return the sums of values at their steps, exactly where large values cancel out."""
    sums, magnitudes = np.zeros(steps), np.zeros(steps)
    for at, values in rows:
        sums[at] += values
        magnitudes[at] += np.abs(values)
    doubtful = (np.abs(sums) < _CANCELLED * magnitudes) & np.isfinite(magnitudes)
    for step in np.flatnonzero(doubtful).tolist():
        sums[step] = math.fsum(
            value for at, values in rows for value in values[at == step].tolist()
        )
    return sums
