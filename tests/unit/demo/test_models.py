"""The models are as good as their targets say, on scans they have not seen, and drift shows."""

import numpy as np
import pytest

from watchroom.demo.faults import Faults
from watchroom.demo.predictors import Predictor, quality, train
from watchroom.demo.scans import Scans, load
from watchroom.demo.service import TARGETS
from watchroom.runtime.clock import ManualClock


@pytest.fixture(scope="module")
def held_out() -> Scans:
    return load()[1]


@pytest.fixture(scope="module")
def predictors() -> dict[str, Predictor]:
    return train(load()[0])


def truth(scans: Scans, name: str) -> np.ndarray:
    return {"result_predictor": scans.result, "duration_predictor": scans.duration}[name]


def test_nothing_is_both_learnt_from_and_asked_about() -> None:
    training, asked = load()
    assert not set(training.ids) & set(asked.ids)
    assert len(training.ids) + len(asked.ids) == 569


@pytest.mark.parametrize("name", TARGETS)
def test_a_healthy_model_meets_its_targets(
    name: str, predictors: dict[str, Predictor], held_out: Scans
) -> None:
    measured = quality(predictors[name], held_out.features, truth(held_out, name))
    assert measured.mae < TARGETS[name].mae
    assert measured.r2 > TARGETS[name].r2


@pytest.mark.parametrize("name", TARGETS)
def test_drift_misses_the_target_plainly(
    name: str, predictors: dict[str, Predictor], held_out: Scans
) -> None:
    faults = Faults("drift", ManualClock())
    shifted = np.array([faults.measured(row.tolist()) for row in held_out.features])
    measured = quality(predictors[name], shifted, truth(held_out, name))
    assert measured.mae > 1.3 * TARGETS[name].mae


def test_trees_that_agree_are_sure(predictors: dict[str, Predictor]) -> None:
    predictor = predictors["result_predictor"]
    assert predictor.estimate(np.full(10, 3.0)) == (3.0, 1.0)
    assert predictor.estimate(np.array([0.0, 20.0])).confidence < 0.5
