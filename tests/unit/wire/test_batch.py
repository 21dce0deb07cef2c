import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind
from watchroom.wire.batch import (
    Batch,
    Distribution,
    Metric,
    Occurrence,
    Point,
    decode,
    encode,
    pack,
    unpack,
)

BUCKETS = st.dictionaries(st.integers(-5000, 5000), st.integers(1, 1 << 40), max_size=20)


def batch(**more: object) -> Batch:
    known: dict[str, object] = {
        "id": "a-1",
        "service": "shop",
        "instance": "host:1",
        "time": 2000,
        "previous": 1000,
    }
    return Batch(**(known | more))  # type: ignore[arg-type]


def test_a_batch_survives_the_way() -> None:
    sent = batch(
        metrics=[
            Metric(
                "jobs_total", Kind.COUNTER, "1", "jobs", ["queue"], [Point(["mail"], 3.0, True)]
            ),
            Metric("size", Kind.HISTOGRAM, "By", "", [], [Point([], Distribution(6, 1, 2.0))]),
        ],
        events=[Occurrence("note", 1500, "INFO", {"deep": [1, {"x": None}]})],
    )
    assert decode(encode(sent)) == sent


@given(BUCKETS, BUCKETS, st.integers(0, 10), st.floats(allow_nan=False))
def test_a_histogram_survives_the_way(
    positive: dict[int, int], negative: dict[int, int], zeros: int, total: float
) -> None:
    count = sum(positive.values()) + sum(negative.values()) + zeros
    histogram = Histogram(count, total, zeros, positive, negative)
    assert unpack(pack(histogram)) == histogram


@pytest.mark.parametrize("body", [b"", b"{}", b"\x80", b"\xc1", b"\x93\x01\x02\x03", b"\x00" * 100])
def test_other_bytes_are_refused_by_name(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a Watchroom batch"):
        decode(body)


def test_another_version_is_refused_by_number() -> None:
    with pytest.raises(ValueError, match="version 9 is unknown here, which speaks 1"):
        decode(encode(batch(version=9)))


def test_fields_of_a_later_minor_form_are_passed_over() -> None:
    fields = msgspec.msgpack.decode(encode(batch()))
    assert decode(msgspec.msgpack.encode(fields | {"hue": "blue"})) == batch()


def test_lists_of_different_lengths_are_no_histogram() -> None:
    with pytest.raises(ValueError, match="zip"):
        unpack(Distribution(6, 3, 1.0, 0, [1, 2], [3]))
