"""Bodies of requests, unpacked within a bound."""

import zlib

ENCODINGS = ("gzip", "deflate", "zstd", "snappy")

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 256 << 10
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW = 8 << 20
"""The largest window of zstd as a content encoding: RFC 9659."""
_SNAPPY_STREAM = b"\xff\x06\x00\x00sNaPpY"
_SNAPPY_CHUNK = 65536
_SNAPPY_RATIO = 32
"""Above what a snappy block can unpack to: 64 bytes for 3 of its own."""


class BodyTooLarge(ValueError):
    """The body is larger than the limit, packed or unpacked."""


class BodyMalformed(ValueError):
    """The body is not what its headers say."""


class UnknownEncoding(ValueError):
    """The content encoding is none that is spoken here."""


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the body without its content encoding.

    Nothing is allocated on the word of a length alone: what a body claims is checked first, and
    unpacking stops above `limit`, so a bomb costs no more memory than an honest body.

    Raises:
        BodyTooLarge: more than `limit` bytes come out.
        BodyMalformed: the packed bytes are damaged or cut.
        UnknownEncoding: an encoding that is not in ENCODINGS.
    """
    if encoding in {"", "identity"}:
        return _within(body, limit)
    if encoding == "gzip":
        return _inflate(body, _GZIP, limit)
    if encoding == "deflate":
        return _inflate(body, _deflate_window(body), limit)
    if encoding == "snappy":
        return _snappy(body, limit)
    if encoding == "zstd":
        return _zstd(body, limit)
    raise UnknownEncoding(
        f"content encoding {encoding[:40]!r} is unknown; send {', '.join(ENCODINGS)} or none"
    )


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body unpacks to more than {limit} bytes")


def _deflate_window(body: bytes) -> int:
    # RFC 9110 means the zlib format; some clients send the raw stream all the same.
    zlib_header = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    inflater = zlib.decompressobj(window)
    parts: list[bytes] = []
    size = 0
    data = body
    try:
        while not inflater.eof:
            part = inflater.decompress(data, min(_CHUNK, limit - size + 1))
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            data = inflater.unconsumed_tail
            if not part and not data and not inflater.eof:
                raise BodyMalformed("the packed body ends too early")
    except zlib.error as error:
        raise BodyMalformed(f"the body cannot be unpacked: {error}") from error
    if inflater.unused_data:
        raise BodyMalformed("bytes follow the end of the packed body")
    return b"".join(parts)


def _snappy(body: bytes, limit: int) -> bytes:
    """Unpack a block, or the framed stream of blocks that its first bytes tell."""
    import cramjam

    framed = body.startswith(_SNAPPY_STREAM)
    try:
        if framed:
            _check_frames(body, limit)
            return bytes(cramjam.snappy.decompress(body))
        size = int(cramjam.snappy.decompress_raw_len(body))
        if size > limit:
            raise _too_large(limit)
        if size > _SNAPPY_RATIO * len(body):
            raise BodyMalformed(f"{len(body)} bytes of snappy cannot be {size} bytes")
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise BodyMalformed(f"the body cannot be unpacked: {error}") from error


def _check_frames(body: bytes, limit: int) -> None:
    """Add up what the chunks of a stream say they unpack to.

    https://github.com/google/snappy/blob/main/framing_format.txt
    """
    import cramjam

    at = size = 0
    while at < len(body):
        kind, length = body[at], int.from_bytes(body[at + 1 : at + 4], "little")
        chunk = body[at + 4 : at + 4 + length]
        if len(chunk) < length or len(body) < at + 4:
            raise BodyMalformed("the packed body ends too early")
        at += 4 + length
        if kind == 0x00:
            part = int(cramjam.snappy.decompress_raw_len(chunk[4:]))
        else:
            part = length - 4 if kind == 0x01 else 0
        if part > _SNAPPY_CHUNK:
            raise BodyMalformed(f"a chunk of snappy has at most {_SNAPPY_CHUNK} bytes")
        size += part
        if size > limit:
            raise _too_large(limit)


def _zstd(body: bytes, limit: int) -> bytes:
    """Unpack into as much room as the first frame claims, or as the limit allows."""
    import cramjam

    claim = _zstd_claim(body)
    if claim > limit:
        raise _too_large(limit)
    for room in (bytearray(claim), bytearray(limit)):
        if not room:
            continue
        try:
            written = int(cramjam.zstd.decompress_into(body, room))
        except cramjam.DecompressionError as error:
            if "whole buffer" not in str(error):
                raise BodyMalformed(f"the body cannot be unpacked: {error}") from error
            continue  # it claimed nothing, or further frames follow
        return bytes(memoryview(room)[:written])
    raise _too_large(limit)


def _zstd_claim(body: bytes) -> int:
    """Return the size that the first frame claims to unpack to; 0 where it claims none.

    RFC 8878, section 3.1.1.1. Raises BodyMalformed where the window is too large.
    """
    if body[:4] != _ZSTD_MAGIC or len(body) < 6:
        raise BodyMalformed("the body is no zstd frame")
    descriptor = body[4]
    single = bool(descriptor & 0x20)
    if not single:
        exponent, mantissa = body[5] >> 3, body[5] & 7
        if (8 + mantissa) << (7 + exponent) > _ZSTD_WINDOW:
            raise BodyMalformed(f"a zstd window has at most {_ZSTD_WINDOW} bytes here")
    at = 5 + (not single) + (0, 1, 2, 4)[descriptor & 3]
    width = (int(single), 2, 4, 8)[descriptor >> 6]
    claim = int.from_bytes(body[at : at + width], "little")
    return claim + 256 if width == 2 else claim
