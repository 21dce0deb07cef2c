"""The floats of the head: columns as they were written, sorted little by little.

Writes are only appended. Once enough of them wait they become a run, sorted by series and time;
runs of like size are merged, so that there are few of them and each sample is sorted a few times.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from watchroom.storage.contract import Floats, Ints, Times
from watchroom.storage.embedded.stamps import groups

_WAITING = 32_768
"""Samples that wait before they are sorted; a reader sorts those of its series by itself."""
_GROWTH = 4


class Columns(NamedTuple):
    """n samples: whose, when, what."""

    numbers: Any
    times: Times
    values: Floats


class Run:
    """Samples sorted by series and time, one per time: series[i] has starts[i] to starts[i + 1]."""

    def __init__(self, series: Ints, starts: Ints, times: Times, values: Floats) -> None:
        self.series = series
        self.starts = starts
        self.times = times
        self.values = values
        self.first = int(times.min()) if len(times) else 0
        self.last = int(times.max()) if len(times) else 0

    @cached_property
    def same(self) -> Ints:
        """For each series the first one that has the same times."""
        return groups(self.times, self.starts)


class Runs:
    """The runs and what waits, oldest first. Its owner locks it; the arrays never change."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._waiting: list[Columns] = []
        self._count = 0
        self.samples = 0

    def add(self, columns: Columns) -> None:
        """Append samples as they were written."""
        self._waiting.append(columns)
        self._count += len(columns.times)
        self.samples += len(columns.times)

    def tidy(self) -> None:
        """Sort what waits, if it is enough."""
        if self._count < _WAITING:
            return
        new = run_of(self._waiting)
        self._waiting, self._count = [], 0
        while self._runs and len(self._runs[-1].times) < _GROWTH * len(new.times):
            new = merged([self._runs.pop(), new])
        self._runs.append(new)

    def view(self) -> tuple[list[Run], list[Columns]]:
        """Return the runs, and what waits behind them."""
        return list(self._runs), list(self._waiting)

    def whole(self) -> Run:
        """Return everything as one run."""
        runs, waiting = self.view()
        return merged([*runs, *([run_of(waiting)] if waiting else [])])

    def series(self) -> Ints:
        """Return the series that have samples here."""
        parts = [run.series for run in self._runs] + [each.numbers for each in self._waiting]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def run_of(columns: Sequence[Columns]) -> Run:
    """Return samples, given in the order they were written, as a run."""
    return sorted_run(*(np.concatenate(each) for each in zip(*columns, strict=True)))


def merged(runs: Sequence[Run]) -> Run:
    """Return runs, older ones first, as one."""
    if len(runs) == 1:
        return runs[0]
    if not runs:
        none: Ints = np.zeros(0, np.int64)
        return Run(none, np.zeros(1, np.int64), none, np.zeros(0))
    numbers = np.concatenate([np.repeat(run.series, np.diff(run.starts)) for run in runs])
    times = np.concatenate([run.times for run in runs])
    return sorted_run(numbers, times, np.concatenate([run.values for run in runs]))


def sorted_run(numbers: Any, times: Any, values: Any) -> Run:
    """Return columns as a run; of one series' equal times the last one stands."""
    order = _order(numbers, times)
    numbers, times, values = numbers[order], times[order], values[order]
    doubled = (numbers[1:] == numbers[:-1]) & (times[1:] == times[:-1])
    if doubled.any():
        kept = np.append(~doubled, True)
        numbers, times, values = numbers[kept], times[kept], values[kept]
    begins = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    if not len(numbers):
        begins = begins[:0]
    starts = np.append(begins, len(numbers))
    return Run(numbers[begins].astype(np.int64), starts, times, values)


def _order(numbers: Any, times: Any) -> Any:
    """Return the stable order by series, then time: by one key where both fit into 63 bits."""
    if not len(times):
        return np.zeros(0, np.int64)
    low, high = int(times.min()), int(times.max())
    bits = (high - low).bit_length()
    if bits + int(numbers.max()).bit_length() > 62:
        return np.lexsort((times, numbers))
    key = (numbers.astype(np.int64) << bits) + (times - low)
    return np.argsort(key, kind="stable")
