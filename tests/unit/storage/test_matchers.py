import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.storage.embedded.matchers import regex

PATTERNS = ["a|b", "a.*", "a.+", "", "(a|b)c", "[ab]+", "a?b", "x{2,3}", "a\\.b", ".*", "(?:ab)?c"]


@given(st.sampled_from(PATTERNS), st.text("abcx.\n", max_size=8))
def test_a_regex_matches_the_whole_value_as_python_does(pattern: str, value: str) -> None:
    assert regex(pattern)(value) == (re.fullmatch(pattern, value, re.DOTALL) is not None)


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a*)*", "((ab)*c)*", "(x+x+)+y", "(?:a{1,30}){1,30}", "(a|aa)*b"]
)
def test_repeats_inside_repeats_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="could take too long"):
        regex(pattern)


@pytest.mark.parametrize("pattern", ["(a)\\1", "(?=a)b", "(?<!a)b"])
def test_what_is_not_regular_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not supported"):
        regex(pattern)


@pytest.mark.parametrize(
    "pattern", [".*a.*b.*c.*d", "a?" * 30 + "a" * 30, "(ab|cd)" * 30, "a{0,9}" * 9]
)
def test_many_choices_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="too many"):
        regex(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{2,1}"])
def test_a_wrong_pattern_says_so(pattern: str) -> None:
    with pytest.raises(ValueError, match="is wrong"):
        regex(pattern)


def test_the_worst_pattern_taken_ends_soon() -> None:
    accepts = regex(".*a.*a.*b")
    began = time.process_time()
    assert not accepts("a" * 200)
    assert time.process_time() - began < 1.0
