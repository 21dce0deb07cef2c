from hypothesis import given
from hypothesis import strategies as st

from watchroom.runtime.backoff import Backoff


def test_bounds_double_up_to_the_ceiling_and_begin_anew() -> None:
    backoff = Backoff(0.5, 3.0, draw=lambda: 1.0)
    assert [backoff.next() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.reset()
    assert backoff.next() == 0.5


@given(st.integers(1, 5000), st.floats(0.0, 1.0))
def test_no_number_of_failures_leaves_the_bounds(failures: int, drawn: float) -> None:
    backoff = Backoff(0.5, 30.0, draw=lambda: drawn)
    assert all(0.0 <= backoff.next() <= 30.0 for _ in range(failures))
