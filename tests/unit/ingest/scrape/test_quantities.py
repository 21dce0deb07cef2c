"""Durations and sizes."""

import pytest

from watchroom.ingest.scrape.quantities import duration_text, seconds, size


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15s", 15.0),
        ("1m30s", 90.0),
        ("500ms", 0.5),
        ("1d2h", 93_600.0),
        ("1w", 604_800.0),
        ("1y", 31_536_000.0),
        ("0", 0.0),
        ("0s", 0.0),
    ],
)
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "15", "1s1m", "-5s", "1.5s", "15 s", "s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="no duration; for example"):
        seconds(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(15.0, "15s"), (90.0, "1m30s"), (0.5, "500ms"), (0.0, "0s"), (93_600.0, "1d2h")],
)
def test_durations_as_text(value: float, text: str) -> None:
    assert duration_text(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("10MB", 10 << 20), ("512KiB", 512 << 10), ("1.5GB", 3 << 29), ("7B", 7), ("9", 9)],
)
def test_sizes(text: str, value: int) -> None:
    assert size(text) == value


@pytest.mark.parametrize("text", ["", "MB", "-1", "10 apples"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="no size; for example"):
        size(text)
