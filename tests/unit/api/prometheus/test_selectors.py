"""Selectors and escaped label names."""

import pytest

from watchroom.api.errors import ApiError
from watchroom.api.prometheus.parameters import Parameters
from watchroom.api.prometheus.selectors import label_name, match_parameters
from watchroom.storage.contract import Matcher


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("job", "job"),
        ("__name__", "__name__"),
        ("U__http_2e_status", "http.status"),
        ("U__a__b", "a_b"),
        ("U___1F600_", "\N{GRINNING FACE}"),
        ("U__a_b", "U__a_b"),
        ("U__a_d800_", "U__a_d800_"),
        ("U__a_ffffff_", "U__a_ffffff_"),
    ],
)
def test_label_names(path: str, name: str) -> None:
    assert label_name(path) == name


def test_each_match_has_its_matchers() -> None:
    given = Parameters([("match[]", 'up{job=~"a|b"}'), ("match[]", '{"http.status"!="1",a="c"}')])
    first, second = match_parameters(given)
    assert set(first) == {Matcher("job", "=~", "a|b"), Matcher("__name__", "=", "up")}
    assert set(second) == {Matcher("http.status", "!=", "1"), Matcher("a", "=", "c")}


@pytest.mark.parametrize(
    "text", ["", "up[5m]", "sum(up)", "up offset 5m", "up @ 1", "{}", "1", "u{"]
)
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(ApiError, match='invalid parameter "match\\[\\]": '):
        match_parameters(Parameters([("match[]", text)]))
