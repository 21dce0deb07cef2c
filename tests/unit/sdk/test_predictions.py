import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model.labels import labels
from watchroom.runtime.clock import ManualClock
from watchroom.sdk.predictions import Prediction, Predictions, decode, encode
from watchroom.sdk.registry import Registry


def state(registry: Registry) -> dict[object, object]:
    return {series: value for series, _, value in registry.read()}


def predictions(registry: Registry) -> Predictions:
    return Predictions(registry, ManualClock().now, seed=1)


@given(st.text(min_size=1, max_size=40), st.floats(allow_nan=False), st.integers(0, 2**32 - 1))
def test_an_id_carries_its_prediction(model: str, value: float, time: int) -> None:
    found = decode(encode(Prediction(model, value, time, math.nan)))
    assert found is not None
    assert found[:3] == (model, value, time)


@given(st.text())
def test_garbage_is_no_id(token: str) -> None:
    found = decode(token)
    assert found is None or found.model


def test_ids_differ_though_the_predictions_do_not() -> None:
    same = Prediction("m", 1.0, 1, 0.5)
    assert encode(same) != encode(same)


def test_an_outcome_joins_in_another_process() -> None:
    token = predictions(Registry()).predict("m", 10.0, 0.9, None, None, None)
    registry = Registry()
    assert predictions(registry).outcome(token, 12.5)
    error = state(registry)[labels("ml_absolute_error", {"model": "m"})]
    assert (error.count, error.sum) == (1, 2.5)  # type: ignore[attr-defined]


def test_an_outcome_counts_once() -> None:
    one = predictions(Registry())
    token = one.predict("m", 1.0, None, None, None, None)
    assert one.outcome(token, 2.0)
    assert not one.outcome(token, 2.0)


def test_ids_of_ones_own_join_here() -> None:
    one = predictions(Registry())
    assert one.predict("m", 1.0, None, None, None, "order-7") == "order-7"
    assert one.outcome("order-7", 2.0)


def test_an_unknown_outcome_is_counted() -> None:
    registry = Registry()
    assert not predictions(registry).outcome("order-8", 2.0)
    unmatched = labels("ml_outcomes_unmatched_total", {"model": "unknown"})
    assert state(registry)[unmatched] == 1.0


def test_the_sums_give_r_squared_far_from_zero() -> None:
    registry = Registry()
    one = predictions(registry)
    actual = [1e9 + number for number in (1.0, 2.0, 4.0, 8.0)]
    for value in actual:
        one.outcome(one.predict("m", value + 0.5, None, None, None, None), value)
    sums = {dict(series)["__name__"]: value for series, value in state(registry).items()}  # type: ignore[call-overload]
    count, total = sums["ml_actual_count"], sums["ml_actual_shifted_sum"]
    spread = sums["ml_actual_shifted_square_sum"] - total * total / count
    assert spread == pytest.approx(28.75)
    assert sums["ml_squared_error_total"] == pytest.approx(1.0)


def test_pairs_are_a_bounded_sample_that_says_of_how_many() -> None:
    one = predictions(Registry())
    for number in range(100):
        one.outcome(one.predict("m", float(number), 0.5, None, None, None), number + 1.0)
    pairs = one.pairs()
    assert len(pairs) == 10
    assert {payload["seen"] for _, payload in pairs} == {100}
    assert all(payload["actual"] == payload["predicted"] + 1.0 for _, payload in pairs)
    assert one.pairs() == []
