"""Names of channels."""

import pytest

from watchroom.live.pattern import Pattern


@pytest.mark.parametrize(
    ("pattern", "channel", "fields"),
    [
        ("metrics/current", "metrics/current", {}),
        ("metrics/current", "metrics/currently", None),
        ("metrics/current/{service}", "metrics/current/shop", {"service": "shop"}),
        ("metrics/current/{service}", "metrics/current/a/b", {"service": "a/b"}),
        ("metrics/current/{service}", "metrics/current/", None),
        ("metrics/current/{service}", "metrics/current", None),
        ("trainings/{id}/progress", "trainings/7/progress", {"id": "7"}),
        ("trainings/{id}/progress", "trainings/7/8/progress", None),
        ("a.c", "abc", None),
        ("{kind}/{id}", "gpu/0", {"kind": "gpu", "id": "0"}),
    ],
)
def test_match(pattern: str, channel: str, fields: dict[str, str] | None) -> None:
    assert Pattern(pattern).match(channel) == fields
