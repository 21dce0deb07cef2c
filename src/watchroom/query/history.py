"""One metric over time, and one distribution over time."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import NAME, Labels
from watchroom.query.derived import DERIVED, DISTRIBUTIONS, Derived
from watchroom.query.distributions import Windows
from watchroom.query.errors import QueryError
from watchroom.query.frame import Beginnings, load, only
from watchroom.query.group import Group
from watchroom.query.plan import LOOKBACK, Grid, Plan
from watchroom.query.results import Line
from watchroom.query.selectors import label
from watchroom.storage.contract import Floats, Matcher, Store

MOST_SERIES = 200
"""Curves of one answer: more are no chart."""

MOST_SELECTED = 20_000
BLOCK_SAMPLES = 4_000_000
"""Samples read at a time, so that a long range over many series fits in memory."""

Key = tuple[str, ...]


class Question(NamedTuple):
    """What is computed, of which series, on which grid, split by which labels."""

    metric: Derived
    matchers: tuple[Matcher, ...]
    grid: Grid
    by: tuple[str, ...] | None = ()
    """Short names or labels; None means every stored series by itself."""


def find(store: Store, metric: str, by: Sequence[str]) -> tuple[Derived, tuple[str, ...] | None]:
    """Return how a metric is computed and split.

    Raises:
        QueryError: nothing has that name; the hint lists close ones.
    """
    if metric in DERIVED:
        return DERIVED[metric], tuple(by)
    known = store.metadata()
    if metric in known:
        gauge = known[metric].kind is Kind.GAUGE
        return _stored(known[metric]), None if gauge and not by else tuple(by)
    if metric in store.label_values(NAME):
        return _stored(Metadata(metric, Kind.GAUGE)), tuple(by) or None
    raise QueryError("unknown_metric", f"no metric is called {metric!r}", _close(metric, known))


def lines(store: Store, beginnings: Beginnings, question: Question) -> list[Line]:
    """Return the curves of a question."""
    grids = _blocks(question.grid, _count(store, question))
    blocks = [_evaluate(store, beginnings, question, grid) for grid in grids]
    keys = sorted({key for block in blocks for key in block})
    if len(keys) > MOST_SERIES:
        hint = "ask for one service, add where=label=value, or split by fewer labels"
        raise QueryError("too_many_series", f"{len(keys)} curves, more than {MOST_SERIES}", hint)
    lengths = [len(grid.times) for grid in grids]
    return [
        {"labels": _named(key, question.by), "values": _joined(key, blocks, lengths)}
        for key in keys
    ]


def windows(store: Store, name: str, matchers: Sequence[Matcher], grid: Grid) -> Windows:
    """Return a stored histogram's distribution in each window."""
    plan = Plan(only(matchers, [name]), grid, 0)
    frame = load(store, plan, Beginnings())
    return Group(frame, lambda _: True).distribution(name)


def distribution_of(metric: str) -> tuple[str, str, float]:
    """Return unit, stored name and factor of a distribution.

    Raises:
        QueryError: nothing has that name.
    """
    if metric not in DISTRIBUTIONS:
        message = f"no distribution is called {metric!r}"
        raise QueryError("unknown_metric", message, f"use {', '.join(DISTRIBUTIONS)}")
    return DISTRIBUTIONS[metric]


def jsonable(values: Floats) -> list[float | None]:
    """Return the values with None for what JSON cannot say."""
    known = np.isfinite(values)
    return [value if fine else None for value, fine in zip(values.tolist(), known, strict=True)]


def _stored(metadata: Metadata) -> Derived:
    name = metadata.name
    if metadata.kind is Kind.COUNTER:
        unit = f"{metadata.unit}/s" if metadata.unit else "1/s"
        return Derived(unit, (name,), lambda g: g.increase(name) * 1000.0 / g.grid.window)
    if metadata.kind is Kind.HISTOGRAM:
        return Derived(metadata.unit, (name,), lambda group: group.mean(name))
    return Derived(metadata.unit, (name,), lambda group: group.average(name, LOOKBACK))


def _close(metric: str, known: dict[str, Metadata]) -> str:
    names = [*DERIVED, *known]
    near = difflib.get_close_matches(metric, names, n=5, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"use one of {', '.join(DERIVED)}"


def _count(store: Store, question: Question) -> int:
    """Return how many series there are to read, if that many can be read."""
    grid = question.grid
    if not len(grid.times):
        raise QueryError(
            "bad_range", "no multiple of step lies in the range", "take a longer range"
        )
    matchers = only(question.matchers, question.metric.reads)
    count = len(store.series(matchers, grid.earliest, grid.latest))
    if count > MOST_SELECTED:
        hint = "ask for one service, or add where=label=value"
        raise QueryError("too_many_series", f"{count} series, more than {MOST_SELECTED}", hint)
    return count


def _blocks(grid: Grid, count: int) -> list[Grid]:
    """Return the grid in parts, each reading a bounded number of samples at one a second."""
    step = int(grid.times[1] - grid.times[0]) if len(grid.times) > 1 else grid.window
    points = max(1, BLOCK_SAMPLES * 1000 // (max(1, count) * step))
    return [
        Grid(grid.times[low : low + points], grid.window)
        for low in range(0, len(grid.times), points)
    ]


def _evaluate(
    store: Store, beginnings: Beginnings, question: Question, grid: Grid
) -> dict[Key, Floats]:
    plan = Plan(only(question.matchers, question.metric.reads), grid, LOOKBACK)
    frame = load(store, plan, beginnings)
    found = [each for samples in frame.floats.values() for each in samples.labels]
    found += [each.labels for group in frame.histograms.values() for each in group]
    keyed = {each: _key(each, question.by) for each in found}
    answers = {}
    for key in sorted(set(keyed.values())):
        group = Group(frame, lambda each, key=key: keyed[each] == key)  # type: ignore[misc]
        values = question.metric.compute(group)
        if np.isfinite(values).any():
            answers[key] = values
    return answers


def _key(series: Labels, by: tuple[str, ...] | None) -> Key:
    if by is None:
        return tuple(f"{name}={value}" for name, value in series if name != NAME)
    pairs = dict(series)
    return tuple([pairs.get(label(name), "") for name in by])


def _named(key: Key, by: tuple[str, ...] | None) -> dict[str, str]:
    if by is None:
        return {name: value for name, _, value in (pair.partition("=") for pair in key)}
    return dict(zip(by, key, strict=True))


def _joined(
    key: Key, blocks: Sequence[dict[Key, Floats]], lengths: Sequence[int]
) -> list[float | None]:
    parts = [
        block.get(key, np.full(length, np.nan))
        for block, length in zip(blocks, lengths, strict=True)
    ]
    return jsonable(np.concatenate(parts))
