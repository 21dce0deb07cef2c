"""Blocks in the making: sorted samples go in, directories and bodies come out."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from watchroom.storage.contract import Floats, Times
from watchroom.storage.embedded.codec import compress, squeeze
from watchroom.storage.embedded.directory import FLOATS, HISTOGRAMS, Directory, check
from watchroom.storage.embedded.histograms import Columns, Strand, pieces, strand_arrays
from watchroom.storage.embedded.runs import Run

BODY_BYTES = 4 << 20
"""A body of this size is closed, and a new block begun."""
PIECE_SAMPLES = 16_384
"""A longer series is cut, so that a short range needs no long piece decoded."""
NOBODY = -1


class Built(NamedTuple):
    """One block, not yet written."""

    directory: Directory
    body: bytes


class Builder:
    """Takes series in ascending order; a series' floats before its histograms."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._done: list[Built] = []
        self._begin()

    def add_run(self, run: Run) -> None:
        """Take in the floats of some series."""
        same = run.same.tolist()
        cuts = list(pairwise(run.starts.tolist()))
        shared = {first: run.times[slice(*cuts[first])] for first in set(same)}
        for number, first, (low, high) in zip(run.series.tolist(), same, cuts, strict=True):
            self.add_floats(number, shared[first], run.values[low:high])

    def add_floats(self, number: int, times: Times, values: Floats, kind: int = FLOATS) -> None:
        """Take in the floats of one series; times that are one array are kept once."""
        count = -(-len(times) // PIECE_SAMPLES)
        for part, (low, high) in enumerate(
            pairwise([len(times) * part // count for part in range(count + 1)])
        ):
            stamp = self._stamp(times, part, low, high)
            span = int(times[low]), int(times[high - 1])
            piece = squeeze(values[low:high], self._level)
            self._add((number, kind, high - low, *span, stamp), piece)

    def add_strand(self, number: int, strand: Strand, columns: Columns) -> None:
        """Take in a strand of a series' histograms."""
        for part in pieces(columns):
            span = int(part.times[0]), int(part.times[-1])
            piece = compress(strand_arrays(strand, part), number, self._level)
            self._add((number, HISTOGRAMS, len(part.times), *span, NOBODY), piece)

    def finish(self) -> list[Built]:
        """Return the blocks."""
        self._close()
        return self._done

    def _begin(self) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._pieces: list[bytes] = []
        self._stamps: dict[bytes, int] = {}
        self._stamp_counts: list[int] = []
        self._known: dict[tuple[int, int], tuple[int, Times]] = {}
        self._size = 0

    def _stamp(self, times: Times, part: int, low: int, high: int) -> int:
        known = self._known.get((id(times), part))
        if known is not None:
            return known[0]
        piece = squeeze(times[low:high], self._level)
        stamp = self._stamps.setdefault(piece, len(self._stamps))
        if stamp == len(self._stamp_counts):
            self._stamp_counts.append(high - low)
            self._size += len(piece)
        self._known[id(times), part] = stamp, times  # which keeps the id from being reused
        return stamp

    def _add(self, about: tuple[int, ...], piece: bytes) -> None:
        self._rows.append((*about, len(piece), check(piece, about[0])))
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= BODY_BYTES:
            self._close()

    def _close(self) -> None:
        if not self._rows:
            return
        columns = np.array(self._rows, np.int64).T
        stamps = list(self._stamps)
        about = [
            self._stamp_counts,
            [len(piece) for piece in stamps],
            [check(piece, NOBODY) for piece in stamps],
        ]
        directory = Directory(
            *(np.ascontiguousarray(column) for column in columns),
            *(np.array(each, np.int64) for each in about),
        )
        self._done.append(Built(directory, b"".join([*stamps, *self._pieces])))
        self._begin()
