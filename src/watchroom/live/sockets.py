"""The channels over Socket.IO: subscribe, snapshot, updates, unsubscribe.

Each client has at most one packet per channel in its queue. The packet is filled when it is sent,
so a client that reads slowly gets the newest state, and what it missed costs nothing.
"""

import logging
from typing import Any

import msgspec

from watchroom.live.channels import Frame, LiveChannels, TooManyChannels
from watchroom.live.contract import UnknownChannel
from watchroom.live.library import engineio, packet, socketio

logger = logging.getLogger(__name__)

PATH = "/socket.io/"
_MESSAGE_BYTES = 64 << 10
_BACKLOG = 256
"""Packets a client may leave unread: answers to what it asks; more, and it is disconnected."""

# Process-wide by engine.io's design; a page subscribes to all its channels in one payload.
engineio.payload.Payload.max_decode_packets = 128


class _Json:
    """msgspec as the JSON of Socket.IO: faster, and NaN becomes null, as JavaScript needs it."""

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        return msgspec.json.encode(data).decode()

    @staticmethod
    def loads(text: str, **_: Any) -> Any:
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(str(error)) from error


class _Slot(packet.Packet):  # type: ignore[misc]  # engine.io has no types
    """A channel's place in one client's queue; holds the newest frame until it is sent."""

    def __init__(self) -> None:
        super().__init__(packet.MESSAGE, "")
        self.frame: Frame | None = None
        self.waiting = False

    def encode(self, **_: Any) -> str:
        self.waiting = False
        frame = self.frame
        if frame is None:
            return "6"  # engine.io's NOOP
        if not frame.wire:
            frame.wire = f'42["update",{frame.json.decode()}]'
        return frame.wire


class _Client:
    """One connected client and what it follows."""

    def __init__(self, engine_id: str) -> None:
        self.engine_id = engine_id
        self.slots: dict[str, _Slot] = {}


class Sockets:
    """The Socket.IO door to the channels; an ASGI application for PATH."""

    def __init__(
        self, channels: LiveChannels, *, max_subscriptions: int = 64, max_clients: int = 2000
    ) -> None:
        self._channels = channels
        self._max_subscriptions = max_subscriptions
        self._max_clients = max_clients
        self._clients: dict[str, _Client] = {}
        self._sent = 0
        self._skipped = 0
        self._closed = False
        self._server = socketio.AsyncServer(
            async_mode="asgi",
            async_handlers=False,  # in the order they were sent, one at a time per client
            max_http_buffer_size=_MESSAGE_BYTES,
            json=_Json,
            ping_interval=25,
            ping_timeout=20,
        )
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("subscribe", self._subscribe)
        self._server.on("unsubscribe", self._unsubscribe)
        self.app = socketio.ASGIApp(self._server, socketio_path=PATH)

    async def close(self) -> None:
        """Disconnect every client, so that no open request holds up the end of the server."""
        if self._closed:
            return
        self._closed = True
        engine = self._server.eio
        for client in list(engine.sockets.values()):
            await client.close(wait=False)
        await self._server.shutdown()

    def statistics(self) -> dict[str, int]:
        """Return figures: clients, updates queued, and updates that replaced an unread one."""
        return {"clients": len(self._clients), "updates": self._sent, "skipped": self._skipped}

    async def _connect(self, sid: str, _environ: dict[str, Any], _auth: Any = None) -> None:
        if len(self._clients) >= self._max_clients:
            raise socketio.exceptions.ConnectionRefusedError("too many clients")
        self._clients[sid] = _Client(self._server.manager.eio_sid_from_sid(sid, "/"))

    async def _disconnect(self, sid: str, _reason: str = "") -> None:
        client = self._clients.pop(sid, None)
        if client is not None:
            for channel in client.slots:
                self._channels.unfollow(channel, sid)

    async def _subscribe(self, sid: str, *arguments: Any) -> Any:
        client = self._clients.get(sid)
        channel = _channel(arguments)
        if client is None or await self._drowned(sid, client):
            return None
        if channel is None:
            return _PAYLOAD_ERROR
        if channel not in client.slots and len(client.slots) >= self._max_subscriptions:
            return _error(
                "too_many_subscriptions",
                f"a client follows at most {self._max_subscriptions} channels",
                "unsubscribe from what the page no longer shows",
            )
        return await self._follow(sid, client, channel)

    async def _follow(self, sid: str, client: _Client, channel: str) -> Any:
        slot = client.slots.get(channel) or _Slot()

        async def deliver(frame: Frame) -> None:
            slot.frame = frame
            if slot.waiting:
                self._skipped += 1
                return
            slot.waiting = True
            self._sent += 1
            try:
                await self._server.eio.send_packet(client.engine_id, slot)
            except engineio.exceptions.SocketIsClosedError:
                self._channels.unfollow(channel, sid)

        try:
            frame = await self._channels.follow(channel, sid, deliver)
        except UnknownChannel as error:
            return _error("unknown_channel", str(error.args[0]), "subscribe to one of these")
        except TooManyChannels as error:
            return _error("too_many_channels", str(error), "try again when others have left")
        except Exception:
            logger.exception("channel %s cannot be read", channel)
            return _error("internal", f"{channel} cannot be read now", "see the server's log")
        if self._clients.get(sid) is not client:  # it left while the content was computed
            self._channels.unfollow(channel, sid)
            return None
        client.slots[channel] = slot
        return msgspec.Raw(frame.json)

    async def _unsubscribe(self, sid: str, *arguments: Any) -> Any:
        client = self._clients.get(sid)
        channel = _channel(arguments)
        if client is None or await self._drowned(sid, client):
            return None
        if channel is None:
            return _PAYLOAD_ERROR
        client.slots.pop(channel, None)
        self._channels.unfollow(channel, sid)
        return {"channel": channel}

    async def _drowned(self, sid: str, client: _Client) -> bool:
        socket = self._server.eio.sockets.get(client.engine_id)
        if socket is None or socket.queue.qsize() <= _BACKLOG:
            return False
        logger.warning("a live client asks and does not read; it is disconnected")
        await self._server.disconnect(sid)
        await socket.close(wait=False, abort=True)
        return True


def _channel(arguments: tuple[Any, ...]) -> str | None:
    payload = arguments[0] if arguments else None
    channel = payload.get("channel") if isinstance(payload, dict) else None
    return channel if isinstance(channel, str) and channel else None


def _error(code: str, message: str, hint: str) -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": message, "hint": hint}}


_PAYLOAD_ERROR = _error(
    "bad_payload",
    "the payload names no channel",
    'send {"channel": "metrics/current"}',
)
