"""Samples of folded label sets, added up into the series they are folded into."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from watchroom.ingest.folding import Total, added, histogram_rise, rise
from watchroom.ingest.intake import Folded, Intake, Sighting
from watchroom.ingest.memory import Memory
from watchroom.model.histogram import Histogram

Row = tuple[Folded, int, float]


def merged(intake: Intake, memory: Memory) -> tuple[Intake, int]:
    """Return the intake with sums in the place of what is folded, and how many samples were."""
    elsewhere = [isinstance(place, Folded) for place in intake.series]
    count = 0
    if any(elsewhere):
        intake, rows = _split(intake, np.array(elsewhere, np.bool_))
        intake = _with(intake, _sums(rows, memory))
        count = len(rows)
    if any(isinstance(place, Folded) for place, _, _ in intake.histograms):
        kept = [row for row in intake.histograms if not isinstance(row[0], Folded)]
        folded = [row for row in intake.histograms if isinstance(row[0], Folded)]
        sums = _histogram_sums(folded, memory)
        intake = intake._replace(histograms=[*kept, *sums])
        count += len(folded)
    return intake._replace(exemplars=list(map(_settled, intake.exemplars))), count


def _settled(sighting: Sighting) -> Sighting:
    place = sighting.place
    return sighting._replace(place=place.into.labels) if isinstance(place, Folded) else sighting


def _split(intake: Intake, elsewhere: Any) -> tuple[Intake, list[Row]]:
    """Return the intake without its folded samples, and these in the order of time."""
    owners = np.arange(len(intake.series)) if intake.owners is None else intake.owners
    times, values = np.asarray(intake.times, np.int64), np.asarray(intake.values, np.float64)
    folded = elsewhere[owners]
    order = np.argsort(times[folded], kind="stable")
    columns = (each[folded][order].tolist() for each in (owners, times, values))
    rows = [
        (place, time, value)
        for owner, time, value in zip(*columns, strict=True)
        if isinstance(place := intake.series[owner], Folded)
    ]
    kept = [place for place in intake.series if not isinstance(place, Folded)]
    renumbered = np.cumsum(~elsewhere) - 1
    rest = intake._replace(
        series=kept,
        owners=renumbered[owners[~folded]],
        times=times[~folded],
        values=values[~folded],
    )
    return rest, rows


def _sums(rows: Sequence[Row], memory: Memory) -> dict[Total, dict[int, float]]:
    """Return what each sum is at which time, after rows in the order of time."""
    sums: dict[Total, dict[int, float]] = {}
    for place, time, value in rows:
        if math.isnan(value):
            continue  # stale or unknown: what it was stays in the sum
        into = place.into
        if place.cumulative:
            before = memory.lasts.get(place.mark)
            into.value += rise(before, time, value)
            if before is None or time > before[0]:
                memory.lasts.put(place.mark, (time, value))
        written = into.written() if place.cumulative else value
        sums.setdefault(into, {})[into.advance(time)] = written
    return sums


def _with(intake: Intake, sums: dict[Total, dict[int, float]]) -> Intake:
    """Return the intake with the samples of sums behind its own."""
    first = len(intake.series)
    owners = [number for number, each in enumerate(sums.values(), first) for _ in each]
    times = [time for each in sums.values() for time in each]
    values = [value for each in sums.values() for value in each.values()]
    return intake._replace(
        series=[*intake.series, *(total.labels for total in sums)],
        owners=np.concatenate([intake.owners, np.array(owners, np.int64)]),
        times=np.concatenate([intake.times, np.array(times, np.int64)]),
        values=np.concatenate([intake.values, np.array(values, np.float64)]),
    )


def _histogram_sums(rows: Sequence[Any], memory: Memory) -> list[tuple[Any, int, Histogram]]:
    """Return what each sum of histograms is at which time."""
    sums: dict[tuple[Total, int], Histogram] = {}
    for place, time, histogram in sorted(rows, key=lambda row: int(row[1])):
        into = place.into
        if math.isnan(histogram.sum):
            continue
        if histogram.gauge:
            sums[into, into.advance(time)] = histogram
            continue
        before = memory.histogram(place.mark)
        if before is None or time > before[0]:
            part = histogram_rise(before[1] if before else None, histogram)
            into.histogram = added(into.histogram, part)
            memory.put_histogram(place.mark, time, histogram)
        sums[into, into.advance(time)] = into.histogram or histogram
    return [(total.labels, time, histogram) for (total, time), histogram in sums.items()]
