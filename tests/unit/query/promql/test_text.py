"""Values as Prometheus writes them."""

import math

import pytest

from watchroom.model.histogram import CUSTOM, Histogram
from watchroom.query.promql.text import shown_histogram


@pytest.mark.parametrize(
    ("histogram", "text"),
    [
        (
            Histogram(20, 10, 2, {-1: 1, 0: 2}, {0: 2, -1: 1}, 0, 0.001),
            "{count:20, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}",
        ),
        (
            Histogram(1234567.5, math.nan, 0, {0: 1e-5, 1: 3}, {}, CUSTOM, 0.0, (2.5,)),
            "{count:1.2345675e+06, sum:NaN, [-Inf,2.5]:1e-05, (2.5,+Inf]:3}",
        ),
    ],
)
def test_histograms_have_their_bounds_and_counts(histogram: Histogram, text: str) -> None:
    assert shown_histogram(histogram) == text
