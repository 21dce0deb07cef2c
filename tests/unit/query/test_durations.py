import pytest

from watchroom.query.durations import seconds
from watchroom.query.errors import QueryError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("15s", 15), ("5m", 300), ("1h30m", 5400), ("7d", 604_800), ("90", 90), (" 2.5 ", 2.5)],
)
def test_durations(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "5 parsecs", "-5m", "0", "nan", "inf", "m5", "1e99", "11000d"]
)
def test_what_is_no_duration_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        seconds(text, "step")
    assert caught.value.code == "bad_step"
    assert "1h30m" in caught.value.hint
