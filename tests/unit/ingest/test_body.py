"""Unpacking within a bound."""

import gzip
import tracemalloc
import zlib

import cramjam
import pytest

from watchroom.ingest.body import BodyMalformed, BodyTooLarge, UnknownEncoding, unpack

TEXT = b"numbers, " * 1000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def unclaimed_zstd(data: bytes) -> bytes:
    """Return a frame that does not say how large it is."""
    packer = cramjam.zstd.Compressor()
    packer.compress(data)
    return bytes(packer.finish())


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("snappy", bytes(cramjam.snappy.compress_raw(TEXT))),
        ("snappy", bytes(cramjam.snappy.compress(TEXT))),
        ("zstd", bytes(cramjam.zstd.compress(TEXT))),
        ("zstd", bytes(cramjam.zstd.compress(TEXT[:99])) + bytes(cramjam.zstd.compress(TEXT[99:]))),
        ("zstd", unclaimed_zstd(TEXT)),
    ],
)
def test_unpacks_what_is_spoken(encoding: str, body: bytes) -> None:
    assert unpack(body, encoding, len(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("snappy", bytes(cramjam.snappy.compress_raw(TEXT))),
        ("snappy", bytes(cramjam.snappy.compress(TEXT))),
        ("zstd", bytes(cramjam.zstd.compress(TEXT))),
        ("zstd", unclaimed_zstd(TEXT)),
        ("zstd", bytes(cramjam.zstd.compress(TEXT[:99])) + bytes(cramjam.zstd.compress(TEXT[99:]))),
    ],
)
def test_one_byte_over_the_limit_is_too_large(encoding: str, body: bytes) -> None:
    with pytest.raises(BodyTooLarge):
        unpack(body, encoding, len(TEXT) - 1)


@pytest.mark.parametrize("encoding", ["gzip", "snappy", "zstd"])
def test_a_bomb_costs_no_more_than_the_limit(encoding: str) -> None:
    plain = bytes(256 << 20)
    packers = {
        "gzip": lambda data: gzip.compress(data, compresslevel=9),
        "snappy": cramjam.snappy.compress,
        "zstd": cramjam.zstd.compress,
    }
    bomb = bytes(packers[encoding](plain))
    del plain
    limit = 4 << 20
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            unpack(bomb, encoding, limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * limit


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not packed at all"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-20]),
        ("snappy", b""),
        ("snappy", b"\xff\xff\x3f" + b"lies about its length"),
        ("snappy", bytes(cramjam.snappy.compress_raw(TEXT))[:-20]),
        ("snappy", bytes(cramjam.snappy.compress(TEXT))[:-20]),
        ("snappy", bytes(cramjam.snappy.compress(TEXT))[:12]),
        ("snappy", b"\xff\x06\x00\x00sNaPpY\x00\xff\xff"),
        ("snappy", b"\xff\x06\x00\x00sNaPpY\x01\x04\x00\x01" + bytes(65540)),
        ("zstd", b""),
        ("zstd", b"no frame at all"),
        ("zstd", bytes(cramjam.zstd.compress(TEXT))[:-3]),
        ("zstd", bytes(cramjam.zstd.compress(TEXT)) + b"behind"),
        ("zstd", b"\x28\xb5\x2f\xfd\x00\xa0" + bytes(20)),  # a window of 1 GiB
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
    with pytest.raises(UnknownEncoding, match="send gzip, deflate, zstd"):
        unpack(TEXT, "br", 1 << 20)
