"""The small messages, read field by field; both versions number their values and times alike."""

import struct

from watchroom.ingest.naming import Refused
from watchroom.ingest.remote.wire import BYTES, FIXED64, VARINT, fields, signed

_DOUBLE = struct.Struct("<d")
_VALUE = 1
_TIME = 2
_STARTED = 3
_LABELS, _EXEMPLAR_VALUE, _EXEMPLAR_TIME = 1, 2, 3


def double(body: bytes, at: int) -> float:
    """Return the float64 at a place, bit for bit."""
    value: float = _DOUBLE.unpack_from(body, at)[0]
    return value


def sample(body: bytes, start: int, stop: int) -> tuple[int, float, int]:
    """Return a sample's time, value, and start time, which is 0 unless told. Raises Malformed."""
    value = 0.0
    times = {_TIME: 0, _STARTED: 0}
    for number, wire, first, _ in fields(body, start, stop):
        if number == _VALUE and wire == FIXED64:
            value = double(body, first)
        elif wire == VARINT and number in times:
            times[number] = signed(first)
    return times[_TIME], value, times[_STARTED]


def exemplar(body: bytes, start: int, stop: int) -> tuple[list[tuple[int, int, int]], int, float]:
    """Return where an exemplar's labels are, as wire type, start and end; its time and value.

    Raises Malformed.
    """
    labels: list[tuple[int, int, int]] = []
    value, time = 0.0, 0
    for number, wire, first, last in fields(body, start, stop):
        if number == _LABELS:
            labels.append((wire, first, last))
        elif number == _EXEMPLAR_VALUE and wire == FIXED64:
            value = double(body, first)
        elif number == _EXEMPLAR_TIME and wire == VARINT:
            time = signed(first)
    return labels, time, value


def label(body: bytes, start: int, stop: int) -> tuple[str, str]:
    """Return the name and value of a label of version 1. Raises Malformed, Refused."""
    texts = {1: b"", 2: b""}
    for number, wire, first, last in fields(body, start, stop):
        if wire == BYTES and number in texts:
            texts[number] = body[first:last]
    try:
        return texts[1].decode(), texts[2].decode()
    except UnicodeDecodeError:
        raise Refused(f"a label is no UTF-8: {texts[1][:40]!r} = {texts[2][:40]!r}") from None
