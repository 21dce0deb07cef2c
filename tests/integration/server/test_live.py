"""Live channels of a started server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import socketio
from tests.integration.conftest import Server, encoded


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[socketio.AsyncClient, asyncio.Queue[Any]]]:
    client = socketio.AsyncClient(reconnection_delay=0.05, reconnection_delay_max=0.1)
    updates: asyncio.Queue[Any] = asyncio.Queue()
    client.on("update", updates.put)
    await client.connect(url, transports=["websocket"])
    try:
        yield client, updates
    finally:
        await client.disconnect()


async def test_current_ticks_once_a_second(server: Server) -> None:
    async with connected(server.url) as (client, updates):
        snapshot = await client.call("subscribe", {"channel": "metrics/current"})
        messages = [snapshot] + [await asyncio.wait_for(updates.get(), 5) for _ in range(3)]
    sequences = [message["sequence"] for message in messages]
    assert sequences == sorted(set(sequences))
    assert all(message["channel"] == "metrics/current" for message in messages)
    times = [message["data"]["time"] for message in messages]
    assert 0.5 < times[3] - times[2] < 1.5


async def test_channel_of_one_service(server: Server) -> None:
    await asyncio.to_thread(server.post, encoded(1, service="follow-me"))
    async with connected(server.url) as (client, updates):
        snapshot = await client.call("subscribe", {"channel": "metrics/current/follow-me"})
        assert snapshot["data"]["service"] == "follow-me"
        message = await asyncio.wait_for(updates.get(), 5)
        assert message["data"]["service"] == "follow-me"


async def test_a_new_service_is_announced(server: Server) -> None:
    async with connected(server.url) as (client, updates):
        await client.call("subscribe", {"channel": "services"})
        await asyncio.to_thread(server.post, encoded(1, service="announced"))
        names: list[str] = []
        while "announced" not in names:
            message = await asyncio.wait_for(updates.get(), 10)
            names = [each["service"] for each in message["data"]["services"]]


async def test_pollers_get_the_same(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        polled = (await http.get("/api/live/metrics/current")).json()
        plain = (await http.get("/metrics/current")).json()
        assert (await http.get("/api/live/nothing")).status_code == 404
    assert set(polled) == {"channel", "sequence", "data"}
    assert set(polled["data"]) == set(plain)


async def test_a_client_outlives_a_restart(start: Callable[..., Server]) -> None:
    first = await asyncio.to_thread(start)
    async with connected(first.url) as (client, updates):
        back = asyncio.Event()
        before = await client.call("subscribe", {"channel": "metrics/current"})
        last = await asyncio.wait_for(updates.get(), 5)
        client.on("connect", back.set)
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(start, port=first.port)
        await asyncio.wait_for(back.wait(), 20)
        after = await client.call("subscribe", {"channel": "metrics/current"})
        assert after["sequence"] > last["sequence"] > before["sequence"]
        while not updates.empty():
            updates.get_nowait()
        update = await asyncio.wait_for(updates.get(), 5)
        assert update["sequence"] > after["sequence"]
