"""Two regressors with a confidence, trained in well under a second."""

from typing import NamedTuple

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error, r2_score

from watchroom.demo.scans import Scans, Table

_TREES = 100


class Estimate(NamedTuple):
    """A prediction; the confidence lies in (0, 1] and is 1 where all trees agree."""

    value: float
    confidence: float


class Predictor:
    """A forest of regression trees; their disagreement says how sure it is."""

    def __init__(self, features: Table, outcomes: Table, seed: int = 7) -> None:
        forest = RandomForestRegressor(_TREES, min_samples_leaf=2, random_state=seed)
        forest.fit(features, outcomes)
        # One row at a time is fastest on the bare trees: scikit-learn checks its input each call.
        self._trees = [tree.tree_ for tree in forest.estimators_]
        self._scale = float(np.std(outcomes))

    def votes(self, features: list[float]) -> Table:
        """Return what each tree says of one scan."""
        row = np.asarray([features], dtype=np.float32)
        return np.array([tree.predict(row)[0, 0] for tree in self._trees])

    def estimate(self, votes: Table) -> Estimate:
        """Return the forest's answer from the trees' votes."""
        spread = float(np.std(votes)) / self._scale
        return Estimate(float(np.mean(votes)), 1.0 / (1.0 + spread))


class Quality(NamedTuple):
    """How good a predictor is on scans it has not seen; mae in the outcome's unit."""

    mae: float
    r2: float


def train(scans: Scans) -> dict[str, Predictor]:
    """Return the two predictors by name."""
    return {
        "result_predictor": Predictor(scans.features, scans.result),
        "duration_predictor": Predictor(scans.features, scans.duration),
    }


def quality(predictor: Predictor, features: Table, outcomes: Table) -> Quality:
    """Measure a predictor on held-out scans."""
    values = [predictor.estimate(predictor.votes(row.tolist())).value for row in features]
    return Quality(float(mean_absolute_error(outcomes, values)), float(r2_score(outcomes, values)))
