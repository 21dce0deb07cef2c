"""From a portion of the head, or from blocks, to new blocks."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from watchroom.storage.contract import EVER, Ints
from watchroom.storage.embedded.answers import Answer
from watchroom.storage.embedded.build import Builder, Built
from watchroom.storage.embedded.codec import QUICK, SMALL
from watchroom.storage.embedded.directory import FLOATS, KINDS
from watchroom.storage.embedded.head import Portion
from watchroom.storage.embedded.histograms import Columns, cut, picked
from watchroom.storage.embedded.parts import Parts
from watchroom.storage.embedded.pieces import Reader, add_block, directory_of
from watchroom.storage.embedded.runs import Run
from watchroom.storage.embedded.shelf import DAY_MS, Info
from watchroom.storage.embedded.strands import joined

WIDTHS = (DAY_MS, 32 * DAY_MS, 1024 * DAY_MS, 1 << 60)
_PERIODS = 64
"""A portion becomes blocks of at most so many periods; those of old scattered samples are wider."""
_BATCH = 1 << 18
"""Samples merged at a time."""


class Sealed(NamedTuple):
    """A block of a portion, and how wide its period is."""

    width: int
    built: Built


def seal(portion: Portion) -> list[Sealed]:
    """Return a portion as blocks, each of one period."""
    run = portion.floats.whole()
    strands = [
        (number, strand, columns)
        for number in sorted(portion.rows)
        for strand, columns in portion.strands(number)
    ]
    width = _width([run.times, *(columns.times for _, _, columns in strands)])
    builders: dict[int, Builder] = {}
    for period, part in _split(run, width):
        builders.setdefault(period, Builder(QUICK)).add_run(part)
    for number, strand, columns in strands:
        for period, rows in _split_strand(columns, width):
            builders.setdefault(period, Builder(QUICK)).add_strand(number, strand, rows)
    return [
        Sealed(width, built) for period in sorted(builders) for built in builders[period].finish()
    ]


class Erased(NamedTuple):
    """What is to be left out: samples of some series in (start, end]."""

    series: frozenset[int]
    start: int
    end: int

    def kept(self, number: int, times: Any) -> Any:
        """Say which samples of a series are left; None means all."""
        if number not in self.series:
            return None
        kept = (times <= self.start) | (times > self.end)
        return None if kept.all() else kept


NOTHING = Erased(frozenset(), 0, 0)


def touches(reader: Reader, info: Info, erased: Erased) -> bool:
    """Say whether a block has any of what is to be left out."""
    directory = directory_of(reader, info)
    if directory is None:
        return False
    inside = (directory.lasts > erased.start) & (directory.firsts <= erased.end)
    return not erased.series.isdisjoint(directory.series[inside].tolist())


def merge(reader: Reader, infos: Sequence[Info], erased: Erased = NOTHING) -> list[Built]:
    """Return blocks, older ones first, as new blocks; what is damaged is reported and left out."""
    builder = Builder(SMALL)
    kinds = KINDS if infos[0].coarse else (FLOATS,)
    for wanted in batches(reader, infos):
        answers = []
        for kind in kinds:
            parts = Parts(wanted)
            for info in infos:
                add_block(reader._replace(kind=kind), parts, info, *EVER)
            answers.append(Answer(parts, *EVER))
        for number in wanted.tolist():
            for kind, answer in zip(kinds, answers, strict=True):
                _add_floats(builder, answer, number, kind, erased)
            _add_strands(builder, answers[0], number, erased)
        for number, reason in (each for answer in answers for each in answer.damaged):
            reader.damaged(f"a piece of series {number}", reason, b"")
    return builder.finish()


def _add_floats(builder: Builder, answer: Answer, number: int, kind: int, erased: Erased) -> None:
    floats = answer.floats(number, ())
    if floats is None:
        return
    times, values = floats.times, floats.values
    kept = erased.kept(number, times)
    if kept is not None:
        times, values = times[kept], values[kept]
    if len(times):
        builder.add_floats(number, times, values, kind)


def _add_strands(builder: Builder, answer: Answer, number: int, erased: Erased) -> None:
    for strand, parts in answer.strands(number).items():
        columns = joined(parts, strand)
        kept = erased.kept(number, columns.times)
        if kept is not None:
            columns = picked(columns, strand, kept)
        if len(columns.times):
            builder.add_strand(number, strand, columns)


def batches(reader: Reader, infos: Sequence[Info]) -> Iterator[Ints]:
    """Yield all series of some blocks by ascending number, few samples at a time."""
    found = [each for info in infos if (each := directory_of(reader, info)) is not None]
    if not found:
        return
    numbers = np.concatenate([directory.series for directory in found])
    series, place = np.unique(numbers, return_inverse=True)
    counts = np.bincount(place, np.concatenate([directory.counts for directory in found]))
    batch = np.cumsum(counts) // _BATCH
    cuts = np.flatnonzero(np.diff(batch)) + 1
    yield from np.split(series, cuts)


def _width(times: Sequence[Any]) -> int:
    """Return the narrowest width at which the samples are of few periods."""
    for width in WIDTHS:
        periods: set[int] = set()
        for each in times:
            if len(each):
                low, high = int(each.min()) // width, int(each.max()) // width
                periods.update([low] if low == high else np.unique(each // width).tolist())
        if len(periods) <= _PERIODS:
            return width
    return WIDTHS[-1]


def _split(run: Run, width: int) -> Iterator[tuple[int, Run]]:
    """Yield a run by period."""
    if not len(run.times):
        return
    if run.first // width == run.last // width:
        yield run.first // width, run
        return
    period = run.times // width
    numbers = np.repeat(np.arange(len(run.series)), np.diff(run.starts))
    for each in np.unique(period).tolist():
        inside = period == each
        counts = np.bincount(numbers[inside], minlength=len(run.series))
        there = counts > 0
        starts = np.concatenate([[0], np.cumsum(counts[there])])
        yield each, Run(run.series[there], starts, run.times[inside], run.values[inside])


def _split_strand(columns: Columns, width: int) -> Iterator[tuple[int, Columns]]:
    period = columns.times // width
    cuts = [0, *(np.flatnonzero(np.diff(period)) + 1).tolist(), len(period)]
    for first, last in pairwise(cuts):
        yield int(period[first]), cut(columns, first, last)
