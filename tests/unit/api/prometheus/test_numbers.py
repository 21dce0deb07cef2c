"""Numbers as Go's strconv writes them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.api.prometheus.numbers import number, numbers, seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-12.5, "-12.5"),
        (0.1, "0.1"),
        (0.0001, "0.0001"),
        (0.00001, "0.00001"),
        (-0.0000123, "-0.0000123"),
        (1e-6, "0.000001"),
        (9.99e-7, "9.99e-07"),
        (5e-324, "5e-324"),
        (1e15, "1000000000000000"),
        (1.5e16, "15000000000000000"),
        (123456789012345680.0, "123456789012345680"),
        (-1e20, "-100000000000000000000"),
        (1e21, "1e+21"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_as_go_writes_them(value: float, text: str) -> None:
    assert number(value) == text
    assert numbers(np.array([value])) == [text.encode()]


@given(st.lists(st.floats() | st.integers(-(10**17), 10**17).map(float)))
def test_many_are_written_as_each(values: list[float]) -> None:
    assert numbers(np.array(values, np.float64)) == [number(value).encode() for value in values]


@given(st.floats(allow_nan=False))
def test_they_read_back(value: float) -> None:
    assert float(number(value)) == value
    if 1e-6 <= abs(value) < 1e21:
        assert "e" not in number(value)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0"), (1000, "1"), (1500, "1.500"), (1005, "1.005"), (-1, "-0.001"), (-2000, "-2")],
)
def test_times(milliseconds: int, text: str) -> None:
    assert seconds(milliseconds) == text
