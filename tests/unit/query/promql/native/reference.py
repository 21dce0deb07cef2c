"""One histogram at a time, in dictionaries: what the arrays have to agree with."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.query.promql.native.part import Part, histograms
from watchroom.storage.contract import NEGATIVE, HistogramSeries

Sample = tuple[int, Histogram]


def keyed(histogram: Histogram) -> dict[int, float]:
    negative = {NEGATIVE - index: count for index, count in histogram.negative.items()}
    every = {**histogram.positive, **negative}
    return {index: count for index, count in sorted(every.items()) if count}


def unkeyed(histogram: Histogram, buckets: dict[int, float]) -> Histogram:
    positive = {k: n for k, n in buckets.items() if k > NEGATIVE // 2 and n}
    negative = {NEGATIVE - k: n for k, n in buckets.items() if k < NEGATIVE // 2 and n}
    return histogram._replace(positive=positive, negative=negative)


def stored(
    samples: Sequence[Sample], whole: Callable[[int], bool] = lambda _: False
) -> HistogramSeries:
    """Return samples of one kind and one set of bounds as the store's contract has them."""
    entries: list[tuple[int, int, float]] = []
    flags = []
    before: Histogram | None = None
    for place, (_, histogram) in enumerate(samples):
        buckets = keyed(histogram)
        follows = (
            before is not None
            and (before.scale, before.threshold) == (histogram.scale, histogram.threshold)
            and not whole(place)
        )
        if before is not None and follows:
            old = keyed(before)
            change = {k: buckets.get(k, 0) - old.get(k, 0) for k in {**old, **buckets}}
            if min(change.values(), default=0) < 0 and not histogram.gauge:
                follows = False
            else:
                buckets = {k: n for k, n in sorted(change.items()) if n}
        flags.append(not follows)
        entries += [(place, index, count) for index, count in buckets.items()]
        before = histogram
    table = np.array(entries, np.float64).reshape(-1, 3)
    column = lambda name: np.array([getattr(h, name) for _, h in samples], np.float64)  # noqa: E731
    return HistogramSeries(
        (),
        np.array([time for time, _ in samples], np.int64),
        column("count"),
        column("sum"),
        column("zeros"),
        column("threshold"),
        np.array([h.scale for _, h in samples], np.int64),
        np.array(flags, np.bool_),
        table[:, 0].astype(np.int64),
        table[:, 1].astype(np.int64),
        table[:, 2],
        None,
        samples[0][1].bounds,
        samples[0][1].gauge,
    )


def coarsened(histogram: Histogram, scale: int) -> Histogram:
    shift = histogram.scale - scale
    return histogram._replace(
        scale=scale,
        positive=_merged(histogram.positive, lambda index: index >> shift),
        negative=_merged(histogram.negative, lambda index: index >> shift),
    )


def narrowed(histogram: Histogram, bounds: tuple[float, ...]) -> Histogram:
    edges = [*histogram.bounds, math.inf]
    place = lambda index: sum(bound < edges[index] for bound in bounds)  # noqa: E731
    return histogram._replace(bounds=bounds, positive=_merged(histogram.positive, place))


def widened(histogram: Histogram, threshold: float) -> Histogram:
    """Move what begins below a threshold into the zero bucket, which grows to hold it whole."""
    for side in (histogram.positive, histogram.negative):
        for index, count in side.items():
            near, far = (2.0 ** ((index + more) * 2.0**-histogram.scale) for more in (0, 1))
            if count and near < threshold * (1 - 1e-12) and far > threshold * (1 + 1e-12):
                return widened(histogram, far)
    zeros, sides = histogram.zeros, []
    for side in (histogram.positive, histogram.negative):
        inside = {
            index
            for index in side
            if 2.0 ** (index * 2.0**-histogram.scale) < threshold * (1 - 1e-12)
        }
        zeros += sum(side[index] for index in inside)
        sides.append({index: n for index, n in side.items() if index not in inside})
    return histogram._replace(
        zeros=zeros, threshold=threshold, positive=sides[0], negative=sides[1]
    )


def reconciled(left: Histogram, right: Histogram) -> tuple[Histogram, Histogram]:
    if left.scale == CUSTOM:
        bounds = tuple(bound for bound in left.bounds if bound in right.bounds)
        return narrowed(left, bounds), narrowed(right, bounds)
    while left.threshold != right.threshold:
        if left.threshold < right.threshold:
            left = widened(left, right.threshold)
        else:
            right = widened(right, left.threshold)
    scale = min(left.scale, right.scale)
    return coarsened(left, scale), coarsened(right, scale)


def added(left: Histogram, right: Histogram, sign: float = 1.0) -> Histogram:
    left, right = reconciled(left, right)
    mine, other = keyed(left), keyed(right)
    buckets = {k: mine.get(k, 0) + sign * other.get(k, 0) for k in {**mine, **other}}
    return unkeyed(left, buckets)._replace(
        count=left.count + sign * right.count,
        sum=left.sum + sign * right.sum,
        zeros=left.zeros + sign * right.zeros,
        gauge=left.gauge or right.gauge,
    )


def multiplied(histogram: Histogram, factor: float) -> Histogram:
    buckets = {index: count * factor for index, count in keyed(histogram).items()}
    return unkeyed(histogram, buckets)._replace(
        count=histogram.count * factor, sum=histogram.sum * factor, zeros=histogram.zeros * factor
    )


def reset(before: Histogram, now: Histogram) -> bool:
    if now.count < before.count or (now.scale == CUSTOM) != (before.scale == CUSTOM):
        return True
    if now.scale != CUSTOM:
        if now.scale > before.scale or now.threshold < before.threshold:
            return True
        if now.threshold > before.threshold:
            before = widened(before, now.threshold)
            if before.threshold != now.threshold:
                return True
    before, now = reconciled(before, now)
    old, new = keyed(before), keyed(now)
    return now.zeros < before.zeros or any(new.get(k, 0) < n for k, n in old.items())


def increase(samples: Sequence[Sample], start: int, end: int, counter: bool) -> Histogram | None:
    """Return the extrapolated gain over (start, end] of what lies in it; None without two."""
    if len(samples) < 2:
        return None
    every = [histogram for _, histogram in samples]
    begun = counter and reset(every[0], every[1])
    used = every[1:] if begun else every
    custom = [histogram.scale == CUSTOM for histogram in used]
    if len(set(custom if counter else [custom[0], custom[-1]])) > 1:
        return None
    scales = [h.scale for h in used] if counter else [every[0].scale, every[-1].scale]
    gained = every[-1]
    if not custom[0]:
        gained = coarsened(gained, min(scales))
    base = used[0]
    if begun:
        base = Histogram(scale=base.scale, bounds=base.bounds)
    gained = added(gained, base, -1.0)
    if counter:
        for before, now in pairwise(used):
            if reset(before, now):
                gained = added(gained, before)
    return multiplied(gained, _factor(samples, gained, start, end, counter))


def _factor(
    samples: Sequence[Sample], gained: Histogram, start: int, end: int, counter: bool
) -> float:
    first, last = samples[0][0], samples[-1][0]
    sampled = (last - first) / 1000
    mean = sampled / (len(samples) - 1)
    before, after = (first - start) / 1000, (end - last) / 1000
    before = before if before < mean * 1.1 else mean / 2
    after = after if after < mean * 1.1 else mean / 2
    if counter and gained.count > 0:
        before = min(before, sampled * samples[0][1].count / gained.count)
    return (sampled + before + after) / sampled


def _merged(side: object, place: Callable[[int], int]) -> dict[int, float]:
    assert hasattr(side, "items")
    found: dict[int, float] = {}
    for index, count in side.items():
        found[place(index)] = found.get(place(index), 0) + count
    return found


def rows(parts: Sequence[Part]) -> dict[int, Histogram]:
    """Return what parts of one series hold, by step."""
    found: dict[int, Histogram] = {}
    for part in parts:
        for step, histogram in histograms(part):
            assert step not in found
            found[step] = histogram
    return found


def close(found: Histogram | None, wanted: Histogram | None) -> bool:
    """Say whether two histograms are the same but for rounding."""
    if found is None or wanted is None:
        return found is wanted
    if (found.scale, found.bounds) != (wanted.scale, wanted.bounds):
        return False
    numbers = [(found.threshold, wanted.threshold), (found.count, wanted.count)]
    numbers += [(found.sum, wanted.sum), (found.zeros, wanted.zeros)]
    mine, other = keyed(found), keyed(wanted)
    numbers += [(mine.get(k, 0.0), other.get(k, 0.0)) for k in {**mine, **other}]
    scale = 1e-9 * max(1.0, abs(wanted.count))
    return all(
        (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=scale)
        for a, b in numbers
    )
