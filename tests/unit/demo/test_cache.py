"""The prediction cache: bounded in number and age, its size always that of what it holds."""

import numpy as np

from watchroom.demo.cache import PredictionCache
from watchroom.runtime.clock import ManualClock

VOTES = np.arange(10.0)


def test_what_was_put_is_found_until_its_time_is_over() -> None:
    clock = ManualClock()
    cache = PredictionCache(clock, ttl=60.0)
    cache.put("key", VOTES)
    clock.advance(59.9)
    assert cache.get("key") is VOTES
    clock.advance(0.1)
    assert cache.get("key") is None
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_the_least_recently_used_goes_first() -> None:
    cache = PredictionCache(ManualClock(), limit=2)
    cache.put("a", VOTES)
    cache.put("b", VOTES)
    cache.get("a")
    cache.put("c", VOTES)
    assert cache.get("b") is None
    assert cache.get("a") is VOTES
    assert cache.get("c") is VOTES


def test_the_size_follows_what_is_held() -> None:
    cache = PredictionCache(ManualClock(), limit=3)
    cache.put("a", VOTES)
    one = cache.size_bytes
    cache.put("a", VOTES)
    assert cache.size_bytes == one
    for key in "bcdef":
        cache.put(key, VOTES)
    assert cache.size_bytes == 3 * one
