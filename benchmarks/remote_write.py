"""Prometheus remote write 1.0, by hand: three messages of protocol buffers, packed with snappy.

All requests for the same series have the same layout, so the body is laid out once and only the
values and times are written into it; the feeder must not be what is measured.
"""

from collections.abc import Iterable, Sequence

import cramjam
import numpy as np
from numpy.typing import ArrayLike

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_TIME_BYTES = 6  # a varint of milliseconds since the epoch, until the year 2109


class Requests:
    """Makes the write requests for a fixed set of series, with so many samples each."""

    def __init__(self, series: Sequence[Iterable[tuple[str, str]]], samples: int = 1) -> None:
        sample = field(2, b"\x09" + b"\0" * 8 + b"\x10" + b"\0" * _TIME_BYTES)
        body = bytearray()
        ends = []
        for labels in series:
            block = b"".join(
                field(1, field(1, name.encode()) + field(2, value.encode()))
                for name, value in sorted(labels)
            )
            body += field(1, block + sample * samples)
            ends.append(len(body))
        before = (samples - 1 - np.arange(samples)) * len(sample) + 8 + 1 + _TIME_BYTES
        places = (np.array(ends)[:, None] - before)[:, :, None]
        self._layout = np.frombuffer(bytes(body), dtype=np.uint8)
        self._values = places + np.arange(8)
        self._times = places + 9 + np.arange(_TIME_BYTES)

    def body(self, values: ArrayLike, times: int | Sequence[int]) -> bytes:
        """Return the body that writes values [series, samples] at times [samples] in ms.

        With one sample for each series, `values` may be flat and `times` a number.
        """
        body = self._layout.copy()
        body[self._values] = np.array(values, "<f8").view(np.uint8).reshape(self._values.shape)
        packed = b"".join(map(varint, np.atleast_1d(times).tolist()))
        body[self._times] = np.frombuffer(packed, np.uint8).reshape(-1, _TIME_BYTES)
        return bytes(cramjam.snappy.compress_raw(body.tobytes()))


def field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """Return a number as a varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
