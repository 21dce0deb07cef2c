"""Socket.IO as its clients see it."""

import asyncio
import base64
import json
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import socketio
from tests.unit.live.conftest import Door

TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])


@asynccontextmanager
async def connected(door: Door, *transports: str) -> AsyncIterator[socketio.AsyncClient]:
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(door.url, transports=list(transports) or None)
    try:
        yield client
    finally:
        # A polite goodbye over polling waits for the poll under way, which lasts up to a ping.
        await client.eio.disconnect(abort=client.transport() == "polling")


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - effects of real sockets raise no event here
            await asyncio.sleep(0.005)


def updates(client: socketio.AsyncClient) -> list[dict[str, Any]]:
    got: list[dict[str, Any]] = []
    client.on("update", got.append)
    return got


@TRANSPORTS
async def test_subscribe_update_unsubscribe(door: Door, transport: str) -> None:
    async with connected(door, transport) as client:
        got = updates(client)
        snapshot = await client.call("subscribe", {"channel": "echo/a"})
        assert snapshot["channel"] == "echo/a"
        assert snapshot["data"] == {"name": "a", "nothing": None}
        await door.channels.publish("echo/a", {"name": "news"})
        await until(lambda: got)
        assert got[0]["channel"] == "echo/a"
        assert got[0]["data"] == {"name": "news"}
        assert got[0]["sequence"] > snapshot["sequence"]
        assert await client.call("unsubscribe", {"channel": "echo/a"}) == {"channel": "echo/a"}
        await door.channels.publish("echo/a", {"name": "late"})
        again = await client.call("subscribe", {"channel": "echo/a"})
        assert again["data"] == {"name": "late"}
        assert len(got) == 1


async def test_the_upgrade_from_polling_loses_nothing(door: Door) -> None:
    async with connected(door) as client:
        got = updates(client)
        await client.call("subscribe", {"channel": "echo/a"})
        assert client.transport() == "websocket"
        for number in range(5):
            await door.channels.publish("echo/a", number)
            await until(lambda wanted=number: got and got[-1]["data"] == wanted)


@pytest.mark.parametrize("payload", [None, "echo/a", 3, [], {}, {"channel": 5}, {"channel": ""}])
async def test_bad_payloads_get_an_error(door: Door, payload: Any) -> None:
    async with connected(door, "websocket") as client:
        for verb in ("subscribe", "unsubscribe"):
            answer = await client.call(verb, payload)
            assert answer["error"]["code"] == "bad_payload"
            assert answer["error"]["hint"]


async def test_unknown_and_broken_channels_get_an_error(door: Door) -> None:
    async with connected(door, "websocket") as client:
        answer = await client.call("subscribe", {"channel": "nothing/here"})
        assert answer["error"]["code"] == "unknown_channel"
        assert "echo/{name}" in answer["error"]["message"]
        answer = await client.call("subscribe", {"channel": "echo/broken"})
        assert answer["error"]["code"] == "internal"
        assert "no luck" not in str(answer)


async def test_a_client_follows_a_bounded_number_of_channels(door: Door) -> None:
    async with connected(door, "websocket") as client:
        for number in range(4):
            assert "data" in await client.call("subscribe", {"channel": f"echo/{number}"})
        answer = await client.call("subscribe", {"channel": "echo/more"})
        assert answer["error"]["code"] == "too_many_subscriptions"
        assert "data" in await client.call("subscribe", {"channel": "echo/0"})
        await client.call("unsubscribe", {"channel": "echo/0"})
        assert "data" in await client.call("subscribe", {"channel": "echo/more"})


async def test_who_leaves_follows_nothing(door: Door) -> None:
    async with connected(door, "websocket") as client:
        await client.call("subscribe", {"channel": "echo/a"})
        assert door.channels.followed() == 1
        assert door.sockets.statistics()["clients"] == 1
    await until(lambda: door.sockets.statistics()["clients"] == 0)
    assert door.channels.followed() == 0


async def test_another_origin_is_refused(door: Door) -> None:
    url = f"{door.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as session:
        async with session.get(url, headers={"Origin": "http://evil.example"}) as answer:
            assert answer.status == 400
        async with session.get(url, headers={"Origin": door.url}) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    "message",
    [
        "4",
        "42",
        "42[",
        '42["subscribe"',
        "42[]",
        "429999999",
        "451-[",
        "4" + "[" * 30_000,
        "9",
        "zz",
    ],
)
async def test_nonsense_does_not_harm_the_others(door: Door, message: str) -> None:
    async with connected(door, "websocket") as client, raw(door) as (_, writer):
        writer.write(frame(message))
        await writer.drain()
        assert "data" in await client.call("subscribe", {"channel": "echo/a"})


@asynccontextmanager
async def raw(door: Door) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect a WebSocket by hand, so that the test decides when it reads."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port, limit=64 << 10)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{door.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    assert (await read_frame(reader)).startswith("0{")
    writer.write(frame("40"))
    assert (await read_frame(reader)).startswith("40")
    try:
        yield reader, writer
    finally:
        writer.close()
        await asyncio.wait([asyncio.create_task(writer.wait_closed())])


def frame(text: str) -> bytes:
    data = text.encode()
    length = (
        bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
    )
    return b"\x81" + length + bytes(4) + data


async def read_frame(reader: asyncio.StreamReader) -> str:
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    return (await reader.readexactly(length)).decode()


async def test_who_does_not_read_gets_the_newest_state_and_costs_nothing(door: Door) -> None:
    ballast = "x" * (256 << 10)
    async with raw(door) as (reader, writer), connected(door, "websocket") as quick:
        got = updates(quick)
        await quick.call("subscribe", {"channel": "echo/a"})
        writer.write(frame('420["subscribe",{"channel":"echo/a"}]'))
        assert (await read_frame(reader)).startswith("430[")
        for number in range(200):
            await door.channels.publish("echo/a", {"number": number, "ballast": ballast})
            await until(lambda wanted=number: got and got[-1]["data"]["number"] == wanted)
            assert max(queue_lengths(door)) <= 2
        assert door.sockets.statistics()["skipped"] > 150

        seen = [-1]
        while seen[-1] != 199:
            text = await asyncio.wait_for(read_frame(reader), 10)
            seen.append(json.loads(text[2:])[1]["data"]["number"])
        assert seen == sorted(seen)
        assert len(seen) < 50


async def test_who_asks_and_does_not_read_is_disconnected(door: Door) -> None:
    async with raw(door) as (_, writer):
        await door.channels.publish("echo/a", "x" * (64 << 10))
        ask = frame('420["subscribe",{"channel":"echo/a"}]') * 100
        for _ in range(200):
            writer.write(ask)
            if not door.sockets.statistics()["clients"]:
                break
            assert max(queue_lengths(door)) < 300
            await asyncio.sleep(0.01)
        await until(lambda: not door.sockets.statistics()["clients"])


def queue_lengths(door: Door) -> list[int]:
    return [each.queue.qsize() for each in door.sockets._server.eio.sockets.values()] or [0]
