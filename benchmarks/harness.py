"""How everything here is measured: rounds of A B B A, medians, ratios to a peer in one run.

Absolute times on a shared machine mean little; a ratio within one run means something.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import NamedTuple

ROUNDS = 5


class Figure(NamedTuple):
    """The median of some rounds, and how far the middle half of them lies apart."""

    median: float
    spread: float


class Row(NamedTuple):
    """One line of the table: what we cost, what the peer costs, and the target of their ratio."""

    id: str
    what: str
    ours: str
    peer: str
    theirs: str
    ratio: float
    target: float
    floor: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target


def compare(
    contestants: Mapping[str, Callable[[], float]], rounds: int = ROUNDS
) -> dict[str, Figure]:
    """Run each contestant twice a round, there and back (A B B A), after one round unmeasured."""
    for run in contestants.values():
        run()
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for _ in range(rounds):
        for name in [*names, *reversed(names)]:
            taken[name].append(contestants[name]())
    return {name: figure(values) for name, values in taken.items()}


def figure(values: list[float]) -> Figure:
    """Return the median and the interquartile range."""
    quarters = statistics.quantiles(values, n=4)
    return Figure(statistics.median(values), quarters[2] - quarters[0])


def cpu(work: Callable[[], object], operations: int) -> float:
    """Return the CPU seconds of the whole process, its other threads included, per operation."""
    started = time.process_time()
    work()
    return (time.process_time() - started) / operations


def micro(measured: Figure) -> str:
    """Write a figure in seconds as microseconds."""
    return f"{measured.median * 1e6:.3f} ±{measured.spread * 1e6:.3f} µs"


def peer(distribution: str) -> str:
    """Name a peer with its version."""
    return f"{distribution} {version(distribution)}"


def same(counts: Mapping[str, float]) -> None:
    """Stop where the contestants disagree: what counts differently cannot be compared."""
    if len(set(counts.values())) != 1:
        raise SystemExit(f"the contestants disagree: {dict(counts)}")


def cores() -> tuple[set[int], set[int]]:
    """Return the cores for the server and those for the load; the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


def show(rows: list[Row]) -> None:
    """Print rows as a table, or as JSON for `run.py`."""
    if "--json" in sys.argv:
        print(json.dumps([row._asdict() for row in rows]))
    else:
        print(table(rows))


def table(rows: list[Row]) -> str:
    """Lay rows out under their headings."""
    head = ("row", "what", "ours", "peer", "peer's", "ratio", "target", "floor", "met")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.at_least else "≤"
    met = "yes" if row.met else "NO"
    ratio = f"{row.ratio:.3f}" if row.ratio < 100 else f"{row.ratio:.0f}"
    target = f"{sign} {row.target:g}"
    return (row.id, row.what, row.ours, row.peer, row.theirs, ratio, target, row.floor, met)
