import logging

import pytest

from watchroom.sdk.guard import guarded


def test_a_failure_is_told_once_and_the_fallback_returned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @guarded("fallback")
    def verb_that_fails(number: int) -> str:
        raise ValueError(f"bad {number}")

    with caplog.at_level(logging.WARNING, "watchroom"):
        assert [verb_that_fails(number) for number in range(3)] == ["fallback"] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "verb_that_fails: bad 0 (told once)"
    ]


def test_what_ends_the_program_goes_on() -> None:
    @guarded(None)
    def verb_that_leaves() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verb_that_leaves()
