"""Which blocks to merge next."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from watchroom.storage.embedded.shelf import Info

FAN = 8
"""Groups of one level that become one of the next."""
MOST = 16_000_000
"""Samples of one merge: what is larger is large enough."""
_SETTLED_MS = 2 * 3_600_000
"""How long after its end a period is merged as a whole."""

Group = list[Info]
"""The blocks of one period that one seal or merge made."""


def plan(infos: Sequence[Info], now: int, *, everything: bool = False) -> list[Info]:
    """Return blocks to merge, in the order they were written; none where all is well.

    Coarse blocks are of whole periods, and stay as they are.
    With `everything`, every period is merged as if it were over.
    """
    infos = [info for info in infos if not info.coarse]
    periods: dict[tuple[int, int], list[Group]] = defaultdict(list)
    for _, group in groupby(infos, key=lambda info: (info.rank, info.period)):
        blocks = list(group)
        periods[blocks[0].period].append(blocks)
    for period, groups in sorted(periods.items()):
        width, number = period
        over = everything or (number + 1) * width + _SETTLED_MS < now
        chosen = _of_one_level(groups) or (_all_that_fit(groups) if over else [])
        blocks = [info for group in chosen for info in group]
        if blocks and not _interleaved(blocks, infos):
            return blocks
    return []


def _of_one_level(groups: list[Group]) -> list[Group]:
    for _, same in groupby(groups, key=lambda group: group[0].level):
        alike = list(same)
        if len(alike) >= FAN and _samples(alike[:FAN]) <= MOST:
            return alike[:FAN]
    return []


def _all_that_fit(groups: list[Group]) -> list[Group]:
    """Return the first neighbours that are not too large together."""
    chosen: list[Group] = []
    for group in groups:
        if _samples([*chosen, group]) > MOST:
            if len(chosen) > 1:
                return chosen
            chosen = []
        if _samples([group]) <= MOST:
            chosen.append(group)
    return chosen if len(chosen) > 1 else []


def _samples(groups: Sequence[Group]) -> int:
    return sum(info.samples for group in groups for info in group)


def _interleaved(blocks: Sequence[Info], infos: Sequence[Info]) -> bool:
    """Say whether others were written between them that reach into the same time."""
    ids = {info.block for info in blocks}
    low, high = min(info.rank for info in blocks), max(info.rank for info in blocks)
    start, end = min(info.start for info in blocks), max(info.ending for info in blocks)
    return any(
        low < info.rank < high and info.start <= end and info.ending >= start
        for info in infos
        if info.block not in ids
    )
