"""Samples as they nearly always lie on the wire, decoded all at once.

A sample with a value and a time of 6 bytes (from 1971 to 2109) takes 18 bytes: tag and length of
the message, tag and value, tag and time. One whose value is zero takes 9: zero is not written.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchroom.storage.contract import Floats, Ints, Times

WHOLE = 18
ZERO = 9

Bytes = NDArray[np.uint8]

_WEIGHTS = 1 << np.arange(0, 42, 7, dtype=np.int64)
_WHOLE_HEAD = np.frombuffer(b"\x12\x10\x09", np.uint8)
_ZERO_HEAD = np.frombuffer(b"\x12\x07\x10", np.uint8)
_TIME_TAG = 0x10
_MORE = 0x80


class Block(NamedTuple):
    """n samples in the order of their places, and which rows are in the usual layout at all."""

    times: Times
    values: Floats
    usual: NDArray[np.bool_]


def whole(body: bytes, places: Ints) -> Block:
    """Decode samples of 18 bytes that begin at `places`."""
    rows = _rows(body, places, WHOLE)
    times, usual = _times(rows[:, 12:])
    usual &= (rows[:, :3] == _WHOLE_HEAD).all(axis=1)
    usual &= rows[:, 11] == _TIME_TAG
    values = rows[:, 3:11].copy().view("<f8").ravel().astype(np.float64, copy=False)
    return Block(times, values, usual)


def zero(body: bytes, places: Ints) -> Block:
    """Decode samples of 9 bytes, whose value is zero, that begin at `places`."""
    rows = _rows(body, places, ZERO)
    times, usual = _times(rows[:, 3:])
    usual &= (rows[:, :3] == _ZERO_HEAD).all(axis=1)
    return Block(times, np.zeros(len(places)), usual)


def _rows(body: bytes, places: Ints, size: int) -> Bytes:
    raw = np.frombuffer(body, np.uint8)
    if len(raw) < size:
        return np.empty((0, size), np.uint8)
    return np.lib.stride_tricks.sliding_window_view(raw, size)[places]


def _times(rows: Bytes) -> tuple[Times, NDArray[np.bool_]]:
    """Return the varints of 6 bytes, and which rows are such."""
    usual = (rows[:, :5] >= _MORE).all(axis=1) & (rows[:, 5] < _MORE)
    return (rows & 0x7F).astype(np.int64) @ _WEIGHTS, usual
