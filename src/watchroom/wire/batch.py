"""Batches: what one process says in one message.

A batch is self-contained: it carries full label sets and cumulative values, so a lost batch costs
resolution and never a count, and a server that starts empty needs nothing resent. The id makes a
replay harmless. See docs/decisions/ for the reasons.
"""

from typing import Any

import msgspec

from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind

VERSION = 1
CONTENT_TYPE = "application/vnd.watchroom.v1+msgpack"


class Distribution(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A cumulative exponential histogram; buckets as parallel lists of ascending index, count."""

    scale: int
    count: int
    sum: float
    zeros: int = 0
    positive_index: list[int] = []
    positive_count: list[int] = []
    negative_index: list[int] = []
    negative_count: list[int] = []


class Point(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One series at the time of the batch.

    `values` follow the metric's label names. `fresh` says that the series began after the batch
    before this one: it was zero at `Batch.previous`, and an increase can be counted from there.
    """

    values: list[str]
    value: float | Distribution
    fresh: bool = False


class Metric(msgspec.Struct, array_like=True, frozen=True):
    """One metric with all its series that have something to say."""

    name: str
    kind: Kind
    unit: str
    help: str
    labels: list[str]
    points: list[Point]


class Occurrence(msgspec.Struct, array_like=True, frozen=True):
    """One event; `time` in milliseconds since the epoch."""

    name: str
    time: int
    level: str
    payload: dict[str, Any]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One message. Times are in milliseconds since the epoch."""

    version: int = VERSION
    id: str
    service: str
    instance: str
    time: int
    previous: int
    metrics: list[Metric] = []
    events: list[Occurrence] = []


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the server answers to a batch it has made durable."""

    accepted: int
    duplicate: bool = False
    rejected: list[str] = []


def encode(batch: Batch) -> bytes:
    """Return the batch as bytes."""
    return _encoder.encode(batch)


def decode(body: bytes) -> Batch:
    """Return the batch in `body`.

    Raises:
        ValueError: the bytes are no batch, or one of a version this side does not speak.
    """
    try:
        batch = _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a Watchroom batch: {error}") from error
    if batch.version != VERSION:
        raise ValueError(f"batch version {batch.version} is unknown here, which speaks {VERSION}")
    return batch


def pack(histogram: Histogram) -> Distribution:
    """Return the wire form of a histogram."""
    positive, negative = histogram.positive, histogram.negative
    above, below = sorted(positive), sorted(negative)
    return Distribution(
        histogram.scale,
        int(histogram.count),
        histogram.sum,
        int(histogram.zeros),
        above,
        [int(positive[index]) for index in above],
        below,
        [int(negative[index]) for index in below],
    )


def unpack(wire: Distribution) -> Histogram:
    """Return the histogram of a wire form.

    Raises:
        ValueError: the parallel lists differ in length.
    """
    return Histogram(
        wire.count,
        wire.sum,
        wire.zeros,
        dict(zip(wire.positive_index, wire.positive_count, strict=True)),
        dict(zip(wire.negative_index, wire.negative_count, strict=True)),
        wire.scale,
    )


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Batch)
