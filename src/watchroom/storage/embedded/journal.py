"""The body of a journal row: the runs of one commit, columns one after the other."""

import struct

import numpy as np

from watchroom.storage.embedded.runs import FloatRun, HistogramRun

_HEADER = struct.Struct("<III")
_FLOAT_TYPES = (np.int32, np.int64, np.float64)
_SAMPLE_TYPES = (
    np.int32,
    np.int64,
    np.int64,
    np.float64,
    np.int64,
    np.int64,
    np.int8,
    np.int32,
)
_BUCKET_TYPES = (np.int32, np.int64)


class JournalDamaged(ValueError):
    """A journal row does not hold what its header says."""


def encode(floats: FloatRun, histograms: HistogramRun) -> bytes:
    """Return the row's body."""
    header = _HEADER.pack(len(floats.series), len(histograms.series), len(histograms.index))
    return b"".join([header, *(column.tobytes() for column in (*floats, *histograms))])


def decode(body: bytes) -> tuple[FloatRun, HistogramRun]:
    """Return the runs in a row's body, as views onto it.

    Raises:
        JournalDamaged: the lengths do not fit.
    """
    if len(body) < _HEADER.size:
        raise JournalDamaged("the row is shorter than its header")
    floats, samples, buckets = _HEADER.unpack_from(body)
    columns = []
    offset = _HEADER.size
    for types, count in ((_FLOAT_TYPES, floats), (_SAMPLE_TYPES, samples), (_BUCKET_TYPES, buckets)):
        for kind in types:
            size = count * np.dtype(kind).itemsize
            if offset + size > len(body):
                raise JournalDamaged("the row is shorter than its columns")
            columns.append(np.frombuffer(body, kind, count, offset))
            offset += size
    histograms = HistogramRun(*columns[3:])
    if offset != len(body) or int(histograms.lengths.sum()) != buckets:
        raise JournalDamaged("the row's columns do not add up")
    return FloatRun(*columns[:3]), histograms
