"""histogram_fraction of native histograms."""

import numpy as np

from watchroom.query.promql.native.notes import Note
from watchroom.query.promql.native.part import Part
from watchroom.query.promql.native.quantile import Buckets, ascending
from watchroom.storage.contract import Floats


def fraction(part: Part, lower: Floats, upper: Floats, notes: set[Note]) -> Floats:
    """Return the share of each row's values between its bounds; lower and upper are [R].

    Observations of NaN (the sum is NaN) are in no bucket and so in no share.
    """
    buckets = ascending(part)
    low, high = _edges(buckets)
    inside = buckets.counts.sum(axis=1)
    odd = np.isnan(part.sums)
    asked = (part.counts != 0) & ~np.isnan(lower) & ~np.isnan(upper)
    if (asked & odd & (inside < part.counts) & (lower < upper)).any():
        notes.add(Note.FRACTION_NAN)
    most = np.where(odd, inside, part.counts)
    above = _rank(part, buckets, low, high, upper, most)
    below = _rank(part, buckets, low, high, lower, most)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(lower >= upper, 0.0, (above - below) / part.counts)
    return np.where(asked, found, np.nan)


def _edges(buckets: Buckets) -> tuple[Floats, Floats]:
    """Return the bounds [R, B] of the buckets.

    The bucket around zero ends at zero in rows with buckets on one side only.
    """
    low, high = (
        np.broadcast_to(each, buckets.counts.shape) for each in (buckets.low, buckets.high)
    )
    around = (low <= 0) & (high >= 0)
    above = (buckets.positive & ~buckets.negative)[:, None]
    below = (buckets.negative & ~buckets.positive)[:, None]
    return np.where(around & above, 0.0, low), np.where(around & below, 0.0, high)


def _rank(
    part: Part, buckets: Buckets, low: Floats, high: Floats, bound: Floats, most: Floats
) -> Floats:
    """Return how many values lie below the bound of each row; `most` beyond the last bucket."""
    value = bound[:, None]
    counts = buckets.counts
    whole = (low < value) & (high <= value)
    cut = (low < value) & (high > value)
    ranks = np.where(whole, counts, 0.0).sum(axis=1)
    if cut.any():
        shares = _shares(part, buckets, low, high, np.broadcast_to(value, low.shape))
        ranks = ranks + np.where(cut, counts * shares, 0.0).sum(axis=1)
    met = ((low >= value) | cut) & (counts != 0)
    return np.where(met.any(axis=1), np.minimum(ranks, most), most)


def _shares(part: Part, buckets: Buckets, low: Floats, high: Floats, value: Floats) -> Floats:
    """Return the share of each bucket below the value; one open to -Inf counts as below."""
    with np.errstate(invalid="ignore", divide="ignore"):
        straight = np.where(np.isneginf(low), 1.0, (value - low) / (high - low))
        if part.layout.custom:
            return straight
        logs = [np.log2(np.abs(each)) for each in (low, high, value)]
        curved: Floats = (logs[2] - logs[0]) / (logs[1] - logs[0])
    if buckets.zero >= 0:
        curved[:, buckets.zero] = straight[:, buckets.zero]
    return curved
