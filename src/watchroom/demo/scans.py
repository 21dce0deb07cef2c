"""The scans that the demo's models learn from and are asked about.

They are the 569 fine-needle aspirates of the Wisconsin diagnostic breast cancer data set (Street,
Wolberg & Mangasarian, 1993), which ships inside scikit-learn. A scan is described by the means of
ten nucleus measurements. Two outcomes are predicted from them: the share of concave points in the
outlines of the worst nuclei (per cent), and how long the scanner takes to trace the worst outline,
at a pace of five pixels a second (seconds).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer

FEATURES = 10
_PIXELS_PER_SECOND = 5.0
_TRAINING = 340

Table = NDArray[np.float64]


class Scans(NamedTuple):
    """n scans: `features` is (n, 10); `result` (per cent) and `duration` (seconds) are (n,)."""

    ids: list[str]
    features: Table
    result: Table
    duration: Table


def load(seed: int = 7) -> tuple[Scans, Scans]:
    """Return the scans to train on, and the held-out ones that traffic asks about."""
    bunch = load_breast_cancer()
    names = list(bunch.feature_names)
    order = np.random.default_rng(seed).permutation(len(bunch.data))
    table = bunch.data[order]
    scans = Scans(
        [f"scan-{number:03d}" for number in order],
        table[:, :FEATURES],
        table[:, names.index("worst concave points")] * 100.0,
        table[:, names.index("worst perimeter")] / _PIXELS_PER_SECOND,
    )
    return _cut(scans, slice(None, _TRAINING)), _cut(scans, slice(_TRAINING, None))


def _cut(scans: Scans, rows: slice) -> Scans:
    return Scans(scans.ids[rows], scans.features[rows], scans.result[rows], scans.duration[rows])
