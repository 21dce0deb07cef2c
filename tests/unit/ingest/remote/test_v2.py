"""Version 2, against the generic library on the same schema."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ingest.remote.schema import TWO
from tests.unit.ingest.remote.test_v1 import NAMED, NOW, SERIES, bits, samples
from tests.unit.ingest.remote.test_v1 import read as read_by

from watchroom.ingest.guard import Guard
from watchroom.ingest.limits import Limits
from watchroom.ingest.remote import v2
from watchroom.ingest.remote.draft import TooMany
from watchroom.ingest.remote.known import Known
from watchroom.ingest.remote.wire import Malformed
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels, labels

COUNTER = 1


def decode(body: bytes, known: Known) -> Any:
    return read_by(body, known, v2.decode)


class Symbols:
    """The table of symbols as it grows; `many` first makes the references long."""

    def __init__(self, message: Any, many: int = 0) -> None:
        self._numbers = {"": 0} | {f"filler {number}": number + 1 for number in range(many)}
        self._message = message
        message.symbols.extend(self._numbers)

    def __call__(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self._numbers)
            self._message.symbols.append(text)
        return self._numbers[text]


def request(rows: Sequence[Any], many: int = 0) -> Any:
    """Return the generic library's request."""
    message = TWO["Request"]()
    symbol = Symbols(message, many)
    for number, found in rows:
        series = message.timeseries.add()
        for pair in sorted(NAMED[number].items()):
            series.labels_refs.extend(map(symbol, pair))
        for time, value in found:
            series.samples.add(timestamp=time, value=value)
        if number % 2:
            series.metadata.type = COUNTER
            series.metadata.help_ref = symbol("Some help.")
    return message


def expected(body: bytes) -> list[tuple[Labels, int, bytes]]:
    message = TWO["Request"].FromString(body)
    rows = []
    for series in message.timeseries:
        texts = [message.symbols[number] for number in series.labels_refs]
        named = tuple(zip(texts[::2], texts[1::2], strict=True))
        rows += [(named, each.timestamp, bits(each.value)) for each in series.samples]
    return rows


@given(st.lists(st.lists(SERIES, max_size=8), min_size=1, max_size=3), st.sampled_from([0, 200]))
def test_samples_are_those_of_the_generic_library(guard: Guard, requests: Any, many: int) -> None:
    known = Known(guard, Limits())
    for rows in requests * 2:
        body = request(rows, many).SerializeToString()
        decoded = decode(body, known)
        assert sorted(samples(decoded), key=repr) == sorted(expected(body), key=repr)
        assert not decoded.refusals
        named = {NAMED[number]["__name__"] for number, found in rows if number % 2}
        assert {each.name for each in decoded.metadata} == named


@given(st.binary(max_size=60), st.data())
def test_any_bytes_are_read_or_refused(guard: Guard, junk: bytes, data: st.DataObject) -> None:
    known = Known(guard, Limits())
    body = request([(0, [(NOW, 1.0)]), (1, [(NOW, 0.0), (NOW + 1, 2.0)])]).SerializeToString()
    decode(body, known)
    at = data.draw(st.integers(0, len(body)))
    for each in (junk, body[:at], body[:at] + junk + body[at:]):
        try:
            decode(each, known)
        except Malformed:
            continue


def test_metadata_goes_with_its_series(known: Known) -> None:
    message = request([(1, [(NOW, 1.0)])])
    assert decode(message.SerializeToString(), known).metadata == [
        Metadata("up", Kind.COUNTER, "", "Some help.")
    ]


def test_references_that_lead_nowhere_refuse_their_series_alone(known: Known) -> None:
    message = request([(0, [(NOW, 1.0)]), (0, [(NOW, 2.0)]), (0, [(NOW, 3.0)])])
    message.timeseries[1].labels_refs.append(1)
    message.timeseries[2].labels_refs.extend([77, 78])
    decoded = decode(message.SerializeToString(), known)
    assert len(decoded.times) == 1
    said = " ".join(decoded.refusals.sentences())
    assert "two references" in said
    assert "refers to none" in said


def test_the_first_symbol_is_empty(known: Known) -> None:
    message = request([(0, [(NOW, 1.0)])])
    message.symbols[0] = "x"
    with pytest.raises(Malformed, match="empty text"):
        decode(message.SerializeToString(), known)


def test_symbols_that_are_no_text_are_refused(known: Known) -> None:
    symbols = [b"", b"__name__", b"\xff"]
    body = b"".join(b"\x22" + bytes([len(each)]) + each for each in symbols)
    body += b"\x2a\x08\x0a\x02\x01\x02\x12\x02\x10\x01"
    assert "no UTF-8" in decode(body, known).refusals.sentences()[0]


def test_a_start_is_a_zero_once(known: Known) -> None:
    message = request([(0, [(NOW, 5.0)])])
    message.timeseries[0].created_timestamp = NOW - 1000
    body = message.SerializeToString()
    started = (labels("up"), NOW - 1000, bits(0.0))
    assert samples(decode(body, known)) == [started, (labels("up"), NOW, bits(5.0))]
    assert len(decode(body, known).times) == 1
    message.timeseries[0].samples[0].start_timestamp = NOW - 500
    assert samples(decode(message.SerializeToString(), known))[0][1] == NOW - 500


def test_a_start_long_ago_says_nothing(known: Known) -> None:
    message = request([(0, [(NOW, 5.0)])])
    message.timeseries[0].created_timestamp = NOW - 3_600_000
    assert len(decode(message.SerializeToString(), known).times) == 1


def test_a_histogram_starts_from_nothing(known: Known) -> None:
    message = request([(0, [])])
    sent = message.timeseries[0].histograms.add(
        count_int=2, sum=3.0, schema=3, timestamp=NOW, start_timestamp=NOW - 1000
    )
    sent.positive_spans.add(offset=1, length=1)
    sent.positive_deltas.append(2)
    assert decode(message.SerializeToString(), known).histograms == [
        (labels("up"), NOW - 1000, Histogram(0, 0.0, 0, {}, {}, 3)),
        (labels("up"), NOW, Histogram(2, 3.0, 0, {0: 2}, {}, 3)),
    ]


def test_exemplars_refer_to_symbols(known: Known) -> None:
    message = request([(0, [(NOW, 5.0)])])
    message.symbols.extend(["trace_id", "abc"])
    last = len(message.symbols)
    message.timeseries[0].exemplars.add(
        labels_refs=[last - 2, last - 1], value=0.25, timestamp=NOW - 1
    )
    decoded = decode(message.SerializeToString(), known)
    assert decoded.exemplars == [(labels("up"), (("trace_id", "abc"),), NOW - 1, 0.25)]


def test_a_request_is_bounded(guard: Guard) -> None:
    limits = Limits(series=2000, symbols=3000)
    with pytest.raises(TooMany, match="2000 series"):
        decode(b"\x22\x00" + b"\x2a\x00" * 4096, Known(guard, limits))
    with pytest.raises(TooMany, match="3000 symbols"):
        decode(b"\x22\x00" * 4096, Known(guard, limits))
    refs = b"\x2a\x84\x20\x0a\x81\x20" + bytes(4097)
    decoded = decode(b"\x22\x00" + refs, Known(guard, limits))
    assert "at most 1024 bytes" in decoded.refusals.sentences()[0]
