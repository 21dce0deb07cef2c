"""Histograms as words of a case: `h(3;4.5;0:1,1:2)`.

Count, sum and buckets by index; `n0:2` is a bucket of negative values and `z:1` the zero bucket.
What follows is `scale=2` (else 0), `threshold=0.5`, `bounds=1/2.5` (custom ones) or `gauge`.
`h(…)+h(…)*3` begins with the first and adds the second to it three times.
"""

import math
from collections.abc import Iterator

from watchroom.model.buckets import buckets
from watchroom.model.histogram import CUSTOM, Histogram, merge


def samples(word: str) -> Iterator[Histogram]:
    """Yield the histograms of a word."""
    values, _, number = word.partition("*")
    first, _, step = values.partition("+h(")
    now = histogram(first)
    yield now
    for _ in range(int(number or 1) - (not step)):
        now = merge([now, histogram("h(" + step)]) if step else now
        yield now


def histogram(word: str) -> Histogram:
    """Return what `h(…)` spells."""
    count, total, filled, *about = word.removeprefix("h(").removesuffix(")").split(";")
    pairs = [pair.split(":") for pair in filled.split(",") if pair]
    found = Histogram(
        float(count),
        float(total),
        sum(float(number) for index, number in pairs if index == "z"),
        {int(index): float(number) for index, number in pairs if index[0] not in "nz"},
        {int(index[1:]): float(number) for index, number in pairs if index[0] == "n"},
        0,
    )
    for each in about:
        name, _, value = each.partition("=")
        found = _with(found, name, value)
    return found


def _with(histogram: Histogram, name: str, value: str) -> Histogram:
    match name:
        case "scale":
            return histogram._replace(scale=int(value))
        case "threshold":
            return histogram._replace(threshold=float(value))
        case "gauge":
            return histogram._replace(gauge=True)
        case "bounds":
            bounds = tuple(map(float, value.split("/")))
            return histogram._replace(scale=CUSTOM, bounds=bounds)
    raise ValueError(f"a histogram has no {name}")


def same(one: Histogram, other: Histogram) -> bool:
    """Say whether two histograms are the same, to 1e-9; what they count is not compared."""
    mine, others = buckets(one), buckets(other)
    if (one.scale, one.bounds, len(mine)) != (other.scale, other.bounds, len(others)):
        return False
    numbers = [(one.count, other.count), (one.sum, other.sum), (one.threshold, other.threshold)]
    for bucket, partner in zip(mine, others, strict=True):
        numbers += list(zip(bucket, partner, strict=True))
    return all(
        (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-9)
        for a, b in numbers
    )
