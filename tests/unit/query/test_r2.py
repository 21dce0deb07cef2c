"""MAE and R² of instances split at random equal scikit-learn's over all pairs."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score

from watchroom.model.histogram import Histogram, bucket_index
from watchroom.model.labels import labels
from watchroom.query.engine import Engine
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import Store, Write

SECOND = 1000


def feed(store: Store, instance: str, actual: np.ndarray, predicted: np.ndarray, at: int) -> None:
    """Write what one process says after all of its pairs, its shift being the first actual."""
    error = np.abs(actual - predicted)
    far = actual - actual[0]
    buckets: dict[int, int] = {}
    for value in error[error > 0]:
        buckets[bucket_index(value)] = buckets.get(bucket_index(value), 0) + 1
    values = {
        "ml_squared_error_total": float((error**2).sum()),
        "ml_actual_shifted_sum": float(far.sum()),
        "ml_actual_shifted_square_sum": float((far**2).sum()),
        "ml_actual_count": float(len(actual)),
        "ml_actual_shift": float(actual[0]),
    }
    pairs = {"job": "j", "instance": instance, "model": "m"}
    names = [labels(name, pairs) for name in values]
    histogram = Histogram(len(error), float(error.sum()), int((error == 0).sum()), buckets)
    whole = [(labels("ml_absolute_error", pairs), at, histogram)]
    store.append(Write("", names, [at] * 5, list(values.values()), whole)).result()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_equal_to_sklearn(
    store: Store, engine: Engine, clock: ManualClock, seed: int, offset: float
) -> None:
    draw = np.random.default_rng(seed)
    actual = offset + draw.normal(0, 3, 400).cumsum()
    predicted = actual + draw.normal(0, 2, 400)
    owner = draw.integers(0, 3, 400)
    at = round(clock.now() * SECOND)
    clock.advance(10)
    for i in range(3):
        feed(store, f"h:{i}", actual[owner == i], predicted[owner == i], at)
    row = engine.current()["model_metrics"]["models"][0]
    assert row["mae"] == pytest.approx(mean_absolute_error(actual, predicted), rel=1e-9)
    assert row["r2"] == pytest.approx(r2_score(actual, predicted), rel=1e-6)
    for metric in ("r2", "mae"):
        found = engine.history(metric, range="1m", step="30s", by=["model"])["series"][0]["values"]
        assert [each for each in found if each is not None] == [pytest.approx(row[metric])]


def test_a_process_that_restarts_under_its_name_is_another(
    store: Store, engine: Engine, clock: ManualClock
) -> None:
    draw = np.random.default_rng(9)
    actual, at = draw.normal(50, 9, 90), round(clock.now() * SECOND)
    predicted = actual + draw.normal(0, 2, 90)
    clock.advance(30)
    feed(store, "h:1", actual[:60], predicted[:60], at)
    feed(store, "h:1", actual[60:], predicted[60:], at + 20 * SECOND)
    found = engine.current()["model_metrics"]["models"][0]["r2"]
    assert found is not None
    assert found == pytest.approx(r2_score(actual, predicted), rel=1e-6)


def test_no_spread_is_no_r2(store: Store, engine: Engine, clock: ManualClock) -> None:
    at = round(clock.now() * SECOND)
    clock.advance(5)
    feed(store, "h:1", np.full(5, 3.0), np.full(5, 4.0), at)
    row = engine.current()["model_metrics"]["models"][0]
    assert (row["mae"], row["r2"]) == (1.0, None)
