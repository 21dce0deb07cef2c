"""Prometheus remote write 1.0, by hand: three messages of protocol buffers, packed with snappy.

All requests for the same series have the same layout, so the body is laid out once and only the
values and times are written into it; the feeder must not be what is measured.
"""

from collections.abc import Iterable, Sequence

import cramjam
import numpy as np

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_TIME_BYTES = 6  # a varint of milliseconds since the epoch, until the year 2109


class Requests:
    """Makes the write requests for a fixed set of series."""

    def __init__(self, series: Sequence[Iterable[tuple[str, str]]]) -> None:
        body = bytearray()
        places = []
        for labels in series:
            block = b"".join(
                field(1, field(1, name.encode()) + field(2, value.encode()))
                for name, value in sorted(labels)
            )
            sample = b"\x09" + b"\0" * 8 + b"\x10" + b"\0" * _TIME_BYTES
            body += field(1, block + field(2, sample))
            places.append(len(body) - 8 - 1 - _TIME_BYTES)
        self._layout = np.frombuffer(bytes(body), dtype=np.uint8)
        self._values = np.array(places)[:, None] + np.arange(8)
        self._times = np.array(places)[:, None] + 9 + np.arange(_TIME_BYTES)

    def body(self, values: Sequence[float], time: int) -> bytes:
        """Return the body that writes one value per series at `time` milliseconds."""
        body = self._layout.copy()
        body[self._values] = np.array(values, dtype="<f8").view(np.uint8).reshape(-1, 8)
        body[self._times] = np.frombuffer(varint(time), dtype=np.uint8)
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
