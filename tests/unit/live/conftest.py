"""The Socket.IO door on a real port, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple

import pytest
import uvicorn

from watchroom.live.channels import LiveChannels
from watchroom.live.sockets import Sockets
from watchroom.runtime.clock import SystemClock


class Door(NamedTuple):
    channels: LiveChannels
    sockets: Sockets
    url: str
    port: int


class _Quiet(uvicorn.Server):
    def capture_signals(self) -> Any:
        return nullcontext()


async def _echo(fields: Mapping[str, str]) -> Any:
    if fields["name"] == "broken":
        raise RuntimeError("no luck")
    return {"name": fields["name"], "nothing": float("nan")}


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    channels = LiveChannels(SystemClock())
    channels.register("echo/{name}", _echo, interval=3600.0)
    sockets = Sockets(channels, max_subscriptions=4)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = _Quiet(
        uvicorn.Config(
            sockets.app,
            ws="wsproto",
            lifespan="off",
            log_config=None,
            access_log=False,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield Door(channels, sockets, f"http://127.0.0.1:{port}", port)
    finally:
        await sockets.close()
        server.should_exit = True
        await task
        listener.close()
