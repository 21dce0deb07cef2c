"""Answers as Prometheus' JSON."""

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchroom.api.prometheus.encoding import encode
from watchroom.model.histogram import Histogram
from watchroom.query.promql.answer import Answer, AnswerSeries


def series(labels: dict[str, str], times: list[int], values: list[float]) -> AnswerSeries:
    return AnswerSeries(tuple(sorted(labels.items())), np.array(times), np.array(values, float))


def text(answer: Answer, **more: Any) -> str:
    return b"".join(encode(answer, **more)).decode()


def test_a_scalar() -> None:
    answer = Answer("scalar", [series({}, [1500], [2.0])])
    assert text(answer) == (
        '{"status":"success","data":{"resultType":"scalar","result":[1.500,"2"]}}'
    )


def test_a_string() -> None:
    assert text(Answer("string", [], 'a"b'), moment=4000) == (
        '{"status":"success","data":{"resultType":"string","result":[4,"a\\"b"]}}'
    )


def test_bytes_that_are_no_text() -> None:
    assert text(Answer("string", [], "a\udcff"), moment=4000).endswith('[4,"a\ufffd"]}}')
    answer = Answer("vector", [series({"a": "\udcff"}, [1000], [1.0])], warnings=("no \udcff",))
    found = json.loads(text(answer))
    assert found["data"]["result"][0]["metric"] == {"a": "\ufffd"}
    assert found["warnings"] == ["no \ufffd"]


def test_a_vector() -> None:
    answer = Answer(
        "vector",
        [series({"__name__": "up"}, [1000], [np.inf]), series({}, [1000], [np.nan])],
    )
    assert text(answer) == (
        '{"status":"success","data":{"resultType":"vector","result":['
        '{"metric":{"__name__":"up"},"value":[1,"+Inf"]},{"metric":{},"value":[1,"NaN"]}]}}'
    )


def test_a_matrix() -> None:
    answer = Answer(
        "matrix",
        [series({"a": "1"}, [1000, 2500], [1.0, 0.00002]), series({"a": "2"}, [2500], [-0.5])],
    )
    assert text(answer) == (
        '{"status":"success","data":{"resultType":"matrix","result":['
        '{"metric":{"a":"1"},"values":[[1,"1"],[2.500,"0.00002"]]},'
        '{"metric":{"a":"2"},"values":[[2.500,"-0.5"]]}]}}'
    )


def test_nothing() -> None:
    assert text(Answer("matrix", [])) == (
        '{"status":"success","data":{"resultType":"matrix","result":[]}}'
    )


def test_histograms() -> None:
    histogram = Histogram(6, 8.5, 1, {-1: 2, 0: 3}, {0: 1}, 0, threshold=0.25)
    shown = {
        "count": "6",
        "sum": "8.5",
        "buckets": [
            [1, "-2", "-1", "1"],
            [3, "-0.25", "0.25", "1"],
            [0, "0.5", "1", "2"],
            [0, "1", "2", "3"],
        ],
    }
    none = np.array([], np.int64), np.array([], float)
    one = AnswerSeries((("a", "1"),), *none, [(2000, histogram)])
    vector = json.loads(text(Answer("vector", [one])))
    assert vector["data"]["result"] == [{"metric": {"a": "1"}, "histogram": [2, shown]}]
    both = series({"a": "1"}, [1000], [1.0])._replace(histograms=[(2000, histogram)])
    matrix = json.loads(text(Answer("matrix", [both])))
    assert matrix["data"]["result"] == [
        {"metric": {"a": "1"}, "values": [[1, "1"]], "histograms": [[2, shown]]}
    ]
    empty = AnswerSeries((), *none, [(0, Histogram())])
    assert '"histogram":[0,{"count":"0","sum":"0"}]' in text(Answer("vector", [empty]))


def test_notes_and_statistics() -> None:
    answer = Answer("vector", [], warnings=("careful",), infos=("by the way", "and"))
    assert text(answer, statistics={"samples": 1}) == (
        '{"status":"success","data":{"resultType":"vector","result":[],"stats":{"samples":1}},'
        '"warnings":["careful"],"infos":["by the way","and"]}'
    )


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 10**13), st.floats()), min_size=1, max_size=5),
        max_size=5,
    )
)
def test_any_matrix_reads_back(rows: list[list[tuple[int, float]]]) -> None:
    answer = Answer(
        "matrix",
        [series({}, [time for time, _ in row], [value for _, value in row]) for row in rows],
    )
    found = json.loads(text(answer))["data"]["result"]
    for row, line in zip(rows, found, strict=True):
        for (time, value), (shown_time, shown) in zip(row, line["values"], strict=True):
            assert round(shown_time * 1000) == time
            assert np.array_equal(float(shown), value, equal_nan=True)


def test_large_answers_come_in_blocks() -> None:
    times = list(range(0, 1000 * 1000, 1000))
    answer = Answer("matrix", [series({"n": str(n)}, times, [0.5] * 1000) for n in range(40)])
    blocks = encode(answer)
    assert len(blocks) > 3
    assert max(map(len, blocks)) < 300_000
    assert len(json.loads(b"".join(blocks))["data"]["result"]) == 40
