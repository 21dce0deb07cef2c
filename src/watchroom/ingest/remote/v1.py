"""prometheus.WriteRequest, read by hand.

https://prometheus.io/docs/specs/prw/remote_write_spec/

A series is its labels and then its samples, and senders spell the same labels again and again. So
the bytes before the samples are the key to a table, and all samples are decoded together
(`samples.py`). How many bytes at the end of a series are samples is a guess. A key found in the
table was once read as whole labels, so behind it a field begins, and `samples.py` tells whether
what follows are the samples it was taken for. Whatever is not is read field by field.
"""

from collections.abc import Iterator

import numpy as np

from watchroom.ingest.intake import Intake, Place
from watchroom.ingest.naming import Refused
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.remote.draft import Columns, Draft, kind
from watchroom.ingest.remote.known import Known
from watchroom.ingest.remote.messages import exemplar, label, sample
from watchroom.ingest.remote.samples import WHOLE, ZERO, Block, whole, zero
from watchroom.ingest.remote.wire import BYTES, VARINT, Malformed, fields, varint
from watchroom.model.kind import Metadata
from watchroom.storage.contract import Ints

_FIRST = 0x0A
"""The tag of field 1, a message: a series in a request, a label in a series."""
_SERIES, _METADATA = 1, 3
_PARTS = _LABEL, _SAMPLE, _EXEMPLAR, _HISTOGRAM = 1, 2, 3, 4
_TYPE, _FAMILY, _HELP, _UNIT = 1, 2, 4, 5
_BY_FIELD = 0
"""In the place of the bytes of samples: this series is read field by field."""
_CHECK = 1024
_MORE = 0x80
"""Series between two looks at the limits."""


def decode(body: bytes, known: Known) -> tuple[Intake, Refusals]:
    """Return what a request holds, and what of it is refused.

    Raises:
        Malformed: the bytes are no request.
        TooMany: it holds more than a request may.
    """
    reader = _Reader(body, known)
    try:
        reader.walk()
    except IndexError:
        raise Malformed("the request is cut") from None
    return reader.decoded()


class _Reader:
    """One request as it is read."""

    def __init__(self, body: bytes, known: Known) -> None:
        self._body = body
        self._known = known
        self._draft = Draft(known.limits, known.started)
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._tails: list[int] = []
        """How many bytes at the end of each series are taken for samples."""

    def walk(self) -> None:
        """Find the series. Raises Malformed, TooMany, IndexError."""
        body, table = self._body, self._known.current()
        series, size = self._draft.series, len(self._body)
        starts, stops, tails = self._starts, self._stops, self._tails
        at = tail = 0
        while at < size:
            if body[at] != _FIRST:
                at = self._other(at)
                continue
            length, start = body[at + 1], at + 2
            if length >= _MORE:  # nearly always two bytes, which is faster here than by a call
                high = body[start]
                if high < _MORE:
                    length += (high << 7) - _MORE
                    start += 1
                else:
                    length, start = varint(body, at + 1, size)
            at = start + length
            if at > size:
                raise Malformed(f"a series at byte {start} is longer than its request")
            place = table.get(body[start : at - tail])
            if place is None:
                place, taken = self._unknown(start, at)
                tails.append(taken)
                if taken > ZERO:
                    tail = taken
            else:
                tails.append(tail)
            series.append(place)
            starts.append(start)
            stops.append(at)
            if len(starts) % _CHECK == 0:
                self._draft.check(0)

    def decoded(self) -> tuple[Intake, Refusals]:
        """Decode the samples. Raises Malformed, TooMany."""
        tails, stops = np.array(self._tails, np.int64), np.array(self._stops, np.int64)
        counts = np.where(tails == ZERO, 0, tails // WHOLE)
        self._draft.check(int(counts.sum()))
        owners = np.repeat(np.arange(len(tails)), counts)
        first = np.repeat(np.cumsum(counts) - counts, counts)
        places = (stops - tails)[owners] + WHOLE * (np.arange(len(owners)) - first)
        zeros = np.flatnonzero(tails == ZERO)
        blocks = [
            self._usual(owners, whole(self._body, places)),
            self._usual(zeros, zero(self._body, stops[zeros] - ZERO)),
        ]
        for owner, taken in enumerate(self._tails):
            if taken == _BY_FIELD:
                self._by_field(owner)
        return self._draft.finish(*blocks)

    def _usual(self, owners: Ints, block: Block) -> Columns:
        """Return the samples of the series all of whose rows were samples; mark the others."""
        if not block.usual.all():
            odd = np.unique(owners[~block.usual])
            for owner in odd.tolist():
                self._tails[owner] = _BY_FIELD
            kept = ~np.isin(owners, odd)
            return Columns(owners[kept], block.times[kept], block.values[kept])
        return Columns(owners, block.times, block.values)

    def _unknown(self, start: int, stop: int) -> tuple[Place | None, int]:
        """Return where a series goes, and how many bytes its samples take."""
        body, table = self._body, self._known.table
        if stop - start > ZERO:
            place = table.get(body[start : stop - ZERO])
            if place is not None:
                return place, ZERO
        end = self._end_of_labels(start, stop)
        taken = stop - end
        if end == start or taken == 0 or (taken != ZERO and taken % WHOLE):
            return None, _BY_FIELD
        key = body[start:end]
        place = table.get(key)
        if place is None:
            try:
                place = self._known.learn(key, self._pairs(start, end), len(key))
            except Refused:
                return None, _BY_FIELD  # where it is refused again, and counted
        return place, taken

    def _end_of_labels(self, start: int, stop: int) -> int:
        body = self._body
        while start < stop and body[start] == _FIRST:
            length, start = varint(body, start + 1, stop)
            start += length
        if start > stop:
            raise Malformed(f"a label before byte {start} is longer than its series")
        return start

    def _pairs(self, start: int, stop: int) -> Iterator[tuple[str, str]]:
        """Yield the labels among the fields of a series. Raises Malformed, Refused."""
        for number, wire, first, last in fields(self._body, start, stop):
            if number == _LABEL and wire == BYTES:
                yield label(self._body, first, last)

    def _by_field(self, owner: int) -> None:
        """Read one series with all it has. Raises Malformed, TooMany."""
        body, draft = self._body, self._draft
        start, stop = self._starts[owner], self._stops[owner]
        parts: dict[int, list[tuple[int, int]]] = {number: [] for number in _PARTS}
        for number, wire, first, last in fields(body, start, stop):
            if wire == BYTES and number in parts:
                parts[number].append((first, last))
        draft.series[owner] = None
        try:
            place = self._place(start, stop, parts[_LABEL])
        except Refused as refused:
            draft.refusals.add(str(refused), len(parts[_SAMPLE]) + len(parts[_HISTOGRAM]))
            return
        draft.series[owner] = place
        for span in parts[_SAMPLE]:
            time, value, _ = sample(body, *span)
            draft.add_sample(owner, time, value)
        for span in parts[_HISTOGRAM]:
            draft.add_histogram(place, body, *span)
        for span in parts[_EXEMPLAR]:
            self._exemplar(place, *span)

    def _place(self, start: int, stop: int, spans: list[tuple[int, int]]) -> Place:
        """Return where a series goes whose labels lie anywhere in it. Raises Refused."""
        end = self._end_of_labels(start, stop)
        together = bool(spans) and spans[-1][1] == end
        key = self._body[start:end] if together else None
        place = self._known.table.get(key)
        if place is not None:
            return place
        return self._known.learn(key, (label(self._body, *span) for span in spans), end - start)

    def _exemplar(self, place: Place, start: int, stop: int) -> None:
        spans, time, value = exemplar(self._body, start, stop)
        try:
            pairs = sorted(label(self._body, *span[1:]) for span in spans if span[0] == BYTES)
        except Refused as refused:
            self._draft.refusals.add(str(refused))
            return
        self._draft.add_exemplar(place, tuple(pairs), time, value)

    def _other(self, at: int) -> int:
        """Read one field that is no series as usual; return where it ends. Raises Malformed."""
        number, wire, first, last = next(fields(self._body, at, len(self._body)))
        if wire == BYTES and number == _METADATA:
            self._draft.add_metadata(_metadata(self._body, first, last))
        elif wire == BYTES and number == _SERIES:  # its tag is spelt at length
            self._draft.series.append(None)
            self._starts.append(first)
            self._stops.append(last)
            self._tails.append(_BY_FIELD)
        return last


def _metadata(body: bytes, start: int, stop: int) -> Metadata:
    number = 0
    texts = {_FAMILY: "", _HELP: "", _UNIT: ""}
    for field, wire, first, last in fields(body, start, stop):
        if wire == VARINT and field == _TYPE:
            number = first
        elif wire == BYTES and field in texts:
            texts[field] = body[first:last].decode(errors="replace")
    return Metadata(texts[_FAMILY], kind(number), texts[_UNIT], texts[_HELP])
