"""Times, durations and counts as Prometheus reads them."""

import pytest

from watchroom.api.errors import ApiError
from watchroom.api.prometheus.parameters import (
    EVER,
    Parameters,
    format_duration,
    parse_duration,
    parse_time,
)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("1435781451.781", 1435781451781),
        ("1.4357814517815e9", 1435781451782),
        ("-1.5", -1500),
        ("2015-06-03T13:21:58.555Z", 1433337718555),
        ("2015-06-03T14:21:58.5559+01:00", 1433337718555),
        ("1969-12-31T23:59:59.5Z", -500),
        ("1e300", EVER),
        ("-9223309901257974", -EVER),
        ("292277025-08-18T07:12:54.999999999Z", EVER),
    ],
)
def test_times(text: str, milliseconds: int) -> None:
    assert parse_time(text) == milliseconds


@pytest.mark.parametrize(
    "text", ["", "now", "nan", "inf", "1e999", "2015-06-03", "2015-02-31T00:00:00Z", "1 ", "0x10"]
)
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15", 15.0), ("0.5", 0.5), ("1h30m", 5400.0), ("1w2d", 777_600.0), ("20ms", 0.02), ("0s", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5x", "m", "1m1h", "1.5h", "-5m", "nan"])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize("text", ["15d", "1h30m", "500ms", "1m0s", "36h"])
def test_durations_are_written_as_prometheus_does(text: str) -> None:
    wanted = {"1m0s": "1m"}.get(text, text)
    assert format_duration(round((parse_duration(text) or 0) * 1000)) == wanted


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda given: given.time("start"), 'invalid parameter "start": cannot parse "" to'),
        (lambda given: given.time("time"), 'invalid parameter "time": cannot parse "soon" to'),
        (lambda given: given.duration("step"), 'invalid parameter "step": cannot parse "x" to'),
        (lambda given: given.duration("long"), "It overflows int64"),
        (lambda given: given.count("limit"), 'invalid parameter "limit": "-1" is not'),
    ],
)
def test_a_bad_one_is_named(ask: object, message: str) -> None:
    given = Parameters([("time", "soon"), ("step", "x"), ("limit", "-1"), ("long", "300y")])
    with pytest.raises(ApiError) as caught:
        ask(given)  # type: ignore[operator]
    assert caught.value.status == 400
    assert caught.value.code == "bad_data"
    assert message in caught.value.message


def test_the_first_counts_and_all_are_there() -> None:
    given = Parameters([("match[]", "a"), ("match[]", "b"), ("limit", "5")])
    assert given.text("match[]") == "a"
    assert given.all("match[]") == ["a", "b"]
    assert given.count("limit") == 5
    assert given.count("other", 7) == 7
    assert given.time("start", 3) == 3
    assert given.duration("timeout", 2.0) == 2.0
