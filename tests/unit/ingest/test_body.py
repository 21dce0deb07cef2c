"""Unpacking within a bound."""

import gzip
import tracemalloc
import zlib

import pytest

from watchroom.ingest.body import BodyMalformed, BodyTooLarge, UnknownEncoding, unpack

TEXT = b"numbers, " * 1000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
)
def test_unpacks_what_is_spoken(encoding: str, body: bytes) -> None:
    assert unpack(body, encoding, len(TEXT)) == TEXT


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_one_byte_over_the_limit_is_too_large(encoding: str) -> None:
    body = {"": TEXT, "gzip": gzip.compress(TEXT, mtime=0), "deflate": zlib.compress(TEXT)}[
        encoding
    ]
    with pytest.raises(BodyTooLarge):
        unpack(body, encoding, len(TEXT) - 1)


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(256 << 20), compresslevel=9)
    limit = 4 << 20
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            unpack(bomb, "gzip", limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * limit


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not packed at all"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-20]),
        ("gzip", b""),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"tail"),
        ("deflate", zlib.compress(TEXT)[:40]),
        ("deflate", b""),
    ],
)
def test_damaged_bodies_are_malformed(encoding: str, body: bytes) -> None:
    with pytest.raises(BodyMalformed):
        unpack(body, encoding, 1 << 20)


def test_other_encodings_are_unknown() -> None:
    with pytest.raises(UnknownEncoding, match="zstd"):
        unpack(TEXT, "zstd", 1 << 20)
