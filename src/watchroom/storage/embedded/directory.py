"""The directory of a block: which pieces lie in its body, and where."""

import zlib
from typing import NamedTuple

import numpy as np

from watchroom.storage.contract import Ints
from watchroom.storage.embedded.codec import Damaged, compress, decompress

FLOATS, HISTOGRAMS, LEAST, MOST, SUMS, COUNTS = range(6)
"""What a piece holds. Coarse blocks have for each kept float what it stands for, too."""
KINDS = (FLOATS, LEAST, MOST, SUMS, COUNTS)
"""What coarse blocks have of floats, in the order of downsampling's columns."""


class Directory(NamedTuple):
    """The pieces of a block: first its stamps (sample times), then those of its series.

    Piece i of a series belongs to `series[i]` (ascending), holds `counts[i]` samples from
    `firsts[i]` to `lasts[i]`, and takes `sizes[i]` bytes; `stamps[i]` says which stamp its times
    are, -1 where the piece has its own. `stamp_counts` and the rest say the same of the stamps.
    """

    series: Ints
    kinds: Ints
    counts: Ints
    firsts: Ints
    lasts: Ints
    stamps: Ints
    sizes: Ints
    checks: Ints
    stamp_counts: Ints
    stamp_sizes: Ints
    stamp_checks: Ints

    def offsets(self) -> tuple[Ints, Ints]:
        """Return where in the body each stamp and each series' piece begins."""
        ends = np.cumsum(np.concatenate([[0], self.stamp_sizes, self.sizes]))
        return ends[: len(self.stamp_sizes)], ends[len(self.stamp_sizes) : -1]

    def encode(self, block: int) -> bytes:
        """Return the directory as bytes; the checksum covers which block it is of."""
        return compress(self, block)


def decode(body: bytes, block: int) -> Directory:
    """Return the directory of `encode`. Raises Damaged."""
    arrays = decompress(body, block)
    if len(arrays) != len(Directory._fields):
        raise Damaged("a directory has other columns")
    return Directory(*arrays)


def check(piece: bytes, owner: int) -> int:
    """Return the checksum of a piece, which covers whose it is; a stamp is nobody's: -1."""
    return zlib.crc32(piece, owner & 0xFFFFFFFF)
