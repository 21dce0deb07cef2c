"""From pieces to what a reader gets: decoded, put together, cut to the range."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from watchroom.model.labels import Labels
from watchroom.model.stale import is_stale
from watchroom.storage.contract import Floats, FloatSeries, Ints, Series, Times, Watch
from watchroom.storage.embedded.codec import Damaged, expand
from watchroom.storage.embedded.histograms import Columns, Strand
from watchroom.storage.embedded.parts import Key, Parts, Piece
from watchroom.storage.embedded.pieces import unwatched
from watchroom.storage.embedded.strands import assemble

_DONE: list[Piece] = []


class _Arrangement(NamedTuple):
    """How pieces with certain times lie together; many series share one."""

    times: Times
    first: int
    last: int
    order: Ints | None
    """Which values stand for `times`, where the pieces overlap."""


class _Undecodable(Exception):
    """A piece cannot be decoded, though its checksum is right."""

    def __init__(self, piece: Piece, reason: str) -> None:
        super().__init__(reason)
        self.piece = piece
        self.reason = reason


class Answer:
    """Makes the series of one answer; those with the same times share one array."""

    def __init__(
        self,
        parts: Parts,
        start: int,
        end: int,
        watch: Watch = unwatched,
        *,
        counting: bool = False,
    ) -> None:
        self._parts = parts
        self._watch = watch
        self._counting = counting  # a sample that is no coarse one counts as 1
        self._start = start
        self._end = end
        self._known: dict[tuple[Key, ...], _Arrangement] = {}
        total = sum(piece.count for pieces in parts.floats for piece in pieces)
        self._flat = np.empty(total)
        self._used = 0
        self._next = 0
        self.damaged: list[tuple[int, str]] = []
        """Series with pieces that could not be decoded, and why."""

    def series(self, names: Mapping[int, Labels]) -> Iterator[Series]:
        """Yield what each series has in the range: its floats, and its histograms by strand."""
        for number in self._parts.wanted.tolist():
            labels = names[number]
            floats = self.floats(number, labels)
            if floats is not None:
                yield floats
            for strand, columns in self.strands(number).items():
                found = assemble(labels, strand, columns, self._start, self._end)
                if found is not None:
                    yield found

    def floats(self, number: int, labels: Labels) -> FloatSeries | None:
        """Return what the next of the wanted series has in the range; ask in their order."""
        self._watch(0)
        pieces = self._parts.floats[self._next]
        self._parts.floats[self._next] = _DONE  # all let go at once would be a long pause
        self._next += 1
        return self._joined(number, labels, pieces) if pieces else None

    def strands(self, number: int) -> dict[Strand, list[Columns]]:
        """Return the histograms of a series by strand, in the order they were written."""
        strands = self._parts.strands.get(number)
        return strands.columns() if strands is not None else {}

    def _joined(self, number: int, labels: Labels, pieces: list[Piece]) -> FloatSeries | None:
        key = tuple([piece.key for piece in pieces])
        arranged = self._known.get(key)
        if arranged is None:
            arranged = self._known[key] = self._arrange(key)
        if not len(arranged.times):
            return None
        try:
            values = self._decoded(pieces)
        except _Undecodable as failed:
            self.damaged.append((number, failed.reason))
            left = [each for each in pieces if each is not failed.piece]
            return self._joined(number, labels, left) if left else None
        if arranged.order is not None:
            return FloatSeries(labels, arranged.times, values[arranged.order])
        return FloatSeries(labels, arranged.times, values[arranged.first : arranged.last])

    def _decoded(self, pieces: list[Piece]) -> Floats:
        """Return the values of pieces, one behind the other. Raises _Undecodable."""
        flat, begin, position = self._flat, self._used, self._used
        for piece in pieces:
            into = flat[position : position + piece.count]
            position += piece.count
            if isinstance(piece.values, bytes):
                try:
                    expand(piece.values, into)
                except Damaged as error:
                    raise _Undecodable(piece, str(error)) from error
            else:
                into[:] = piece.values
            if self._counting and not piece.coarse:
                into[:] = np.where(is_stale(into), into, 1.0)
        self._used = position
        return flat[begin:position]

    def _arrange(self, key: tuple[Key, ...]) -> _Arrangement:
        each = [self._parts.times[one] for one in key]
        times = each[0] if len(each) == 1 else np.concatenate(each)
        order = None
        if len(each) > 1 and not (times[1:] > times[:-1]).all():
            order = np.argsort(times, kind="stable")
            last = np.append(times[order][1:] != times[order][:-1], True)
            order = order[last]
            times = times[order]
        first, end = np.searchsorted(times, [self._start, self._end], side="right").tolist()
        cut = times[first:end]
        if len(each) > 1:
            cut.flags.writeable = False
        return _Arrangement(cut, first, end, None if order is None else order[first:end])
