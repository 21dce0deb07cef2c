"""What becomes of samples that are too old, or too many, to be kept whole."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from watchroom.storage.contract import EVER
from watchroom.storage.embedded import downsample
from watchroom.storage.embedded.answers import Answer
from watchroom.storage.embedded.build import Builder, Built
from watchroom.storage.embedded.codec import SMALL
from watchroom.storage.embedded.directory import KINDS
from watchroom.storage.embedded.downsample import Coarse
from watchroom.storage.embedded.parts import Parts
from watchroom.storage.embedded.pieces import Reader, add_block
from watchroom.storage.embedded.sealing import batches
from watchroom.storage.embedded.shelf import Info
from watchroom.storage.embedded.strands import joined


def due(infos: Sequence[Info], oldest: int) -> Iterator[list[Info]]:
    """Yield the blocks that are older, those of one period together in the order written."""
    old = [info for info in infos if not info.coarse and info.ending < oldest]
    old.sort(key=lambda info: info.period)
    for _, group in groupby(old, key=lambda info: info.period):
        yield list(group)


def oldest_whole(infos: Sequence[Info], room: int) -> int:
    """Return from when on whole samples may stay, so that blocks take `room` bytes together.

    Coarse ones leave them at least half of it.
    """
    coarse = sum(info.bytes for info in infos if info.coarse)
    return _within([info for info in infos if not info.coarse], max(room - coarse, room // 2))


def oldest_coarse(infos: Sequence[Info], room: int) -> int:
    """Return from when on coarse samples may stay: they get what whole ones leave."""
    whole = sum(info.bytes for info in infos if not info.coarse)
    return _within([info for info in infos if info.coarse], room - whole)


def _within(infos: Sequence[Info], left: int) -> int:
    """Return the time from which the newest blocks take at most so many bytes."""
    for info in sorted(infos, key=lambda info: info.ending, reverse=True):
        left -= info.bytes
        if left < 0:
            return info.ending + 1
    return EVER[0]


def downsampled(
    reader: Reader, infos: Sequence[Info], cumulative: Callable[[int], bool]
) -> list[Built]:
    """Return what is kept of blocks, given in the order they were written."""
    builder = Builder(SMALL)
    for wanted in batches(reader, infos):
        parts = Parts(wanted)
        for info in infos:
            add_block(reader, parts, info, *EVER)
        answer = Answer(parts, *EVER)
        for number in wanted.tolist():
            _add(builder, answer, number, cumulative)
        for number, reason in answer.damaged:
            reader.damaged(f"a piece of series {number}", reason, b"")
    return builder.finish()


def _add(builder: Builder, answer: Answer, number: int, cumulative: Callable[[int], bool]) -> None:
    floats = answer.floats(number, ())
    if floats is not None:
        _add_coarse(
            builder,
            number,
            downsample.floats(floats.times, floats.values, cumulative=cumulative(number)),
        )
    for strand, parts in answer.strands(number).items():
        builder.add_strand(number, strand, downsample.histograms(joined(parts, strand), strand))


def _add_coarse(builder: Builder, number: int, coarse: Coarse) -> None:
    times, *columns = coarse
    for kind, column in zip(KINDS, columns, strict=True):
        builder.add_floats(number, times, column, kind)
