"""What the journal holds: the floats and histogram rows of one write."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from watchroom.storage.embedded.codec import pack, unpack
from watchroom.storage.embedded.histograms import Row, Strand
from watchroom.storage.embedded.runs import Columns


class Item(NamedTuple):
    """One histogram sample: whose, of which strand, and how it is kept."""

    series: int
    strand: Strand
    row: Row


def encode(floats: Columns, items: Sequence[Item]) -> bytes:
    """Return one write as bytes."""
    numbers, times, values = floats
    base = int(times.min()) if len(times) else 0
    offsets = times - base
    if not len(times) or int(offsets.max()) < 1 << 32:
        offsets = offsets.astype(np.uint32)
    columns = [numbers, np.array([base], np.int64), offsets, values]
    return pack([*columns, *_columns(items)] if items else columns)


def decode(body: bytes) -> tuple[Columns, list[Item]]:
    """Return what `encode` was given. Raises Damaged."""
    numbers, base, offsets, values, *rest = unpack(body)
    floats = Columns(numbers, base[0] + offsets.astype(np.int64), values)
    return floats, list(_items(*rest)) if rest else []


def _columns(items: Sequence[Item]) -> list[Any]:
    ints = [
        (number, row.time, row.scale, row.flag, strand[1], len(strand[0]), len(row.buckets))
        for number, strand, row in items
    ]
    parts = [(row.count, row.sum, row.zeros, row.threshold) for _, _, row in items]
    bounds = [bound for _, strand, _ in items for bound in strand[0]]
    index = [key for _, _, row in items for key in row.buckets]
    delta = [count for _, _, row in items for count in row.buckets.values()]
    return [
        np.array(ints, np.int64).reshape(-1),
        np.array(parts, np.float64).reshape(-1),
        np.array(bounds, np.float64),
        np.array(index, np.int64),
        np.array(delta, np.float64),
    ]


def _items(ints: Any, parts: Any, bounds: Any, index: Any, delta: Any) -> Iterator[Item]:
    limits, keys, counts = (column.tolist() for column in (bounds, index, delta))
    at = position = 0
    for about, four in zip(
        ints.reshape(-1, 7).tolist(), parts.reshape(-1, 4).tolist(), strict=True
    ):
        number, time, scale, flag, gauge, width, size = about
        strand = tuple(limits[at : at + width]), bool(gauge)
        part = slice(position, position + size)
        at, position = at + width, position + size
        buckets = dict(zip(keys[part], counts[part], strict=True))
        yield Item(number, strand, Row._make([time, *four, scale, flag, buckets]))
