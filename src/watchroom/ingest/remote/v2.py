"""io.prometheus.write.v2.Request, read by hand.

https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/

Labels are references into a table of symbols that every request makes anew, so the key of a label
set is the tuple of its texts. Samples lie behind the labels as in version 1 (`samples.py`); a
series with anything else beside them but its metadata is read field by field.
"""

from collections.abc import Iterable

import numpy as np

from watchroom.ingest.intake import Intake, Place
from watchroom.ingest.naming import Refused
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.remote.draft import Columns, Draft, TooMany, kind
from watchroom.ingest.remote.known import Known
from watchroom.ingest.remote.messages import exemplar, sample
from watchroom.ingest.remote.samples import WHOLE, ZERO, Block, whole, zero
from watchroom.ingest.remote.wire import BYTES, VARINT, Malformed, fields, signed, varint, varints
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import NAME
from watchroom.storage.contract import Ints

_SYMBOL, _SERIES = 4, 5
_PARTS = _REFS, _SAMPLE, _HISTOGRAM, _EXEMPLAR, _METADATA = 1, 2, 3, 4, 5
_CREATED = 6
_REFS_TAG, _SAMPLE_TAG, _METADATA_TAG = 0x0A, 0x12, 0x2A
_TYPE, _HELP, _UNIT = 1, 3, 4
_MOST_REFS = 1024
_REF_BYTES = 16
"""What a text adds to a key; the texts themselves are mostly shared."""
_GROWS = {Kind.COUNTER: True, Kind.GAUGE: False}

Texts = tuple[str, ...]
Span = tuple[int, int]


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
        self._table = known.current()
        self._draft = Draft(known.limits, known.started)
        self._symbols: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self._owners: tuple[list[int], list[int]] = [], []
        self._places: tuple[list[int], list[int]] = [], []
        """Where samples in the usual layout begin, those with a value and those of zero."""

    def walk(self) -> None:
        """Find symbols and series. Raises Malformed, TooMany, IndexError."""
        body, symbols, limits = self._body, self._symbols, self._known.limits
        for number, wire, first, last in fields(body, 0, len(body)):
            if wire == BYTES and number == _SYMBOL:
                symbols.append(body[first:last].decode(errors="surrogateescape"))
                if len(symbols) > limits.symbols:
                    raise TooMany(f"a request holds at most {limits.symbols} symbols")
            elif wire == BYTES and number == _SERIES:
                self._spans.append((first, last))
                if len(self._spans) > limits.series:
                    raise TooMany(f"a request holds at most {limits.series} series")
        if self._spans and (not symbols or symbols[0]):
            raise Malformed("the first symbol of a request is the empty text")
        self._draft.series = [None] * len(self._spans)
        for owner, (start, stop) in enumerate(self._spans):
            if not self._usual(owner, start, stop):
                self._by_field(owner)

    def decoded(self) -> tuple[Intake, Refusals]:
        """Decode the samples. Raises Malformed, TooMany."""
        self._draft.check(sum(map(len, self._places)))
        owners = [np.array(each, np.int64) for each in self._owners]
        places = [np.array(each, np.int64) for each in self._places]
        blocks = [whole(self._body, places[0]), zero(self._body, places[1])]
        pairs = list(zip(owners, blocks, strict=True))
        odd = np.unique(np.concatenate([each[~block.usual] for each, block in pairs]))
        for owner in odd.tolist():
            self._by_field(owner)
        return self._draft.finish(*(_columns(each, block, odd) for each, block in pairs))

    def _usual(self, owner: int, start: int, stop: int) -> bool:
        """Read labels, samples, and metadata in this order; False where a series has others."""
        body = self._body
        if start == stop or body[start] != _REFS_TAG:
            return False
        size, first = varint(body, start + 1, stop)
        refs = first + size
        at = refs
        places: tuple[list[int], list[int]] = [], []
        while at < stop and body[at] == _SAMPLE_TAG:
            if body[at + 1] == WHOLE - 2:
                places[0].append(at)
                at += WHOLE
            elif body[at + 1] == ZERO - 2:
                places[1].append(at)
                at += ZERO
            else:
                return False
        end = at
        metadata: list[Span] = []
        if at < stop and body[at] == _METADATA_TAG:
            size, at = varint(body, at + 1, stop)
            metadata.append((at, at + size))
            at += size
        if at != stop or end == refs:
            return False
        try:
            self._draft.series[owner] = self._place(self._texts([(first, refs)]), metadata)
        except Refused:
            return False  # it is refused again, and counted
        for found, places_of, owners_of in zip(places, self._places, self._owners, strict=True):
            places_of.extend(found)
            owners_of.extend([owner] * len(found))
        return True

    def _by_field(self, owner: int) -> None:
        """Read one series with all it has. Raises Malformed, TooMany."""
        body, draft = self._body, self._draft
        parts: dict[int, list[Span]] = {number: [] for number in _PARTS}
        created = 0
        single: list[int] = []
        for number, wire, first, last in fields(body, *self._spans[owner]):
            if wire == BYTES and number in parts:
                parts[number].append((first, last))
            elif wire == VARINT and number == _CREATED:
                created = signed(first)
            elif wire == VARINT and number == _REFS:
                single.append(first)
        draft.series[owner] = None
        try:
            place = self._place(self._texts(parts[_REFS], single), parts[_METADATA])
        except Refused as refused:
            draft.refusals.add(str(refused), len(parts[_SAMPLE]) + len(parts[_HISTOGRAM]))
            return
        draft.series[owner] = place
        self._samples(owner, place, parts[_SAMPLE], created)
        for span in parts[_HISTOGRAM]:
            draft.add_histogram(place, body, *span, created)
        for span in parts[_EXEMPLAR]:
            self._exemplar(place, *span)
        draft.check(0)

    def _samples(self, owner: int, place: Place, spans: list[Span], created: int) -> None:
        for span in spans:
            time, value, started = sample(self._body, *span)
            started = started or created
            if self._draft.began(place, started, time):
                self._draft.add_sample(owner, started, 0.0)
            self._draft.add_sample(owner, time, value)

    def _texts(self, spans: list[Span], single: Iterable[int] = ()) -> Texts:
        """Return the texts that references stand for. Raises Malformed, Refused."""
        if sum(last - first for first, last in spans) > _MOST_REFS:
            raise Refused(f"the references of a label set take at most {_MOST_REFS} bytes")
        refs: list[int] = []
        for first, last in spans:
            packed = self._body[first:last]
            refs += packed if packed.isascii() else varints(self._body, first, last)
        refs += single
        try:
            return tuple(map(self._symbols.__getitem__, refs))
        except IndexError:
            raise Refused(f"a label refers to none of the {len(self._symbols)} symbols") from None

    def _place(self, texts: Texts, metadata: list[Span]) -> Place:
        """Return where a series goes. Raises Malformed, Refused."""
        place = self._table.get(texts)
        if place is None:
            if len(texts) % 2:
                raise Refused("a label is two references, its name and its value")
            pairs = list(zip(texts[::2], texts[1::2], strict=True))
            kind = self._metadata(dict(pairs).get(NAME, ""), metadata)
            cumulative = _GROWS.get(kind)
            return self._known.learn(texts, pairs, _REF_BYTES * len(texts), cumulative)
        if metadata and (name := _name(texts)) not in self._draft.metadata:
            self._metadata(name, metadata)
        return place

    def _metadata(self, name: str, spans: list[Span]) -> Kind:
        """Note what a series says of its metric; return its kind. Raises Malformed."""
        told = {_TYPE: 0, _HELP: 0, _UNIT: 0}
        for span in spans:
            for number, wire, value, _ in fields(self._body, *span):
                if wire == VARINT and number in told:
                    told[number] = value
        found = kind(told[_TYPE])
        if any(told.values()) and name:
            texts = (self._symbol(told[_UNIT]), self._symbol(told[_HELP]))
            self._draft.add_metadata(Metadata(name, found, *texts))
        return found

    def _symbol(self, number: int) -> str:
        text = self._symbols[number] if number < len(self._symbols) else ""
        return text.encode(errors="replace").decode()

    def _exemplar(self, place: Place, start: int, stop: int) -> None:
        found, time, value = exemplar(self._body, start, stop)
        spans = [(first, last) for wire, first, last in found if wire == BYTES]
        try:
            texts = self._texts(spans, (first for wire, first, _ in found if wire == VARINT))
        except Refused as refused:
            self._draft.refusals.add(str(refused))
            return
        pairs = sorted(zip(texts[::2], texts[1::2], strict=False))
        self._draft.add_exemplar(place, tuple(pairs), time, value)


def _columns(owners: Ints, block: Block, odd: Ints) -> Columns:
    """Return the samples of a block without those of odd series."""
    if not len(odd):
        return Columns(owners, block.times, block.values)
    kept = ~np.isin(owners, odd)
    return Columns(owners[kept], block.times[kept], block.values[kept])


def _name(texts: Texts) -> str:
    for at in range(0, len(texts), 2):
        if texts[at] == NAME:
            return texts[at + 1]
    return ""
