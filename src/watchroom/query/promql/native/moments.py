"""histogram_count, histogram_sum, histogram_avg, histogram_stddev and histogram_stdvar."""

import numpy as np

from watchroom.query.promql.native.part import Part
from watchroom.query.promql.native.quantile import Buckets, ascending
from watchroom.storage.contract import Floats


def count(part: Part) -> Floats:
    """Return the number of observations of each row."""
    return part.counts


def total(part: Part) -> Floats:
    """Return the sum of the observations of each row."""
    return part.sums


def mean(part: Part) -> Floats:
    """Return the arithmetic mean of each row."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return part.sums / part.counts


def variance(part: Part) -> Floats:
    """Return the estimated variance of each row.

    Values stand in the geometric middle of their bucket, at zero in the zero bucket, and in the
    arithmetic middle of custom buckets.
    """
    buckets = ascending(part)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        middle = _middles(buckets, part.layout.custom)
        apart = middle - mean(part)[:, None]
        weighed = np.where(buckets.counts != 0, buckets.counts * apart * apart, 0.0)
        return np.asarray(weighed.sum(axis=1) / part.counts, np.float64)


def deviation(part: Part) -> Floats:
    """Return the estimated standard deviation of each row."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(variance(part))


def _middles(buckets: Buckets, custom: bool) -> Floats:
    if custom:
        return (buckets.low + buckets.high) / 2.0
    middle = np.sqrt(buckets.low * buckets.high)
    middle = np.where(buckets.high < 0, -middle, middle)
    return np.where((buckets.low <= 0) & (buckets.high >= 0), 0.0, middle)
