"""Everything folding remembers, and how it outlives the process."""

import logging
import zlib
from pathlib import Path

import msgspec

from watchroom.ingest.folding import Lasts, Total
from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels

logger = logging.getLogger(__name__)

FILE = "folded.bin"

_SETS = 1 << 21
_HISTOGRAMS = 20_000
_CHECK_BYTES = 4


class _Saved(msgspec.Struct, array_like=True):
    """The file: version 1, behind a CRC-32."""

    lasts: list[bytes]
    histograms: dict[int, tuple[int, Histogram]]
    totals: list[tuple[Labels, int, float, float, Histogram | None]]


class Memory:
    """The last values of folded sets, and the sums they are folded into."""

    def __init__(self, sets: int = _SETS, histograms: int = _HISTOGRAMS) -> None:
        self.lasts = Lasts(sets)
        self.totals: dict[Labels, Total] = {}
        self._histograms: dict[int, tuple[int, Histogram]] = {}
        self._most = histograms
        self._forgotten = 0

    def knows(self, number: int) -> bool:
        """Say whether a set is remembered under its mark."""
        return number in self._histograms or self.lasts.get(number) is not None

    def histogram(self, number: int) -> tuple[int, Histogram] | None:
        """Return the last time and histogram under a mark."""
        return self._histograms.get(number)

    def put_histogram(self, number: int, time: int, histogram: Histogram) -> None:
        """Note the newest of a mark; the one silent for longest goes when there are too many."""
        self._histograms.pop(number, None)
        self._histograms[number] = (time, histogram)
        if len(self._histograms) > self._most:
            del self._histograms[next(iter(self._histograms))]
            self._forgotten += 1

    def __len__(self) -> int:
        return len(self.lasts) + len(self._histograms)

    def forgotten(self) -> int:
        """Return how many sets were forgotten; one that returns is counted anew."""
        return self.lasts.forgotten + self._forgotten

    def encode(self) -> bytes:
        """Return all of it as bytes."""
        totals = [
            (each.labels, each.time, each.value, each.floor, each.histogram)
            for each in self.totals.values()
        ]
        saved = _Saved(self.lasts.columns(), self._histograms, totals)
        body = msgspec.msgpack.encode(saved)
        return zlib.crc32(body).to_bytes(_CHECK_BYTES, "little") + body

    def decode(self, data: bytes) -> None:
        """Take back what `encode` gave. Raises ValueError."""
        check, body = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        if zlib.crc32(body).to_bytes(_CHECK_BYTES, "little") != check:
            raise ValueError("its checksum differs")
        saved = msgspec.msgpack.decode(body, type=_Saved)
        self.lasts.load(saved.lasts)
        self._histograms = saved.histograms
        for labels, time, value, floor, histogram in saved.totals:
            total = Total(labels, time, floor)
            total.value, total.histogram = value, histogram
            self.totals[labels] = total


def save(data: bytes, folder: Path) -> None:
    """Write a memory's bytes to its file, whole or not at all. Raises OSError."""
    folder.mkdir(exist_ok=True)
    fresh = folder / f"{FILE}.new"
    fresh.write_bytes(data)
    fresh.replace(folder / FILE)


def load(memory: Memory, folder: Path) -> None:
    """Read a memory from its file, if there is one that is whole."""
    try:
        memory.decode((folder / FILE).read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        logger.warning("%s cannot be read (%s): folded sums go on from the store", FILE, error)
