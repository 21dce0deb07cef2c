"""Native histograms on the wire: spans of buckets, and their counts or the steps between them.

https://prometheus.io/docs/specs/native_histograms/ numbers a bucket one higher than we do, except
where the bounds are custom.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from watchroom.ingest.naming import Refused
from watchroom.ingest.remote.messages import double
from watchroom.ingest.remote.wire import (
    BYTES,
    FIXED64,
    VARINT,
    fields,
    signed,
    varints,
    zigzag,
)
from watchroom.model.histogram import CUSTOM, Histogram

_COUNT_INT, _COUNT_FLOAT, _SUM, _SCHEMA, _THRESHOLD, _ZEROS_INT, _ZEROS_FLOAT = range(1, 8)
_NEGATIVE_SPANS, _NEGATIVE_DELTAS, _NEGATIVE_COUNTS = 8, 9, 10
_POSITIVE_SPANS, _POSITIVE_DELTAS, _POSITIVE_COUNTS = 11, 12, 13
_RESET_HINT, _TIME, _BOUNDS, _STARTED = 14, 15, 16, 17
_SCHEMAS = range(-4, 9)
_INDEXES = 1 << 19
_GAUGE = 3
_BITS_32 = 0xFFFFFFFF
_LARGEST = 1 << 53

Span = tuple[int, int]
"""Empty buckets since the last span, and buckets of this one."""


class Raw(NamedTuple):
    """A histogram as it was spelt; `whole` says that values were counted."""

    whole: bool
    time: int
    started: int
    schema: int
    count: float  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    sum: float
    zeros: float
    threshold: float
    negative_spans: list[Span]
    negative: list[float]
    positive_spans: list[Span]
    positive: list[float]
    bounds: tuple[float, ...]
    gauge: bool


class _Fields:
    """The fields of a histogram by their numbers."""

    def __init__(self, body: bytes, start: int, stop: int) -> None:
        self.number: dict[int, int] = {}
        self.double: dict[int, float] = {}
        self.spans: dict[int, list[Span]] = {_NEGATIVE_SPANS: [], _POSITIVE_SPANS: []}
        self.steps: dict[int, list[int]] = {_NEGATIVE_DELTAS: [], _POSITIVE_DELTAS: []}
        self.doubles: dict[int, list[float]] = {
            _NEGATIVE_COUNTS: [],
            _POSITIVE_COUNTS: [],
            _BOUNDS: [],
        }
        for number, wire, first, last in fields(body, start, stop):
            if wire == VARINT:
                self._varint(number, first)
            elif wire == FIXED64:
                self._double(number, double(body, first))
            elif wire == BYTES:
                self._packed(number, body, first, last)

    def _varint(self, number: int, value: int) -> None:
        if number in self.steps:
            self.steps[number].append(zigzag(value))
        else:
            self._once(number)
            self.number[number] = value

    def _double(self, number: int, value: float) -> None:
        if number in self.doubles:
            self.doubles[number].append(value)
        else:
            self._once(number)
            self.double[number] = value

    def _once(self, number: int) -> None:
        """Forget the other of two fields one of which is set."""
        if number in {_COUNT_INT, _ZEROS_INT}:
            self.double.pop(number + 1, None)
        elif number in {_COUNT_FLOAT, _ZEROS_FLOAT}:
            self.number.pop(number - 1, None)

    def _packed(self, number: int, body: bytes, start: int, stop: int) -> None:
        if number in self.spans:
            self.spans[number].append(_span(body, start, stop))
        elif number in self.steps:
            self.steps[number] += map(zigzag, varints(body, start, stop))
        elif number in self.doubles:
            self.doubles[number] += (double(body, at) for at in range(start, stop - 7, 8))


def read(body: bytes, start: int, stop: int) -> Raw:
    """Return a histogram as it is spelt. Raises Malformed."""
    found = _Fields(body, start, stop)
    numbers, doubles = found.number, found.double
    whole = _COUNT_FLOAT not in doubles
    return Raw(
        whole,
        signed(numbers.get(_TIME, 0)),
        signed(numbers.get(_STARTED, 0)),
        zigzag(numbers.get(_SCHEMA, 0) & _BITS_32),
        numbers.get(_COUNT_INT, 0) if whole else doubles[_COUNT_FLOAT],
        doubles.get(_SUM, 0.0),
        doubles.get(_ZEROS_FLOAT, numbers.get(_ZEROS_INT, 0)),
        doubles.get(_THRESHOLD, 0.0),
        found.spans[_NEGATIVE_SPANS],
        _counts(found, whole, _NEGATIVE_DELTAS, _NEGATIVE_COUNTS),
        found.spans[_POSITIVE_SPANS],
        _counts(found, whole, _POSITIVE_DELTAS, _POSITIVE_COUNTS),
        tuple(found.doubles[_BOUNDS]),
        numbers.get(_RESET_HINT, 0) == _GAUGE,
    )


def converted(raw: Raw) -> Histogram:
    """Return a histogram as we keep it. Raises Refused."""
    custom = raw.schema == CUSTOM
    if custom:
        _check_custom(raw)
    elif raw.schema not in _SCHEMAS:
        raise Refused(f"a native histogram's schema is {CUSTOM}, or from -4 to 8, not {raw.schema}")
    elif raw.bounds:
        raise Refused("only native histograms of schema -53 have custom values")
    first = 0 if custom else -1
    positive = _buckets(raw.positive_spans, raw.positive, first)
    negative = _buckets(raw.negative_spans, raw.negative, first)
    if custom and positive and max(positive) > len(raw.bounds):
        raise Refused("a native histogram has more buckets than its custom values bound")
    _check_counts(raw)
    return Histogram(
        raw.count,
        raw.sum,
        raw.zeros,
        positive,
        negative,
        raw.schema,
        raw.threshold,
        raw.bounds,
        raw.gauge,
    )


def _counts(found: _Fields, whole: bool, steps: int, doubles: int) -> list[float]:
    return list(accumulate(found.steps[steps])) if whole else found.doubles[doubles]


def _span(body: bytes, start: int, stop: int) -> Span:
    offset = length = 0
    for number, wire, value, _ in fields(body, start, stop):
        if wire == VARINT and number == 1:
            offset = zigzag(value & _BITS_32)
        elif wire == VARINT and number == 2:
            length = value & _BITS_32
    return offset, length


def _buckets(spans: Sequence[Span], counts: Sequence[float], index: int) -> dict[int, float]:
    """Return the counts of the buckets that are not empty, by index. Raises Refused."""
    if sum(length for _, length in spans) != len(counts):
        raise Refused("a native histogram has as many buckets as its spans say")
    if any(offset < 0 for offset, _ in spans[1:]):
        raise Refused("the spans of a native histogram ascend")
    found: dict[int, float] = {}
    at = 0
    for offset, length in spans:
        index += offset
        for count in counts[at : at + length]:
            if count:
                found[index] = count
            index += 1
        at += length
    if found and not (min(found) > -_INDEXES and max(found) < _INDEXES):
        raise Refused(f"the bucket indexes of a native histogram lie within ±{_INDEXES}")
    return found


def _check_custom(raw: Raw) -> None:
    if raw.negative_spans or raw.negative or raw.zeros or raw.threshold:
        raise Refused("a native histogram of custom values has positive buckets only")
    if not all(map(math.isfinite, raw.bounds)) or not _ascend(raw.bounds):
        raise Refused("the custom values of a native histogram are finite and ascend")


def _check_counts(raw: Raw) -> None:
    parts = (raw.zeros, *raw.positive, *raw.negative)
    most = _LARGEST if raw.whole else math.inf
    if not all(0 <= part < most for part in (raw.count, *parts)):
        raise Refused("the counts of a native histogram are neither negative nor beyond 2^53")
    if not 0 <= raw.threshold < math.inf:
        raise Refused("the zero threshold of a native histogram is finite and not negative")
    if not raw.whole:
        return  # what a calculation made need not add up
    total = math.fsum(parts)
    enough = raw.count >= total if math.isnan(raw.sum) else raw.count == total
    if not enough:  # NaN was counted, and is in no bucket
        raise Refused("the count of a native histogram is the sum of its buckets")


def _ascend(bounds: Iterable[float]) -> bool:
    return all(before < after for before, after in pairwise(bounds))
