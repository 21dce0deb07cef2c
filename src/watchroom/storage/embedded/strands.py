"""From the columns of a strand, chunk by chunk, to one histogram series."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels
from watchroom.model.stale import is_stale
from watchroom.storage.contract import NEGATIVE, HistogramSeries
from watchroom.storage.embedded.histograms import (
    DELTA,
    WHOLE,
    Columns,
    Strand,
    composed,
    cut,
    entries,
    rows,
    value,
)

_SPLIT = NEGATIVE // 2


def assemble(
    labels: Labels, strand: Strand, parts: Sequence[Columns], start: int, end: int
) -> HistogramSeries | None:
    """Return the series of column sets, given in the order they were written, in (start, end].

    None where nothing is left.
    """
    columns = joined(parts, strand)
    first, last = np.searchsorted(columns.times, [start, end], side="right").tolist()
    if first == last:
        return None
    stale = is_stale(columns.sums)
    known = np.flatnonzero(~stale[:first])
    before = _value(columns, int(known[-1]), strand) if len(known) else None
    window = cut(columns, first, last)
    whole = window.flags != DELTA
    sample = np.repeat(np.arange(last - first), window.sizes)
    return HistogramSeries(
        labels,
        *window[:6],
        whole,
        sample,
        window.index,
        window.delta,
        before,
        *strand,
    )


def joined(parts: Sequence[Columns], strand: Strand) -> Columns:
    """Return column sets as one, in time order; of equal times the last written stands."""
    if any(after.times[0] <= before.times[-1] for before, after in pairwise(parts)):
        return _sorted_in(parts, strand)
    if len(parts) == 1:
        return parts[0]
    columns = Columns(*map(np.concatenate, zip(*parts, strict=True)))
    return columns if strand[1] else _chained(columns)


def _sorted_in(parts: Sequence[Columns], strand: Strand) -> Columns:
    samples: dict[int, Histogram] = {}
    for part in parts:
        running: Histogram | None = None
        for row in rows(part):
            running = value(running, row, strand)
            samples[row.time] = running
    return composed(samples)


def _chained(columns: Columns) -> Columns:
    """Turn whole rows into what they add to the row before, where that is all they are.

    A segment is a whole row and those that follow from it. Stale rows without entries are of the
    segment before.
    """
    stale = is_stale(columns.sums) & (columns.sizes == 0)
    columns = _carried(columns, stale)
    begins = (columns.flags != DELTA) & ~stale
    begins[0] = True
    segment = np.cumsum(begins) - 1
    heads = np.flatnonzero(begins)
    if len(heads) == 1:
        return columns._replace(flags=np.where(begins, WHOLE, DELTA))
    sample = np.repeat(np.arange(len(stale)), columns.sizes)
    buckets, place = np.unique(columns.index, return_inverse=True)
    shape = len(heads), len(buckets)
    total = _table(segment[sample], place, columns.delta, shape)
    first = begins[sample]
    opening = _table(segment[sample[first]], place[first], columns.delta[first], shape)
    gained = opening[1:] - total[:-1]
    follows = _may_follow(columns, heads) & (gained >= 0).all(axis=1)
    follows &= (gained == np.rint(gained)).all(axis=1)
    follows[0] &= not stale[heads[0]]
    return _replaced(columns, begins, heads[1:][follows], buckets, gained[follows])


def _may_follow(columns: Columns, heads: Any) -> Any:
    """Say which segments have the layout of the one before, and counts that did not fall."""
    now, old = heads[1:], heads[1:] - 1
    same = columns.scales[now] == columns.scales[old]
    same &= columns.thresholds[now] == columns.thresholds[old]
    same &= columns.counts[now] >= columns.counts[old]
    same &= columns.zeros[now] >= columns.zeros[old]
    return same


def _replaced(columns: Columns, begins: Any, heads: Any, buckets: Any, gained: Any) -> Columns:
    """Put what was gained in the place of the entries of some rows."""
    sample = np.repeat(np.arange(len(columns.times)), columns.sizes)
    chosen = np.zeros(len(columns.times), bool)
    chosen[heads] = True
    kept = ~chosen[sample]
    which, column = np.nonzero(gained)
    owner = np.concatenate([sample[kept], heads[which]])
    order = np.argsort(owner, kind="stable")
    sizes = np.bincount(owner, minlength=len(columns.times))
    return columns._replace(
        flags=np.where(begins & ~chosen, WHOLE, DELTA),
        sizes=sizes,
        index=np.concatenate([columns.index[kept], buckets[column]])[order],
        delta=np.concatenate([columns.delta[kept], gained[which, column]])[order],
    )


def _table(rows: Any, places: Any, weights: Any, shape: tuple[int, int]) -> Any:
    cells = shape[0] * shape[1]
    return np.bincount(rows * shape[1] + places, weights, cells).reshape(shape)


def _carried(columns: Columns, stale: Any) -> Columns:
    """Give stale rows the counts and the layout of the row before."""
    if not stale.any():
        return columns
    at = np.maximum.accumulate(np.where(stale, 0, np.arange(len(stale))))
    carried = {
        name: getattr(columns, name)[at] for name in ("counts", "zeros", "thresholds", "scales")
    }
    return columns._replace(**carried)


def _value(columns: Columns, row: int, strand: Strand) -> Histogram:
    index, counts = (each.tolist() for each in entries(columns, row))
    pairs = list(zip(index, counts, strict=True))
    return Histogram(
        float(columns.counts[row]),
        float(columns.sums[row]),
        float(columns.zeros[row]),
        {index: count for index, count in pairs if index > _SPLIT},
        {NEGATIVE - index: count for index, count in pairs if index < _SPLIT},
        int(columns.scales[row]),
        float(columns.thresholds[row]),
        *strand,
    )
