"""histogram_quantile of native histograms."""

from typing import NamedTuple

import numpy as np

from watchroom.query.promql.native.layout import SPLIT, limits
from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part
from watchroom.storage.contract import Bools, Floats, Ints


class Buckets(NamedTuple):
    """The buckets of a part from the lowest to the highest values, zero bucket included.

    Bounds are [B], counts [n, B]; `zero` is the column of the zero bucket, -1 without.
    `positive` and `negative` say which rows have such buckets.
    """

    low: Floats
    high: Floats
    counts: Floats
    zero: int
    positive: Bools
    negative: Bools


class _Found(NamedTuple):
    """Where the rank of each row was reached, and the count up to there, bucket included."""

    column: Ints
    seen: Floats
    inside: Floats


def ascending(part: Part) -> Buckets:
    """Return the buckets of a part in the order of their values."""
    low, high = limits(part.layout, part.axis)
    above = (part.buckets[:, part.axis > SPLIT] != 0).any(axis=1)
    below = (part.buckets[:, part.axis < SPLIT] != 0).any(axis=1)
    if part.layout.custom or not (part.zeros > 0).any():
        return Buckets(low, high, part.buckets, -1, above, below)
    at = int(np.searchsorted(part.axis, SPLIT))
    return Buckets(
        np.insert(low, at, -part.layout.threshold),
        np.insert(high, at, part.layout.threshold),
        np.insert(part.buckets, at, np.maximum(part.zeros, 0.0), axis=1),
        at,
        above,
        below,
    )


def quantile(part: Part, q: Floats, notes: set[Note]) -> Floats:
    """Return the q-quantile of each row, q [R] being its own for each.

    Ranks are counted from the nearer end, and from below where NaN was observed (the sum is NaN):
    such observations are in no bucket and count as the highest.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.full(len(q), np.nan)
        asked = (q >= 0) & (q <= 1) & (part.counts != 0)
        upward = np.isnan(part.sums) | (q < 0.5)
        buckets = ascending(part)
        for rows, up in ((asked & upward, True), (asked & ~upward, False)):
            if rows.any():
                found[rows] = _quantile(part, buckets, q, np.flatnonzero(rows), up, notes)
        found[q < 0] = -np.inf
        found[q > 1] = np.inf
        return found


def _quantile(
    part: Part, buckets: Buckets, q: Floats, rows: Ints, upward: bool, notes: set[Note]
) -> Floats:
    count, sums, counts = part.counts[rows], part.sums[rows], buckets.counts[rows]
    rank = (q[rows] if upward else 1 - q[rows]) * count
    if not counts.shape[1]:
        _note(part, rows, rank > 0, counts, notes)
        return np.where(rank > 0, np.where(np.isnan(sums), np.nan, 0.0), np.nan)
    found = _reach(counts, rank) if upward else _reversed(_reach(counts[:, ::-1], rank), counts)
    low, high = _edges(buckets, rows, found.column)
    seen = np.minimum(found.seen, count)
    into = rank - (seen - found.inside) if upward else seen - rank
    linear = part.layout.custom | ((low <= 0) & (high >= 0))
    begin = np.where(np.isneginf(low) & (high > 0), 0.0, low) if part.layout.custom else low
    values = _interpolated(begin, high, into / found.inside, linear)
    short = seen < rank
    top = np.where(found.inside == 0, 0.0, high)
    values = np.where(short, np.where(np.isnan(sums), np.nan, top), values)
    if part.layout.custom:
        values = _at_open_ends(values, low, high)
    _note(part, rows, short, counts, notes)
    return values


def _reach(counts: Floats, rank: Floats) -> _Found:
    """Return the first filled bucket of each row at which the count reaches the rank."""
    filled = counts != 0
    seen = np.cumsum(counts, axis=1)
    hit = filled & (seen >= rank[:, None])
    last = filled.shape[1] - 1 - np.argmax(filled[:, ::-1], axis=1)
    column = np.where(hit.any(axis=1), np.argmax(hit, axis=1), last)
    row = np.arange(len(counts))
    return _Found(column, seen[row, column], counts[row, column])


def _reversed(found: _Found, counts: Floats) -> _Found:
    return found._replace(column=counts.shape[1] - 1 - found.column)


def _edges(buckets: Buckets, rows: Ints, column: Ints) -> tuple[Floats, Floats]:
    """Return the bounds of a column of each row.

    The zero bucket of a row with buckets on one side only ends at zero.
    """
    low, high = buckets.low[column], buckets.high[column]
    zero = column == buckets.zero
    above, below = buckets.positive[rows], buckets.negative[rows]
    low = np.where(zero & above & ~below, 0.0, low)
    return low, np.where(zero & below & ~above, 0.0, high)


def _interpolated(low: Floats, high: Floats, fraction: Floats, linear: Bools) -> Floats:
    """Return the value at a fraction of a bucket, on a linear or a logarithmic scale."""
    with np.errstate(over="ignore"):
        straight = low + (high - low) * fraction
        logs = np.log2(np.abs(low)), np.log2(np.abs(high))
        curved = np.exp2(logs[0] + (logs[1] - logs[0]) * fraction)
    return np.where(linear, straight, np.where(low > 0, curved, -curved))


def _at_open_ends(values: Floats, low: Floats, high: Floats) -> Floats:
    """Return the values of custom buckets, whose first and last are open.

    The last is its lower bound; the first its upper bound, if that is not positive.
    """
    values = np.where(np.isposinf(high) & ~np.isneginf(low), low, values)
    return np.where(np.isneginf(low) & (high <= 0), high, values)


def _note(part: Part, rows: Ints, short: Bools, counts: Floats, notes: set[Note]) -> None:
    odd = np.isnan(part.sums[rows])
    if (odd & short).any():
        notes.add(Note.QUANTILE_NAN)
    if (odd & ~short & (counts.sum(axis=1) < part.counts[rows])).any():
        notes.add(Note.QUANTILE_SKEWED)
