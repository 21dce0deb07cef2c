"""The server as one process: bind, build, serve, say so, and end cleanly."""

import asyncio
import ctypes
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from watchroom.runtime.clock import SystemClock
from watchroom.server.app import Watchroom, open_watchroom
from watchroom.server.configuration import ConfigurationError
from watchroom.server.reload import Reload
from watchroom.server.shield import is_loopback
from watchroom.storage.contract import StoreUnavailable

logger = logging.getLogger(__name__)

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BYTES = 2 << 20
_HIGHEST_PORT = 65535
_GRACE = 1.5
"""Seconds that requests under way get at the end."""
_DEAD_PEER_MS = 60_000
"""How long bytes may lie unread by a client before the kernel ends the connection."""


class CannotStart(Exception):
    """The server cannot start; the message says why in one line, and what would help."""


def serve(settings: Mapping[str, Any], *, insecure: bool = False) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: values by name, as `watchroom.config.settings.values` gives them.
        insecure: allow a bind that other machines reach, although nothing asks for a token.

    Raises:
        CannotStart: the address, the port or the data folder cannot be had.
    """
    _give_memory_back()
    host, port = str(settings["host"]), int(settings["port"])
    if not insecure and not is_loopback(host):
        raise CannotStart(
            f"{host} is reachable from other machines and nothing asks them for a token yet; "
            "bind 127.0.0.1, or add --insecure if you mean it"
        )
    listener = _bind(host, port)
    try:
        with asyncio.Runner(loop_factory=_event_loop) as runner:
            runner.run(_serve(settings, listener))
    finally:
        listener.close()


def _give_memory_back() -> None:
    """Let large buffers go back to the machine at once, where the C library is GNU's.

    By itself it keeps up to 64 MiB of what a large request once took (mallopt(3)).
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE_BYTES)


_SWITCH_SECONDS = 0.0005
"""How long a thread may keep the event loop waiting: a tenth of the default."""


def settle() -> None:
    """Make threads and the collector hold up the event loop for milliseconds only, nearly always.

    What lives now lives to the end and is not looked at again. A full collection looks at every
    label set and takes 60 ms for 100,000 series; an answer of as many brought on several, and they
    found nothing. The younger generations, where garbage is, are collected as before.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(1000, 10, 400)


def _event_loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def _bind(host: str, port: int) -> socket.socket:
    name = host.strip("[]")
    if not 0 <= port <= _HIGHEST_PORT:  # getaddrinfo would quietly take it modulo 65536
        raise CannotStart(f"there is no port {port}; choose one up to {_HIGHEST_PORT}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotStart(f"the address {host} cannot be bound: {error.strerror}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; inherited by every connection
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MS)
    try:
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"{host}:{port} cannot be bound: {error.strerror}; choose another --port"
        ) from error
    listener.setblocking(False)
    return listener


async def _serve(settings: Mapping[str, Any], listener: socket.socket) -> None:
    async with _opened(settings) as watchroom:
        server = _Server(watchroom, _address(str(settings["host"]), listener))
        with _signals(server.stop, watchroom.reload):
            await server.serve(sockets=[listener])


@asynccontextmanager
async def _opened(settings: Mapping[str, Any]) -> AsyncIterator[Watchroom]:
    """Open the parts; what goes wrong while opening becomes one line for the operator."""
    opening = open_watchroom(settings, SystemClock())
    try:
        watchroom = await opening.__aenter__()
    except (StoreUnavailable, ConfigurationError) as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"the data folder {settings['data']} cannot be used: {error}") from error
    try:
        yield watchroom
    finally:
        await opening.__aexit__(*sys.exc_info())


def _address(host: str, listener: socket.socket) -> str:
    name = f"[{host.strip('[]')}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


@contextmanager
def _signals(stop: Callable[[], None], reload: Reload) -> Any:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def on_hangup() -> None:
        if not reload.has_file():  # the terminal has gone
            stop()
            return
        task = loop.create_task(reload.on_signal())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: on_hangup}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """uvicorn, told when to say that it is ready and to let go of live clients at the end."""

    def __init__(self, watchroom: Watchroom, address: str) -> None:
        super().__init__(_config(watchroom.app))
        self._watchroom = watchroom
        self._address = address

    def capture_signals(self) -> Any:
        # uvicorn's own handlers raise the signal again before the store is closed.
        return nullcontext()

    def stop(self) -> None:
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settle()
        print(f"Watchroom is ready at {self._address}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._watchroom.sockets.close()
        await super().shutdown(sockets)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="wsproto",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        ws_max_size=128 << 10,
        ws_per_message_deflate=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE,  # type: ignore[arg-type]  # seconds; fractions work
    )
