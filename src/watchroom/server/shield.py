"""What stands before every request: the check of the Host header, and the security headers."""

import ipaddress
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchroom.api.errors import error_response

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_POLICY_PAGES = _POLICY.format(styles="").encode()
# Swagger UI writes style attributes; it shows nothing but our own OpenAPI document.
_POLICY_DOCS = _POLICY.format(styles=" 'unsafe-inline'").encode()

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Shield:
    """An ASGI wrapper; `hosts` are the names the server answers to, None for any.

    A page of another origin can make its own name resolve to 127.0.0.1 (DNS rebinding) and would
    then read what a loopback server says; its Host header still carries the foreign name.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif not self._answers_to(scope):
            await _refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(scope["path"], send))

    def _answers_to(self, scope: Scope) -> bool:
        if self._hosts is None:
            return True
        named = [value for key, value in scope["headers"] if key == b"host"]
        return len(named) == 1 and host_name(named[0].decode("latin-1")) in self._hosts


def host_name(header: str) -> str:
    """Return the Host header without its port, in lower case."""
    name, colon, port = header.rpartition(":")
    bare = name if colon and port.isdecimal() else header
    return bare.lower().removesuffix(".")


def is_loopback(host: str) -> bool:
    """Return whether a bind address is reachable from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def answering_hosts(bound: str) -> frozenset[str] | None:
    """Return the names a server bound to `bound` answers to; None, any, when not on loopback."""
    if not is_loopback(bound):
        return None
    return LOOPBACK | {f"[{bound.strip('[]')}]" if ":" in bound else bound.lower()}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})
        return
    response = error_response(
        421,
        "unknown_host",
        "the Host header names no host this server answers to",
        "open it as http://127.0.0.1 or http://localhost",
    )
    await response(scope, receive, send)


def _with_headers(path: str, send: Send) -> Send:
    policy = _POLICY_DOCS if path == "/docs" else _POLICY_PAGES
    extra = [*_HEADERS, (b"content-security-policy", policy)]

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)

    return wrapped
