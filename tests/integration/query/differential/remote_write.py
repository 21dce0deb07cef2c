"""Remote write 1.0 with floats and native histograms, by hand: what Prometheus takes samples by."""

import struct
from collections.abc import Iterable, Iterator, Mapping

import cramjam
from tests.integration.query.differential.data import STALE, Line

from watchroom.model.histogram import Histogram

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_STALE_BITS = struct.pack("<Q", 0x7FF0000000000002)


def body(lines: Iterable[Line]) -> bytes:
    """Return a write request of some series, each with samples in time order."""
    request = b"".join(_field(1, _series(line)) for line in lines if line.samples)
    return bytes(cramjam.snappy.compress_raw(request))


def _series(line: Line) -> bytes:
    out = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, value.encode()))
        for name, value in line.labels
    )
    for time, value in line.samples:
        if isinstance(value, Histogram):
            out += _field(4, _histogram(value, time))
        else:
            bits = struct.pack("<d", value) if isinstance(value, float) else _STALE_BITS
            assert isinstance(value, float) or value == STALE
            out += _field(2, b"\x09" + bits + _number(2, time))
    return out


def _histogram(value: Histogram, time: int) -> bytes:
    return (
        _number(1, int(value.count))
        + b"\x19"
        + struct.pack("<d", value.sum)
        + _number(4, _zigzag(value.scale))
        + _number(6, int(value.zeros))
        + _buckets(8, value.negative)
        + _buckets(11, value.positive)
        + _number(15, time)
    )


def _buckets(field: int, buckets: Mapping[int, float]) -> bytes:
    """Return the spans in `field` and the deltas of the counts in the one after it."""
    spans, deltas, before, end = b"", b"", 0, 0
    for first, counts in _runs(buckets):
        spans += _field(field, _number(1, _zigzag(first - end)) + _number(2, len(counts)))
        end = first + len(counts)
        for count in counts:
            deltas += _varint(_zigzag(count - before))
            before = count
    return spans + _field(field + 1, deltas)


def _runs(buckets: Mapping[int, float]) -> Iterator[tuple[int, list[int]]]:
    """Yield the first index and the counts of each run; indexes are one higher than ours."""
    run: list[int] = []
    first = 0
    for index in sorted(buckets):
        if run and index + 1 != first + len(run):
            yield first, run
            run = []
        if not run:
            first = index + 1
        run.append(int(buckets[index]))
    if run:
        yield first, run


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3]) + _varint(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
