import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model.moments import Moments, merge, r_squared, shifted

PARTS = st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), min_size=1, max_size=5)


def of(values: list[float], shift: float) -> Moments:
    away = np.array(values) - shift
    return shifted(len(values), float(away.sum()), float((away * away).sum()), shift)


@given(PARTS)
def test_parts_have_the_moments_of_the_whole(parts: list[list[float]]) -> None:
    whole = np.concatenate(parts)
    found = merge(of(part, part[0]) for part in parts)
    scale = float(np.abs(whole).max()) + 1.0
    assert found.count == len(whole)
    assert found.mean == pytest.approx(float(whole.mean()), abs=1e-9 * scale)
    spread = float(((whole - whole.mean()) ** 2).sum())
    assert found.squares == pytest.approx(spread, rel=1e-6, abs=1e-9 * scale * scale)


def test_small_spreads_far_from_zero_stay_exact() -> None:
    values = [1e9 + step for step in (0.0, 1.0, 2.0)]
    assert merge([of(values, 1e9), of(values, 1e9 + 2)]).squares == pytest.approx(4.0)


def test_r_squared_needs_two_values_that_differ() -> None:
    assert r_squared(1.0, Moments(1, 3.0, 0.0)) is None
    assert r_squared(1.0, Moments(5, 3.0, 0.0)) is None
    assert r_squared(2.0, Moments(5, 3.0, 8.0)) == 0.75
    assert shifted(0, 0.0, 0.0, 1.0) == Moments(0.0, 0.0, 0.0)
