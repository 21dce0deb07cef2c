"""Bodies of requests, unpacked within a bound."""

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 256 << 10


class BodyTooLarge(ValueError):
    """The body is larger than the limit, packed or unpacked."""


class BodyMalformed(ValueError):
    """The body is not what its headers say."""


class UnknownEncoding(ValueError):
    """The content encoding is none that is spoken here."""


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the body without its content encoding: identity, gzip or deflate.

    Inflating stops one byte above `limit`, so a bomb costs no more memory than an honest body.

    Raises:
        BodyTooLarge: more than `limit` bytes come out.
        BodyMalformed: the packed bytes are damaged or cut.
        UnknownEncoding: another encoding.
    """
    if encoding in {"", "identity"}:
        return _within(body, limit)
    if encoding == "gzip":
        return _inflate(body, _GZIP, limit)
    if encoding == "deflate":
        return _inflate(body, _deflate_window(body), limit)
    raise UnknownEncoding(f"content encoding {encoding!r} is unknown; send gzip, deflate or none")


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise BodyTooLarge(f"the body unpacks to more than {limit} bytes")
    return body


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
                raise BodyTooLarge(f"the body unpacks to more than {limit} bytes")
            parts.append(part)
            data = inflater.unconsumed_tail
            if not part and not data and not inflater.eof:
                raise BodyMalformed("the packed body ends too early")
    except zlib.error as error:
        raise BodyMalformed(f"the body cannot be unpacked: {error}") from error
    if inflater.unused_data:
        raise BodyMalformed("bytes follow the end of the packed body")
    return b"".join(parts)
