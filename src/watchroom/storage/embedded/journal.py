"""What the journal holds: floats and increments of one write, and the states between seals."""

import json
from typing import Any

import numpy as np

from watchroom.model.histogram import Histogram
from watchroom.storage.embedded.codec import pack, sign, unpack, verify
from watchroom.storage.embedded.histograms import Increment

Increments = list[tuple[int, Increment]]


def encode(floats: list[Any], increments: Increments) -> bytes:
    """Return one write as bytes; `floats` are the columns number, time, value."""
    ints = [
        (number, each.time, each.count, each.zeros, each.scale, each.reset, len(each.buckets))
        for number, each in increments
    ]
    sums = np.array([each.sum for _, each in increments], np.float64)
    index = [key for _, each in increments for key in each.buckets]
    delta = [count for _, each in increments for count in each.buckets.values()]
    flat = np.array(ints, np.int64).reshape(-1)
    return pack([*floats, flat, sums, np.array(index, np.int64), np.array(delta, np.int64)])


def decode(body: bytes) -> tuple[list[Any], Increments]:
    """Return what `encode` was given. Raises Damaged."""
    *floats, flat, sums, index, delta = unpack(body)
    increments = []
    position = 0
    for row, total in zip(flat.reshape(-1, 7).tolist(), sums.tolist(), strict=True):
        number, moment, count, zeros, scale, reset, size = row
        part = slice(position, position + size)
        buckets = dict(zip(index[part].tolist(), delta[part].tolist(), strict=True))
        position += size
        increment = Increment(moment, count, total, zeros, scale, buckets, bool(reset))
        increments.append((number, increment))
    return floats, increments


def state_text(number: int, state: Histogram, newest: int) -> str:
    """Return a histogram's cumulative value and time, as the next increment needs them."""
    buckets = dict(state.positive), dict(state.negative)
    return sign(json.dumps([newest, *state[:3], *buckets, state.scale]), number)


def state_of(number: int, text: str) -> tuple[Histogram, int]:
    """Return what `state_text` was given. Raises Damaged."""
    plain = json.loads(verify(text, number))
    newest, count, total, zeros, positive, negative, scale = plain
    above, below = ({int(index): n for index, n in side.items()} for side in (positive, negative))
    return Histogram(count, total, zeros, above, below, scale), newest
