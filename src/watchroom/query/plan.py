"""What a query reads and when it is evaluated: what every function of this room works on.

Times are int64 milliseconds since the epoch. A window is open on the left, closed on the right.
"""

from typing import NamedTuple

import numpy as np

from watchroom.storage.contract import Ints, Matcher, Times

LOOKBACK = 300_000
"""How long a series keeps its last value, in milliseconds."""


class Grid(NamedTuple):
    """Ascending evaluation times; each stands for the window (t - window, t]."""

    times: Times
    window: int

    @property
    def earliest(self) -> int:
        """Where the first window begins."""
        return int(self.times[0]) - self.window

    @property
    def latest(self) -> int:
        """Where the last window ends."""
        return int(self.times[-1])


class Plan(NamedTuple):
    """One read: the series to select, the times to evaluate at, how far a value reaches."""

    matchers: tuple[Matcher, ...]
    grid: Grid
    lookback: int = LOOKBACK


class Edges(NamedTuple):
    """The cuts of a grid's windows: window w is the bins low[w] to high[w] between the edges."""

    edges: Times
    low: Ints
    high: Ints

    @property
    def disjoint(self) -> bool:
        """Whether every window is exactly one bin."""
        return bool(np.all(self.high - self.low == 1))


def instant(now: int, window: int) -> Grid:
    """Return the grid of one window that ends now."""
    return Grid(np.array([now], np.int64), window)


def aligned(start: int, end: int, step: int, window: int | None = None) -> Grid:
    """Return the grid of the multiples of `step` in (start, end]."""
    times = np.arange(start // step + 1, end // step + 1, dtype=np.int64) * step
    return Grid(times, window or step)


def cut(grid: Grid) -> Edges:
    """Return the cuts of a grid's windows, which may overlap or leave gaps."""
    starts = grid.times - grid.window
    edges = np.unique(np.concatenate((starts, grid.times)))
    return Edges(edges, np.searchsorted(edges, starts), np.searchsorted(edges, grid.times))
