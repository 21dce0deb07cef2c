"""Version 1, against the generic library on the same schema."""

import contextlib
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.ingest.remote.schema import ONE

from watchroom.ingest.guard import Guard
from watchroom.ingest.intake import Intake
from watchroom.ingest.limits import Limits
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.remote import v1
from watchroom.ingest.remote.draft import TooMany
from watchroom.ingest.remote.known import Known
from watchroom.ingest.remote.wire import Malformed
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels, labels

NOW = 1_700_000_000_000
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]

TIMES = st.integers(NOW - 1000, NOW) | st.integers(-(1 << 63), (1 << 63) - 1) | st.just(0)
VALUES = st.floats() | st.sampled_from([0.0, -0.0, STALE, 1.0])
SERIES = st.tuples(
    st.integers(0, 3),
    st.lists(st.tuples(TIMES, VALUES), max_size=4)
    | st.lists(st.tuples(st.integers(NOW, NOW + 9), st.floats(1, 2)), min_size=2, max_size=2),
)
NAMED = [
    {"__name__": "up"},
    {"__name__": "up", "job": "a" * 200},
    {"__name__": "a.b", "ключ": "значение", "job": "x", "z": "\x12\x10\x09"},
    {"__name__": "c", "instance": "x:1", "job": "y"},
]


def request(rows: Sequence[Any]) -> Any:
    """Return the generic library's request."""
    message = ONE["WriteRequest"]()
    for number, samples in rows:
        series = message.timeseries.add()
        for name, value in sorted(NAMED[number].items()):
            series.labels.add(name=name, value=value)
        for time, value in samples:
            series.samples.add(timestamp=time, value=value)
    return message


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


class Decoded(Intake):
    """What a request holds, with what was refused."""

    refusals: Refusals


def read(body: bytes, known: Known, decode: Any = v1.decode) -> Any:
    """Return what a request holds; the refusals are its `refusals`."""
    intake, refusals = decode(body, known)
    found = Decoded(*intake)
    found.refusals = refusals
    return found


def samples(decoded: Any) -> list[tuple[Any, int, bytes]]:
    columns = (decoded.owners, decoded.times, decoded.values)
    owners, times, values = (column.tolist() for column in columns)
    return [
        (decoded.series[owner], time, bits(value))
        for owner, time, value in zip(owners, times, values, strict=True)
    ]


def expected(body: bytes) -> list[tuple[Labels, int, bytes]]:
    return [
        (
            tuple((each.name, each.value) for each in series.labels),
            sample.timestamp,
            bits(sample.value),
        )
        for series in ONE["WriteRequest"].FromString(body).timeseries
        for sample in series.samples
    ]


@given(st.lists(st.lists(SERIES, max_size=8), min_size=1, max_size=3))
def test_samples_are_those_of_the_generic_library(guard: Guard, requests: Any) -> None:
    known = Known(guard, Limits())
    for rows in requests * 2:
        body = request(rows).SerializeToString()
        decoded = read(body, known)
        assert samples(decoded) == expected(body)
        assert not decoded.refusals
        assert len(decoded.series) == sum(bool(each) for _, each in rows)


def varint(value: int, padding: int = 0) -> bytes:
    out = bytearray()
    while value > 0x7F or padding:
        if value <= 0x7F:
            padding -= 1
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes, padding: int = 0) -> bytes:
    return varint(number << 3 | 2, padding) + varint(len(content), padding) + content


UNKNOWN = st.sampled_from(
    [
        b"",
        field(15, b"whatever"),
        varint(20 << 3) + varint(1 << 40),
        varint(21 << 3 | 1) + bytes(8),
        varint(22 << 3 | 5) + bytes(4),
        varint(2 << 3) + varint(7),  # a known number with another wire type
    ]
)
PADDING = st.sampled_from([0, 0, 0, 1, 2])


@st.composite
def odd_messages(draw: st.DrawFn) -> bytes:
    """Return a request laid out in ways that are legal and unusual."""
    out = draw(UNKNOWN)
    for _ in range(draw(st.integers(0, 4))):
        parts = [
            field(1, field(1, name.encode()) + field(2, value.encode()), draw(PADDING))
            for name, value in sorted(NAMED[draw(st.integers(0, 3))].items())
        ]
        for _ in range(draw(st.integers(0, 3))):
            value = b"\x09" + struct.pack("<d", draw(VALUES))
            moment = draw(TIMES)
            padding = draw(PADDING) if 0 <= moment < 1 << 50 else 0
            time = b"\x10" + varint(moment & (1 << 64) - 1, padding)
            inside = draw(st.permutations([value, time, draw(UNKNOWN)]))
            parts.append(field(2, b"".join(inside), draw(PADDING)))
        parts.append(draw(UNKNOWN))
        order = draw(st.permutations(parts)) if draw(st.booleans()) else parts
        out += field(1, b"".join(order), draw(PADDING)) + draw(UNKNOWN)
    return out


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(odd_messages(), min_size=1, max_size=3))
def test_odd_layouts_are_those_of_the_generic_library(guard: Guard, bodies: list[bytes]) -> None:
    known = Known(guard, Limits())
    read(request([(number, [(NOW, 1.0)]) for number in range(4)]).SerializeToString(), known)
    for body in bodies:
        wanted = [(tuple(sorted(series)), time, value) for series, time, value in expected(body)]
        assert samples(read(body, known)) == wanted


@given(st.binary(max_size=60), st.data())
def test_any_bytes_are_read_or_refused(guard: Guard, junk: bytes, data: st.DataObject) -> None:
    known = Known(guard, Limits())
    body = request([(0, [(NOW, 1.0)]), (1, [(NOW, 0.0), (NOW + 1, 2.0)])]).SerializeToString()
    read(body, known)
    at = data.draw(st.integers(0, len(body)))
    for each in (junk, body[:at], body[:at] + junk + body[at:]):
        with contextlib.suppress(Malformed):
            read(each, known)


def test_a_stale_marker_keeps_its_bits(known: Known) -> None:
    body = request([(0, [(NOW, STALE)]), (1, [(NOW, STALE), (NOW + 1, 0.0)])]).SerializeToString()
    for _ in range(2):
        values = read(body, known).values
        assert values.view(np.int64)[:2].tolist() == [0x7FF0000000000002] * 2


def test_what_cannot_be_taken_is_named_and_the_rest_kept(known: Known) -> None:
    message = request([(0, [(NOW, 1.0)])])
    for pairs in ({"job": "x"}, {"": "x", "__name__": "a"}, {"__name__": "a" * 300}):
        series = message.timeseries.add()
        for name, value in pairs.items():
            series.labels.add(name=name, value=value)
        series.samples.add(timestamp=NOW, value=1)
    twice = message.timeseries.add()
    for value in ("up", "down"):
        twice.labels.add(name="__name__", value=value)
    twice.samples.add(timestamp=NOW, value=1)
    decoded = read(message.SerializeToString(), known)
    assert [series for series, _, _ in samples(decoded)] == [labels("up")]
    assert decoded.refusals.total() == 4
    said = " ".join(decoded.refusals.sentences())
    for part in ("metric name", "label name is empty", "at most 256 bytes", "comes twice"):
        assert part in said


def test_labels_that_are_no_text_are_refused(known: Known) -> None:
    label = field(1, field(1, b"__name__") + field(2, b"\xff"))
    decoded = read(field(1, label + field(2, b"\x10\x01")), known)
    assert "no UTF-8" in decoded.refusals.sentences()[0]


def test_unsorted_and_empty_labels_become_the_series_they_mean(known: Known) -> None:
    message = ONE["WriteRequest"]()
    series = message.timeseries.add()
    for name, value in (("z", "1"), ("__name__", "a"), ("empty", "")):
        series.labels.add(name=name, value=value)
    series.samples.add(timestamp=NOW, value=1)
    assert read(message.SerializeToString(), known).series == [labels("a", {"z": "1"})]


def test_exemplars_and_metadata(known: Known) -> None:
    message = request([(0, [(NOW, 1.0)])])
    for text in ("abc", "x" * 200):
        exemplar = message.timeseries[0].exemplars.add(value=0.5, timestamp=NOW)
        exemplar.labels.add(name="trace_id", value=text)
    message.metadata.add(metric_family_name="up", type=2, help="Is it up?", unit="bool")
    message.metadata.add(metric_family_name="new", type=99)
    decoded = read(message.SerializeToString(), known)
    assert decoded.exemplars == [(labels("up"), (("trace_id", "abc"),), NOW, 0.5)]
    assert "128 characters" in decoded.refusals.sentences()[0]
    assert decoded.metadata == [
        Metadata("up", Kind.GAUGE, "bool", "Is it up?"),
        Metadata("new", Kind.UNKNOWN),
    ]


@pytest.mark.parametrize(
    "body", [b"\x0a", b"\x0a\x05ab", b"\x0a\x80", b"\xff" * 11, b"\x0b", b"\x00\x01"]
)
def test_what_is_no_request_is_refused(known: Known, body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body, known)


def test_a_request_is_bounded(guard: Guard) -> None:
    limits = Limits(series=2000, samples=3000)
    with pytest.raises(TooMany, match="2000 series"):
        read(b"\x0a\x00" * 4096, Known(guard, limits))
    many = request([(0, [(NOW + each, 1.0) for each in range(3001)])]).SerializeToString()
    for _ in range(2):
        with pytest.raises(TooMany, match="3000 samples"):
            read(many, Known(guard, limits))
