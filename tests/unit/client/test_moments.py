"""Times and durations as people give them."""

from datetime import UTC, datetime, timedelta

import pytest

from watchroom.client.moments import instant, moment, seconds


@pytest.mark.parametrize(
    ("length", "wanted"),
    [(90, 90.0), ("90", 90.0), ("1h30m", 5400.0), ("0.5d", 43_200.0), ("250ms", 0.25)],
)
def test_durations(length: float | str, wanted: float) -> None:
    assert seconds(length) == wanted


def test_a_timedelta_is_a_duration() -> None:
    assert seconds(timedelta(minutes=2)) == 120.0


@pytest.mark.parametrize("length", ["", "soon", "5x", "h"])
def test_what_is_no_duration(length: str) -> None:
    with pytest.raises(ValueError, match="write 90, 5m or 1h30m"):
        seconds(length)


def test_times() -> None:
    assert moment(datetime(1970, 1, 1, 0, 1, 0, 500_000, tzinfo=UTC), 0.0) == "60.5"
    assert moment("-1m", 100.0) == "40.0"
    assert moment("-5", 100.0) == "-5"
    assert moment(12.5, 0.0) == "12.5"
    assert instant("1970-01-01T00:00:10Z") == 10.0
    with pytest.raises(ValueError, match="is no time"):
        instant("tomorrow")
