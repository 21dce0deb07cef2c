"""Native histograms, spelt by the generic library."""

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ingest.remote.schema import ONE
from tests.unit.ingest.remote.test_v1 import read as decode

from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import Refused
from watchroom.ingest.remote.draft import TooMany
from watchroom.ingest.remote.histograms import converted, read
from watchroom.ingest.remote.known import Known
from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.model.labels import labels

NOW = 1_700_000_000_000
BUCKETS = st.dictionaries(st.integers(-300, 300), st.integers(1, 1 << 40), max_size=12)


def spelt(spans: Any, deltas: Any, buckets: dict[int, Any], first: int) -> list[float]:
    """Write buckets as spans with gaps, and steps; return the counts."""
    counts: list[float] = []
    last = 0
    for index in sorted(buckets):
        place = index - first
        gap = place - last
        if spans and 0 <= gap < 3:  # small gaps are spelt as empty buckets
            spans[-1].length += gap + 1
            counts += [0] * gap
        else:
            spans.add(offset=gap, length=1)
        counts.append(buckets[index])
        last = place + 1
    steps = [int(now - before) for before, now in zip([0, *counts], counts, strict=False)]
    deltas.extend(steps)
    return counts


def message(positive: dict[int, int], negative: dict[int, int], **fields: Any) -> Any:
    made = ONE["Histogram"](timestamp=NOW, **fields)
    spelt(made.positive_spans, made.positive_deltas, positive, -1)
    spelt(made.negative_spans, made.negative_deltas, negative, -1)
    return made


def back(made: Any) -> Histogram:
    body = made.SerializeToString()
    return converted(read(body, 0, len(body)))


@given(BUCKETS, BUCKETS, st.integers(0, 99), st.integers(-4, 8), st.floats(allow_nan=False))
def test_what_was_spelt_is_read(
    positive: Any, negative: Any, zeros: int, schema: int, total: float
) -> None:
    count = zeros + sum(positive.values()) + sum(negative.values())
    made = message(
        positive,
        negative,
        count_int=count,
        zero_count_int=zeros,
        sum=total,
        schema=schema,
        zero_threshold=0.25,
    )
    assert back(made) == Histogram(count, total, zeros, positive, negative, schema, 0.25)


def test_a_histogram_of_floats() -> None:
    made = ONE["Histogram"](
        count_float=3.5, zero_count_float=0.5, sum=1.0, schema=1, reset_hint=3, timestamp=NOW
    )
    made.positive_spans.add(offset=-2, length=2)
    made.positive_counts.extend([1.25, 1.75])
    wanted = Histogram(3.5, 1.0, 0.5, {-3: 1.25, -2: 1.75}, {}, 1, 0.0, (), True)
    assert back(made) == wanted


def test_what_was_calculated_need_not_add_up() -> None:
    made = ONE["Histogram"](count_float=1e300, sum=1.0, timestamp=NOW)
    made.positive_spans.add(offset=1, length=1)
    made.positive_counts.append(1e301)
    assert back(made).positive == {0: 1e301}


def test_custom_bounds() -> None:
    made = ONE["Histogram"](count_int=6, sum=9.0, schema=CUSTOM, custom_values=[0.5, 1.0])
    made.positive_spans.add(offset=0, length=3)
    made.positive_deltas.extend([1, 1, 1])
    assert back(made) == Histogram(6, 9.0, 0, {0: 1, 1: 2, 2: 3}, {}, CUSTOM, 0.0, (0.5, 1.0))


def test_what_was_no_number_is_counted_and_in_no_bucket() -> None:
    assert back(message({1: 2}, {}, count_int=3, sum=math.nan)).count == 3


def test_a_stale_marker_keeps_its_bits() -> None:
    stale = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
    found = back(ONE["Histogram"](sum=stale, timestamp=NOW)).sum
    assert struct.pack("<d", found) == struct.pack("<d", stale)


def wrong(**fields: Any) -> Any:
    return message({1: 2}, {}, **({"count_int": 2} | fields))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (wrong(schema=9), "schema"),
        (wrong(schema=-5), "schema"),
        (wrong(custom_values=[1.0]), "schema -53"),
        (wrong(count_int=1), "sum of its buckets"),
        (wrong(count_int=3, sum=1.0), "sum of its buckets"),
        (wrong(zero_threshold=-1.0), "threshold"),
        (wrong(zero_threshold=math.inf), "threshold"),
        (wrong(positive_deltas=[1]), "as its spans say"),
        (wrong(schema=CUSTOM, custom_values=[2.0, 1.0]), "ascend"),
        (wrong(schema=CUSTOM, custom_values=[1.0]), "custom values bound"),
        (wrong(schema=CUSTOM, zero_count_int=1, custom_values=[1.0, 2.0, 3.0]), "positive"),
        (message({1: -2}, {}), "negative"),
        (message({1: 1 << 54}, {}, count_int=1 << 54), "2\\^53"),
        (message({1 << 20: 2}, {}, count_int=2), "indexes"),
    ],
)
def test_what_makes_no_sense_is_refused(made: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        back(made)


def test_spans_ascend() -> None:
    made = wrong(count_int=4)
    made.positive_spans.add(offset=-1, length=1)
    made.positive_deltas.append(0)
    with pytest.raises(Refused, match="ascend"):
        back(made)


def series(*histograms: Any) -> bytes:
    request = ONE["WriteRequest"]()
    row = request.timeseries.add()
    row.labels.add(name="__name__", value="h")
    row.histograms.extend(histograms)
    body: bytes = request.SerializeToString()
    return body


def test_a_series_of_histograms(known: Known) -> None:
    decoded = decode(series(wrong(), wrong(schema=9), wrong()), known)
    assert [row[:2] for row in decoded.histograms] == [(labels("h"), NOW)] * 2
    assert decoded.refusals.total() == 1
    assert len(decoded.times) == 0


def test_histograms_are_bounded(known: Known) -> None:
    wide = ONE["Histogram"](positive_deltas=[0] * (64 << 10))
    assert "at most 65536 bytes" in decode(series(wide), known).refusals.sentences()[0]
    known.limits = Limits(buckets=1000)
    with pytest.raises(TooMany, match="1000 buckets"):
        decode(series(*[ONE["Histogram"](positive_deltas=[0] * 600)] * 2), known)
