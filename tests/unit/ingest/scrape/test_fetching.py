"""Fetching over HTTP from a server of the test's own."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.unit.ingest.scrape.jobs import job

from watchroom.ingest.scrape.fetching import Body, HttpFetch, ScrapeFailed
from watchroom.ingest.scrape.target import Target

TEXT = b"a 1\n"


def answer(
    body: bytes = TEXT, status: str = "200 OK", kind: str = "text/plain", **headers: str
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@asynccontextmanager
async def serving(reply: Callable[[str], bytes]) -> AsyncIterator[tuple[Target, list[str]]]:
    """Serve answers to requests; yields the target, and the heads of requests as they come."""
    heads: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heads.append(head)
        writer.write(reply(head))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Target("node", f"http://127.0.0.1:{port}/metrics", (), 10.0, 5.0), heads


async def fetch(target: Target, base: Path = Path(), most: int = 1000, **given: Any) -> Body:
    fetching = HttpFetch(job(**given), base, most, "Tester/1")
    try:
        return await fetching(target)
    finally:
        await fetching.close()


async def test_what_is_asked_for() -> None:
    async with serving(lambda _head: answer()) as (target, heads):
        assert await fetch(target) == Body(TEXT, False)
    told = heads[0].lower()
    assert "user-agent: tester/1" in told
    assert "accept: application/openmetrics-text;version=1.0.0;q=0.9," in told
    assert "accept-encoding: gzip" in told
    assert "x-prometheus-scrape-timeout-seconds: 5" in told
    assert "authorization" not in told


async def test_openmetrics() -> None:
    kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    async with serving(lambda _head: answer(kind=kind)) as (target, _):
        assert (await fetch(target)).openmetrics


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({"basic_auth": {"username": "u", "password": "p"}}, "basic dtpw"),
        ({"authorization": {"credentials": "secret"}}, "bearer secret"),
        ({"authorization": {"type": "Token", "credentials_file": "token"}}, "token of-file"),
        ({"bearer_token": "old"}, "bearer old"),
    ],
)
async def test_credentials(given: dict[str, Any], header: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-file\n")
    async with serving(lambda _head: answer()) as (target, heads):
        await fetch(target, tmp_path, **given)
    assert f"authorization: {header}" in heads[0].lower()


async def test_gzip_and_its_bombs() -> None:
    packed = gzip.compress(bytes(100_000))
    async with serving(lambda _head: answer(packed, Content_Encoding="gzip")) as (target, _):
        assert len((await fetch(target, most=200_000)).content) == 100_000
        with pytest.raises(ScrapeFailed, match="more than 5000 bytes"):
            await fetch(target, most=5_000)


async def test_a_body_beyond_the_limit() -> None:
    async with serving(lambda _head: answer(bytes(3000))) as (target, _):
        with pytest.raises(ScrapeFailed, match="more than 2048 bytes"):
            await fetch(target, most=9000, body_size_limit="2KB")


async def test_redirects_are_followed_unless_told() -> None:
    def reply(head: str) -> bytes:
        if head.startswith("GET /metrics"):
            return answer(b"", "302 Found", Location="/other")
        return answer()

    async with serving(reply) as (target, _):
        assert (await fetch(target)).content == TEXT
        with pytest.raises(ScrapeFailed, match="answered 302"):
            await fetch(target, follow_redirects=False)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(status="500 Oops"), "answered 500"),
        (answer(Content_Encoding="br"), "content encoding 'br' is unknown"),
        (answer(b"no gzip", Content_Encoding="gzip"), "cannot be unpacked"),
        (b"nonsense\r\n\r\n", "RemoteProtocolError"),
        (b"", "RemoteProtocolError"),
    ],
)
async def test_answers_that_are_none(reply: bytes, reason: str) -> None:
    async with serving(lambda _head: reply) as (target, _):
        with pytest.raises(ScrapeFailed, match=reason):
            await fetch(target)


async def test_nobody_there() -> None:
    with pytest.raises(ScrapeFailed, match="ConnectError"):
        await fetch(Target("node", "http://127.0.0.1:1/metrics", (), 10.0, 5.0))


async def test_an_address_that_is_none() -> None:
    with pytest.raises(ScrapeFailed):
        await fetch(Target("node", "http://[::1/metrics", (), 10.0, 5.0))


def test_a_certificate_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        HttpFetch(job(tls_config={"ca_file": "none.pem"}), tmp_path, 1000, "Tester/1")
