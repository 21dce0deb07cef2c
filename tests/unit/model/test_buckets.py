"""Buckets with the boundary rules of Prometheus."""

import math
import sys

from watchroom.model.buckets import bound, buckets
from watchroom.model.histogram import CUSTOM, Histogram


def test_exponential_buckets_ascend_through_the_zero_bucket() -> None:
    histogram = Histogram(9, 1.0, 2, {0: 3, 2: 1}, {1: 1, 0: 2}, 0, 0.001)
    assert buckets(histogram) == [
        (1, -4.0, -2.0, 1),
        (1, -2.0, -1.0, 2),
        (3, -0.001, 0.001, 2),
        (0, 1.0, 2.0, 3),
        (0, 4.0, 8.0, 1),
    ]


def test_a_bucket_begins_where_the_zero_bucket_ends() -> None:
    histogram = Histogram(2, 1.0, 0, {0: 1}, {0: 1}, 0, 1.5)
    assert buckets(histogram) == [(1, -2.0, -1.5, 1), (0, 1.5, 2.0, 1)]


def test_custom_buckets_are_open_to_infinity() -> None:
    histogram = Histogram(6, 1.0, 0, {0: 1, 1: 2, 2: 3}, {}, CUSTOM, 0.0, (-1.0, 5.0))
    assert buckets(histogram) == [
        (3, -math.inf, -1.0, 1),
        (0, -1.0, 5.0, 2),
        (0, 5.0, math.inf, 3),
    ]


def test_empty_buckets_are_left_out() -> None:
    assert buckets(Histogram(0, 0.0, 0, {0: 0}, {}, 0)) == []


def test_a_zero_bucket_less_than_empty_is_left_out() -> None:
    assert buckets(Histogram(-3, 0.0, -1, {0: -2}, {}, 0)) == [(0, 1.0, 2.0, -2)]


def test_the_largest_number_is_the_bound_of_infinity() -> None:
    for scale in (-4, 0, 3, 8):
        last = math.ceil(1024 * 2.0**scale)
        assert bound(last, scale) == sys.float_info.max
        assert bound(last + 1, scale) == math.inf
