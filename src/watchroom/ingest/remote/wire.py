"""The wire of protocol buffers, walked by hand.

https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

_TOP = 1 << 63
_MASK = (1 << 64) - 1
_VARINT_BITS = 70


class Malformed(ValueError):
    """The bytes are no message."""


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the varint at a place, unsigned, and the place behind it. Raises Malformed."""
    value = shift = 0
    while at < end and shift < _VARINT_BITS:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK, at
        shift += 7
    raise Malformed(f"a number is cut or too long at byte {at}")


def fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the number, wire type, start and end of each field; of a VARINT its value and end.

    Raises Malformed.
    """
    while at < end:
        tag, at = varint(data, at, end)
        number, kind = tag >> 3, tag & 7
        if not number:
            raise Malformed(f"the field before byte {at} has no number")
        if kind == VARINT:
            value, at = varint(data, at, end)
            yield number, kind, value, at
            continue
        if kind == BYTES:
            size, at = varint(data, at, end)
        elif kind in {FIXED64, FIXED32}:
            size = 8 if kind == FIXED64 else 4
        else:
            raise Malformed(f"wire type {kind} at byte {at} is unknown")
        if size > end - at:
            raise Malformed(f"a field at byte {at} is longer than its message")
        yield number, kind, at, at + size
        at += size


def varints(data: bytes, at: int, end: int) -> Iterator[int]:
    """Yield packed varints, unsigned. Raises Malformed."""
    while at < end:
        value, at = varint(data, at, end)
        yield value


def signed(value: int) -> int:
    """Return an int64 from its varint."""
    return value - (1 << 64) if value >= _TOP else value


def zigzag(value: int) -> int:
    """Return a sint64 from its varint."""
    return (value >> 1) ^ -(value & 1)
