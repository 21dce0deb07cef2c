"""Reading can be followed and ended: see `Store.select`."""

from pathlib import Path

import numpy as np
import pytest

from watchroom.model.labels import labels
from watchroom.storage.contract import Matcher, Write
from watchroom.storage.embedded import EmbeddedStore

NOW = 1_700_000_000.0
T = int(NOW * 1000)
EVERY = [Matcher("__name__", "=~", ".+")]


class TooMuch(Exception):
    pass


def filled(directory: Path, series: int, samples: int) -> EmbeddedStore:
    store = EmbeddedStore(directory, sync=False, now=lambda: NOW)
    names = [labels("x", {"i": str(place)}) for place in range(series)]
    times = np.tile(T - 1000 * np.arange(samples, 0, -1), series)
    owners = np.repeat(np.arange(series), samples)
    store.append(Write("", names, times, times * 1.0, owners=owners)).result()
    return store


def test_samples_are_told_of_before_they_are_decoded(tmp_path: Path) -> None:
    store = filled(tmp_path, 5, 1000)
    try:
        told: list[int] = []
        store.select(EVERY, T - 1_000_000, T, told.append)
        assert sum(told) == pytest.approx(5000, rel=0.05)
        told.clear()
        store.select(EVERY, T - 100_500, T, told.append)
        assert sum(told) <= 2000
    finally:
        store.close()


def test_what_the_watch_raises_ends_the_reading(tmp_path: Path) -> None:
    filled(tmp_path, 5, 1000).close()
    store = EmbeddedStore(tmp_path, sync=False, now=lambda: NOW)

    def watch(samples: int) -> None:
        if samples > 100:
            raise TooMuch

    try:
        with pytest.raises(TooMuch):
            store.select(EVERY, T - 1_000_000, T, watch)
        assert len(store.select(EVERY, T - 1_000_000, T)) == 5
    finally:
        store.close()
