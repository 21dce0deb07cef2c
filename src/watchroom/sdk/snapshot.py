"""Snapshots: what instruments say of their series in one batch."""

from collections.abc import Iterable

from watchroom.model.kind import Kind
from watchroom.sdk.instruments import Cell, Instrument, Values
from watchroom.wire.batch import Metric, Point, pack


def snapshot(instruments: Iterable[Instrument], *, everything: bool) -> list[Metric]:
    """Return the series that changed since the last snapshot, or all of them, as metrics."""
    metrics = []
    for instrument in instruments:
        points = [
            _point(values, cell, instrument.metadata.kind)
            for values, cell in instrument.cells.items()
            if cell.changed or everything
        ]
        if points:
            metrics.append(_metric(instrument, points))
    return metrics


def _metric(instrument: Instrument, points: list[Point]) -> Metric:
    meta = instrument.metadata
    return Metric(meta.name, meta.kind, meta.unit, meta.help, list(instrument.labels), points)


def _point(values: Values, cell: Cell, kind: Kind) -> Point:
    value = pack(cell.histogram()) if kind is Kind.HISTOGRAM else float(cell.value)
    point = Point(list(values), value, cell.fresh)
    cell.fresh = cell.changed = False
    return point
