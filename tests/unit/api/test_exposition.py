"""The Prometheus text format."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics import parser as openmetrics

from watchroom.api.exposition import (
    OPENMETRICS,
    TEXT,
    Exposed,
    LabelText,
    expose,
    negotiate,
    numbers,
    write,
)
from watchroom.model.labels import labels


def test_format() -> None:
    text = expose(
        [
            Exposed("a_total", "counter", "As.", [({}, 3.0)]),
            Exposed("b", "gauge", "Bs.", [({"x": "1", "y": "2"}, 0.25), ({"x": "2"}, -1.0)]),
            Exposed("empty", "gauge", "None yet.", []),
        ]
    )
    assert text == (
        "# HELP a_total As.\n# TYPE a_total counter\na_total 3\n"
        '# HELP b Bs.\n# TYPE b gauge\nb{x="1",y="2"} 0.25\nb{x="2"} -1\n'
        "# HELP empty None yet.\n# TYPE empty gauge\n"
    )


def test_escapes() -> None:
    text = expose([Exposed("a", "gauge", 'back\\slash "kept"\nline', [({"x": 'a\\b"c\nd'}, 1.0)])])
    assert '# HELP a back\\\\slash "kept"\\nline\n' in text
    assert 'a{x="a\\\\b\\"c\\nd"} 1\n' in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (1e300, "1e+300"),
        (0.1, "0.1"),
        (1_700_000_000.0, "1700000000"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert expose([Exposed("a", "gauge", "", [({}, value)])]).endswith(f"\na {text}\n")


def test_openmetrics_is_read_by_its_parser() -> None:
    metrics = [
        Exposed("a_total", "counter", 'As, "quoted".', [({"x": "y\n"}, 3.0)]),
        Exposed("b", "untyped", "Bs.", [({}, 0.5)]),
    ]
    text = expose(metrics, OPENMETRICS)
    families = {each.name: each for each in openmetrics.text_string_to_metric_families(text)}
    assert text.endswith("# EOF\n")
    assert families["a"].type == "counter"
    assert families["a"].documentation == 'As, "quoted".'
    assert families["a"].samples[0].labels == {"x": "y\n"}
    assert families["b"].type == "unknown"


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("application/openmetrics-text; version=1.0.0", OPENMETRICS),
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.6", TEXT),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", OPENMETRICS),
        ("application/openmetrics-text;version=9.0.0,text/plain;version=0.0.4;q=0.1", TEXT),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", TEXT),
        ("text/plain;q=nonsense, ;;,", TEXT),
    ],
)
def test_negotiation(accept: str, answer: str) -> None:
    assert negotiate(accept) == answer


def test_many_series_in_chunks() -> None:
    series = [labels("a", {"i": str(i)}) for i in range(5)] + [labels("b_total")]
    values = np.array([0.0, 1.5, math.nan, math.inf, 1e300, -2.0])
    times = np.arange(6, dtype=np.int64) + 1_700_000_000_000
    chunks = list(write(series, values, times, kinds={"b_total": "counter"}, chunk=4))
    assert len(chunks) == 2
    assert b"".join(chunks).decode().splitlines() == [
        "# TYPE a untyped",
        'a{i="0"} 0 1700000000000',
        'a{i="1"} 1.5 1700000000001',
        'a{i="2"} NaN 1700000000002',
        'a{i="3"} +Inf 1700000000003',
        'a{i="4"} 1e300 1700000000004',
        "# TYPE b_total counter",
        "b_total -2 1700000000005",
    ]


def test_names_of_any_letters_are_quoted() -> None:
    series = [labels("http.requests", {"a.b": 'x"y', "c": "d"})]
    text = b"".join(write(series, np.array([1.0]), kinds={})).decode()
    assert text == '# TYPE "http.requests" untyped\n{"http.requests","a.b"="x\\"y",c="d"} 1\n'


@given(st.lists(st.floats(), min_size=1, max_size=50))
def test_numbers_read_back(values: list[float]) -> None:
    back = [float(text) for text in numbers(np.array(values))]
    assert np.array_equal(np.array(back), np.array(values), equal_nan=True)


def test_no_series_make_no_text() -> None:
    assert list(write([], np.array([]))) == []


def test_a_label_set_is_written_anew_when_its_place_is_taken() -> None:
    cache = LabelText(most=2)
    for i in range(10):
        made = labels("a", {"i": str(i)})
        assert b"".join(write([made], np.array([1.0]), cache=cache)) == b'a{i="%d"} 1\n' % i


def test_series_with_times_in_openmetrics() -> None:
    text = b"".join(
        write(
            [labels("a", {"x": "1"}), labels("b")],
            np.array([1.0, 2.5]),
            np.array([1_700_000_000_500, 1_700_000_001_000]),
            kinds={},
            content_type=OPENMETRICS,
        )
    ).decode()
    assert text == (
        '# TYPE a unknown\na{x="1"} 1 1700000000.5\n# TYPE b unknown\nb 2.5 1700000001\n# EOF\n'
    )
    assert [each.type for each in openmetrics.text_string_to_metric_families(text)] == [
        "unknown",
        "unknown",
    ]
