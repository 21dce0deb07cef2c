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
    ("pattern", "value"),
    [
        ("(a+)+b", "a" * 50_000),
        ("(a|aa)*b", "a" * 50_000),
        ("(x+x+)+y", "x" * 50_000),
        ("(?:a{1,30}){1,30}", "a" * 50_000),
        (".*a.*b.*c.*d", "abc" * 20_000),
    ],
)
def test_no_pattern_takes_more_than_linear_time(pattern: str, value: str) -> None:
    accepts = regex(pattern)
    began = time.process_time()
    assert not accepts(value)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("pattern", ["(a)\\1", "(?=a)b", "(?<!a)b", "(", "[a", "*", "a{2,1}"])
def test_a_wrong_pattern_says_so(pattern: str) -> None:
    with pytest.raises(ValueError, match="is wrong"):
        regex(pattern)


def test_a_pattern_that_takes_too_much_memory_is_wrong() -> None:
    with pytest.raises(ValueError, match="is wrong"):
        regex("((a{100}){100}){100}")
    with pytest.raises(ValueError, match="at most"):
        regex("(a)" * 100_000)


@pytest.mark.parametrize(
    ("pattern", "value"), [("(?i)ÄB+", "äbB"), ("\\pL+", "żółw"), (".", "\n"), ("(?P<x>a)", "a")]
)
def test_the_syntax_is_that_of_go(pattern: str, value: str) -> None:
    assert regex(pattern)(value)


def test_what_is_long_is_not_kept() -> None:
    short, long = "|".join("abc"), "|".join(map(str, range(1_000)))
    assert regex(short) is regex(short)
    assert regex(long) is not regex(long)
    assert regex(long)("999")
