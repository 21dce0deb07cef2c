"""Reading pieces out of blocks: only what is wanted, next to each other in one go."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.storage.contract import Bools, Ints, Watch
from watchroom.storage.embedded import shelf
from watchroom.storage.embedded.codec import Damaged, decompress
from watchroom.storage.embedded.directory import FLOATS, HISTOGRAMS, Directory, check
from watchroom.storage.embedded.histograms import strand_from
from watchroom.storage.embedded.parts import Parts, Piece
from watchroom.storage.embedded.shelf import Cache, Info

Report: TypeAlias = Callable[[str, str, bytes], None]
"""Takes what is damaged, why, and its bytes."""

_GAP = 64 << 10
"""Bytes that are read and thrown away rather than read around."""


def unwatched(_samples: int) -> None:
    """Mind nothing."""


class Reader(NamedTuple):
    """What it takes to read blocks."""

    database: sqlite3.Connection
    cache: Cache
    damaged: Report
    watch: Watch = unwatched
    kind: int = FLOATS
    """What of coarse floats is wanted; others are as they are."""


def add_block(reader: Reader, parts: Parts, info: Info, start: int, end: int) -> None:
    """Take in what a block has of the wanted series in (start, end]."""
    directory = directory_of(reader, info)
    if directory is None:
        return
    hit, place = parts.places(directory.series)
    inside = (directory.lasts[hit] > start) & (directory.firsts[hit] <= end)
    inside &= _of_kind(reader, info, directory.kinds[hit])
    if inside.any():
        _add(reader, parts, info, directory, hit[inside], place[inside])


def count(reader: Reader, parts: Parts, infos: Iterable[Info], start: int, end: int) -> int:
    """Return how many samples of the wanted series are in (start, end], if they lie evenly."""
    total = 0.0
    for info in infos:
        directory = directory_of(reader, info)
        if directory is None:
            continue
        hit, _ = parts.places(directory.series)
        hit = hit[_of_kind(reader, info, directory.kinds[hit])]
        first, last = directory.firsts[hit] - 1, directory.lasts[hit]
        share = (np.minimum(last, end) - np.maximum(first, start)) / (last - first)
        total += float((directory.counts[hit] * np.maximum(share, 0.0)).sum())
    return int(total)


def _of_kind(reader: Reader, info: Info, kinds: Ints) -> Bools:
    found: Bools = (kinds == HISTOGRAMS) | (kinds == (reader.kind if info.coarse else FLOATS))
    return found


def add_histograms_before(reader: Reader, parts: Parts, infos: Iterable[Info], start: int) -> None:
    """Take in the pieces that say what histograms were before the range, newest blocks first."""
    known = {number: strands.known_until(start) for number, strands in parts.strands.items()}
    older = [info for info in infos if info.start <= start]
    for info in sorted(older, key=lambda info: info.ending, reverse=True):
        lacking = sorted(number for number, until in known.items() if until <= info.ending)
        if not lacking:
            return
        directory = directory_of(reader, info)
        if directory is None:
            continue
        hit = np.flatnonzero(
            np.isin(directory.series, lacking)
            & (directory.kinds == HISTOGRAMS)
            & (directory.lasts <= start)
        )
        newest = [i for i in hit.tolist() if directory.lasts[i] >= known[int(directory.series[i])]]
        if newest:
            chosen = np.array(newest, np.int64)
            _add(reader, parts, info, directory, chosen, chosen)
        for number in lacking:
            known[number] = parts.strands[number].known_until(start)


def directory_of(reader: Reader, info: Info) -> Directory | None:
    """Return a block's directory; None where it is damaged, which is reported."""
    try:
        return reader.cache.directory(reader.database, info.block)
    except Damaged as error:
        what = (
            f"block {info.block}: {info.samples} samples of series {info.low} to {info.high}, "
            f"{info.start} to {info.ending}"
        )
        reader.damaged(what, str(error), b"")
        return None


def _add(
    reader: Reader, parts: Parts, info: Info, directory: Directory, hit: Ints, place: Ints
) -> None:
    lost = _add_stamps(reader, parts, info, directory, hit)
    offsets = directory.offsets()[1]
    found = _bodies(reader, info.block, offsets[hit], directory.sizes[hit])
    for i, position, body in zip(hit.tolist(), place.tolist(), found, strict=True):
        number, stamp = int(directory.series[i]), int(directory.stamps[i])
        reader.watch(0)
        if stamp in lost:
            continue
        try:
            whole = _checked(body, number, int(directory.checks[i]))
            if directory.kinds[i] == HISTOGRAMS:
                strand = strand_from(decompress(whole, number))
                parts.add_strands((info.rank, info.block), number, [strand])
            else:
                count = int(directory.counts[i])
                piece = Piece((info.block, stamp), count, whole, bool(info.coarse))
                parts.floats[position].append(piece)
        except Damaged as error:
            reader.damaged(_named(info, directory, i), str(error), body or b"")


def _checked(body: bytes | None, owner: int, wanted: int) -> bytes:
    if body is None:
        raise Damaged("unreadable")
    if check(body, owner) != wanted:
        raise Damaged("checksum mismatch")
    return body


def _add_stamps(
    reader: Reader, parts: Parts, info: Info, directory: Directory, hit: Ints
) -> set[int]:
    """Take in the sample times of pieces; return the stamps that are damaged."""
    missing = []
    for stamp in np.unique(directory.stamps[hit]).tolist():
        times = reader.cache.stamp(info.block, stamp) if stamp >= 0 else None
        if times is not None:
            parts.times[info.block, stamp] = times
        elif stamp >= 0:
            missing.append(stamp)
    if not missing:
        return set()
    offsets = directory.offsets()[0][missing]
    lost = set()
    bodies = _bodies(reader, info.block, offsets, directory.stamp_sizes[missing])
    for stamp, body in zip(missing, bodies, strict=True):
        try:
            times = shelf.decode_stamp(directory, stamp, body or b"")
        except Damaged as error:
            lost.add(stamp)
            reader.damaged(_named_stamp(info, directory, stamp), str(error), body or b"")
            continue
        reader.cache.keep(info.block, stamp, times)
        parts.times[info.block, stamp] = times
    return lost


def _bodies(reader: Reader, block: int, offsets: Ints, sizes: Ints) -> Iterator[bytes | None]:
    """Yield pieces, given in ascending order; None for one that cannot be read."""
    if not len(offsets):
        return
    ends = offsets + sizes
    cuts = np.flatnonzero(offsets[1:] - ends[:-1] > _GAP) + 1
    for first, last in zip([0, *cuts.tolist()], [*cuts.tolist(), len(offsets)], strict=True):
        low, high = int(offsets[first]), int(ends[last - 1])
        body = _read(reader.database, block, low, high)
        spans = zip(offsets[first:last].tolist(), ends[first:last].tolist(), strict=True)
        for begin, ending in spans:
            if body is not None:
                yield body[begin - low : ending - low]
            else:  # past pages that cannot be read
                yield _read(reader.database, block, begin, ending)


def _read(database: sqlite3.Connection, block: int, low: int, high: int) -> bytes | None:
    try:
        with database.blobopen("blocks", "body", block, readonly=True) as body:
            body.seek(low)
            found = body.read(high - low)
    except (sqlite3.DatabaseError, ValueError):
        return None
    return found if len(found) == high - low else None


def _named(info: Info, directory: Directory, i: int) -> str:
    return (
        f"series {directory.series[i]}, {directory.firsts[i]} to {directory.lasts[i]}: "
        f"{directory.counts[i]} samples (block {info.block})"
    )


def _named_stamp(info: Info, directory: Directory, stamp: int) -> str:
    whose = np.flatnonzero(directory.stamps == stamp)
    series = ", ".join(map(str, directory.series[whose[:8]].tolist()))
    more = f" and {len(whose) - 8} more" if len(whose) > 8 else ""
    return (
        f"the sample times of series {series}{more}, {directory.firsts[whose].min()} to "
        f"{directory.lasts[whose].max()} (block {info.block}, stamp {stamp})"
    )
