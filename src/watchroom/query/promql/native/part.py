"""The rows of equal layout of one series, as arrays."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.query.promql.native.layout import SPLIT, Layout, placed, union
from watchroom.storage.contract import NEGATIVE, Bools, Floats, Ints


class Part(NamedTuple):
    """R histograms of one layout with B buckets; a bucket that counts nothing is no bucket.

    `series` is the place of the series in its vector, `steps[r]` that of the row in the range, both
    from zero; steps ascend. The axis holds the bucket indexes as the store's contract has them,
    ascending.
    """

    series: int
    layout: Layout
    gauge: bool
    steps: Ints
    axis: Ints
    buckets: Floats
    counts: Floats
    sums: Floats
    zeros: Floats


def take(part: Part, rows: Ints | Bools | slice) -> Part:
    """Return some of the rows."""
    return part._replace(
        steps=part.steps[rows],
        buckets=part.buckets[rows],
        counts=part.counts[rows],
        sums=part.sums[rows],
        zeros=part.zeros[rows],
    )


def on_axis(part: Part, axis: Ints) -> Part:
    """Return the same rows on a wider index axis."""
    return part._replace(axis=axis, buckets=placed(part.buckets, part.axis, axis))


def moved(parts: Iterable[Part], series: int) -> list[Part]:
    """Return the parts under another series."""
    return [part._replace(series=series) for part in parts]


def picked(parts: Iterable[Part], rows: Sequence[int]) -> list[Part]:
    """Return the parts of some series, which are then numbered as they come in `rows`."""
    by_series: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_series[part.series].append(part)
    if not by_series:
        return []
    return [each for new, old in enumerate(rows) for each in moved(by_series.get(old, ()), new)]


def repeated(part: Part, steps: int) -> Part:
    """Return a part of one row at each of many steps."""
    return take(part, np.zeros(steps, np.int64))._replace(steps=np.arange(steps))


@np.errstate(over="ignore", invalid="ignore")
def scaled(part: Part, factor: Floats) -> Part:
    """Return each row multiplied by its factor [R]; a negative one makes a gauge."""
    return part._replace(
        gauge=part.gauge or bool((factor < 0).any()),
        buckets=part.buckets * factor[:, None],
        counts=part.counts * factor,
        sums=part.sums * factor,
        zeros=part.zeros * factor,
    )


@np.errstate(divide="ignore", invalid="ignore")
def divided(part: Part, divisor: Floats) -> Part:
    """Return each row divided by its divisor [R]; nothing is left of buckets divided by zero."""
    buckets = part.buckets / divisor[:, None]
    buckets[divisor == 0.0] = 0.0
    return part._replace(
        gauge=part.gauge or bool((divisor < 0).any()),
        buckets=buckets,
        counts=part.counts / divisor,
        sums=part.sums / divisor,
        zeros=part.zeros / divisor,
    )


def joined(parts: Iterable[Part]) -> list[Part]:
    """Return the parts with those of the same series and layout in one, their steps being apart."""
    alike: defaultdict[tuple[int, Layout, bool], list[Part]] = defaultdict(list)
    for part in parts:
        if len(part.steps):
            alike[part.series, part.layout, part.gauge].append(part)
    return [_stacked(each) if len(each) > 1 else each[0] for each in alike.values()]


def _stacked(parts: Sequence[Part]) -> Part:
    axis = union([part.axis for part in parts])
    wide = [on_axis(part, axis) for part in parts]
    steps = np.concatenate([part.steps for part in wide])
    order = np.argsort(steps, kind="stable")
    return wide[0]._replace(
        steps=steps[order],
        buckets=np.concatenate([part.buckets for part in wide])[order],
        counts=np.concatenate([part.counts for part in wide])[order],
        sums=np.concatenate([part.sums for part in wide])[order],
        zeros=np.concatenate([part.zeros for part in wide])[order],
    )


def presence(parts: Iterable[Part], shape: tuple[int, int]) -> Bools:
    """Return where there is a histogram, by series and step."""
    present = np.zeros(shape, np.bool_)
    for part in parts:
        present[part.series, part.steps] = True
    return present


def kept(parts: Iterable[Part], mask: Bools) -> list[Part]:
    """Return the rows where the mask [series, step] says so."""
    found = []
    for part in parts:
        rows = mask[part.series, part.steps]
        if rows.all():
            found.append(part)
        elif rows.any():
            found.append(take(part, rows))
    return found


def histograms(part: Part) -> list[tuple[int, Histogram]]:
    """Return the rows as the model's histograms, each with its step."""
    return [(int(step), histogram(part, row)) for row, step in enumerate(part.steps)]


def histogram(part: Part, row: int) -> Histogram:
    """Return one row as the model's histogram."""
    filled = np.flatnonzero(part.buckets[row])
    pairs = list(zip(part.axis[filled].tolist(), part.buckets[row, filled].tolist(), strict=True))
    return Histogram(
        float(part.counts[row]),
        float(part.sums[row]),
        float(part.zeros[row]),
        {index: count for index, count in pairs if index > SPLIT},
        {NEGATIVE - index: count for index, count in reversed(pairs) if index < SPLIT},
        part.layout.scale,
        threshold=part.layout.threshold,
        bounds=part.layout.bounds,
        gauge=part.gauge,
    )
