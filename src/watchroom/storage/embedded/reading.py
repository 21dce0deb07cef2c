"""From the parts of a series to what a reader gets."""

from collections.abc import Iterator

import numpy as np

from watchroom.model.labels import Labels
from watchroom.storage.contract import FloatSeries, Series, Times
from watchroom.storage.embedded.chunks import Parts
from watchroom.storage.embedded.head import in_order
from watchroom.storage.embedded.strands import assemble


class Sharing:
    """Makes equal times of one answer the same array."""

    def __init__(self) -> None:
        self._known: dict[bytes, Times] = {}

    def of(self, times: Times) -> Times:
        """Return the array that stands for these times."""
        return self._known.setdefault(times.tobytes(), times)


def series_of(
    labels: Labels, parts: Parts, start: int, end: int, sharing: Sharing
) -> Iterator[Series]:
    """Yield what a series has in (start, end]: its floats, and each strand of its histograms."""
    if parts.floats:
        times, values = in_order(*map(np.concatenate, zip(*parts.floats, strict=True)))
        first, last = np.searchsorted(times, [start, end], side="right")
        if first != last:
            yield FloatSeries(labels, sharing.of(times[first:last]), values[first:last])
    for strand, columns in parts.strands().items():
        series = assemble(labels, strand, columns, start, end)
        if series is not None:
            yield series
