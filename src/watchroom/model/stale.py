"""Staleness markers: the one NaN that says a series has ended for now.

The bits are those of Prometheus, so that markers go in and out unchanged. Any other NaN is a value.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the watched side has no NumPy
    import numpy as np
    from numpy.typing import NDArray

import struct

BITS = 0x7FF0000000000002
"""A signalling NaN that no calculation yields."""

STALE: float = struct.unpack("<d", struct.pack("<Q", BITS))[0]


def is_stale(values: "NDArray[np.float64]") -> "NDArray[np.bool_]":
    """Say which of an array's values are markers."""
    bits: Any = values.view("<i8")
    return bits == BITS  # type: ignore[no-any-return]


def marks_stale(value: float) -> bool:
    """Say whether one value is a marker."""
    return value != value and struct.pack("<d", value) == _PACKED


_PACKED = struct.pack("<Q", BITS)
