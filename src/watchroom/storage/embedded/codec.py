"""Arrays as bytes: raw and quick for the journal, coded by pcodec for blocks; all checksummed."""

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, ModeSpec, standalone

Array: TypeAlias = NDArray[np.int64] | NDArray[np.float64] | NDArray[np.uint32]

_HEAD = struct.Struct("<IB")
_PART = struct.Struct("<BIQ")
_DTYPES = (np.dtype("<i8"), np.dtype("<f8"), np.dtype("<u4"))

QUICK, SMALL = 4, 8
"""Levels of compression: 4 costs half of 8 and a hundredth of its gain."""

_DENSE = 6
"""Bytes per sample from which it is worth looking closer."""
_WHOLE_BITS = 53

_CONFIGS = {level: ChunkConfig(compression_level=level) for level in (QUICK, SMALL)}


class Damaged(ValueError):
    """The bytes are not what was written."""


def pack(arrays: Sequence[Array]) -> bytes:
    """Return arrays as they are."""
    return _write(arrays, lambda array: array.tobytes())


def unpack(body: bytes) -> list[Any]:
    """Return the arrays of `pack`. Raises Damaged."""
    return _read(body, np.frombuffer)


def compress(arrays: Sequence[Array], owner: int, level: int = QUICK) -> bytes:
    """Return the arrays of a series coded by pcodec; the checksum covers whose they are."""
    return _write(arrays, lambda array: squeeze(array, level), owner)


def decompress(body: bytes, owner: int) -> list[Any]:
    """Return the arrays of `compress`. Raises Damaged."""
    return _read(body, _decode, owner)


def squeeze(array: Array, level: int) -> bytes:
    """Return one array coded by pcodec, without a checksum."""
    piece = bytes(standalone.simple_compress(array, _CONFIGS[level]))
    if level != SMALL or array.dtype != np.float64 or len(piece) < _DENSE * len(array):
        return piece
    return _fixed_point(array, piece)


def _fixed_point(array: Any, piece: bytes) -> bytes:
    """Return a shorter form of values that are multiples of one power of two, if they are.

    Such are measurements of a converter, and most random numbers: as wholes they take fewer bits
    than as floats, whose exponents say little.
    """
    parts, exponents = np.frexp(array[np.isfinite(array)])
    wholes = np.abs(parts * 2.0**53).astype(np.int64)
    if not wholes.any() or len(wholes) < len(array):
        return piece
    known = wholes != 0
    lowest = np.log2((wholes & -wholes)[known].astype(np.float64))
    unit = int((exponents[known] - 53 + lowest).min())
    if int(exponents[known].max()) - unit > _WHOLE_BITS:
        return piece
    mode = ChunkConfig(mode_spec=ModeSpec.try_float_mult(2.0**unit))
    return min(piece, bytes(standalone.simple_compress(array, mode)), key=len)


def expand(piece: bytes, into: Array) -> None:
    """Decode what `squeeze` made into an array of its length. Raises Damaged."""
    done = standalone.simple_decompress_into(piece, into)
    if not done.finished or done.n_processed != len(into):
        raise Damaged("a piece has another length than it says")


def sign(text: str, *about: object) -> str:
    """Return a text behind its checksum, which covers what the text is about, too."""
    return f"{_text_checksum(text, about):08x}{text}"


def verify(signed: str, *about: object) -> str:
    """Return the text that was signed. Raises Damaged."""
    text = signed[8:]
    if signed[:8] != f"{_text_checksum(text, about):08x}":
        raise Damaged("checksum mismatch")
    return text


def _text_checksum(text: str, about: Sequence[object]) -> int:
    return zlib.crc32(text.encode(), zlib.crc32(repr(about).encode()))


def _decode(part: bytes, dtype: np.dtype[Any], count: int) -> Array:
    array = standalone.simple_decompress(part) if count else np.empty(0, dtype)
    if array is None or len(array) != count:
        raise Damaged("a chunk has another length than it says")
    return array


def _write(arrays: Sequence[Array], encode: Callable[[Array], bytes], owner: int = 0) -> bytes:
    parts = []
    for array in arrays:
        body = encode(array) if len(array) else b""
        parts.append(_PART.pack(_DTYPES.index(array.dtype), len(array), len(body)))
        parts.append(body)
    payload = b"".join(parts)
    return _HEAD.pack(_checksum(payload, len(arrays) + owner), len(arrays)) + payload


def _checksum(payload: bytes, seed: int) -> int:
    return zlib.crc32(payload, seed & 0xFFFFFFFF)


def _read(
    body: bytes, decode: Callable[[bytes, np.dtype[Any], int], Array], owner: int = 0
) -> list[Array]:
    if len(body) < _HEAD.size:
        raise Damaged("cut short")
    checksum, count = _HEAD.unpack_from(body)
    if _checksum(body[_HEAD.size :], count + owner) != checksum:
        raise Damaged("checksum mismatch")
    arrays = []
    position = _HEAD.size
    for _ in range(count):
        kind, length, size = _PART.unpack_from(body, position)
        position += _PART.size
        arrays.append(decode(body[position : position + size], _DTYPES[kind], length))
        position += size
    return arrays
