"""ASGI middleware: FastAPI, Starlette, Litestar, Django, and any other ASGI application."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias

from watchroom.sdk.guard import guarded
from watchroom.sdk.middleware.contract import (
    ERROR,
    EXCLUDED,
    METHODS,
    OTHER,
    UNMATCHED,
    Recorder,
    method_label,
)
from watchroom.sdk.middleware.route.asgi import Routes

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_BODY = frozenset({"http.response.body", "http.response.zerocopysend", "http.response.pathsend"})
_ENDS = frozenset({"lifespan.shutdown.complete", "lifespan.shutdown.failed"})
_GONE = frozenset({"CancelledError", "ClientDisconnect"})
_CLIENT_CLOSED_REQUEST = 499  # nginx's number: the client left before there was a status


class ASGIMiddleware:
    """Count and time every HTTP request of an ASGI application.

    The label `http_route` is the route's template (`/items/{id}`), with the prefixes of mounts and
    included routers; what no route took is `unmatched`. The time reaches to the last body message,
    so background tasks do not count. A body in several messages is also timed to its first byte.
    An exception counts under its class name, with status 500 where none was sent, and goes on. A
    client that leaves early is no error; without a status it counts as 499. Websockets and
    lifespan pass untouched; at the end of the lifespan what is recorded is sent, since some
    servers end by a signal, which leaves no time for exit handlers.

    Args:
        app: the application to wrap; `app.add_middleware(ASGIMiddleware)` gives it by itself.
        exclude: paths (exact, as requested) that are not recorded.
        route: returns the route template of a scope, where the frameworks known here do not
            serve; called when the response ends. An empty string means unmatched.
        recorder: where the facts go; the SDK by default.
        clock: seconds on a clock that never goes back.
    """

    def __init__(
        self,
        app: App,
        *,
        exclude: Iterable[str] = EXCLUDED,
        route: Callable[[Scope], str] | None = None,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        from watchroom.sdk import requests

        self.app = app
        self._excluded = frozenset(exclude)
        self._routes = Routes(app)
        self._given = guarded("")(route) if route else None
        self._known: Mapping[int, str] = {} if route else self._routes.known
        self._recorder: Recorder = recorder or requests
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._excluded:
            lifespan = scope["type"] == "lifespan"
            await self.app(scope, receive, self._ending(send) if lifespan else send)
            return
        status = 0
        ended: float | None = None
        streaming = False

        # Not a coroutine of its own: it hands back the server's awaitable, which saves a frame.
        def observe(message: Message) -> Awaitable[None]:
            nonlocal status, ended, streaming
            kind = message["type"]
            if kind == "http.response.start":
                status = message["status"]
            elif ended is not None or kind not in _BODY:
                pass
            elif message.get("more_body"):
                streaming = streaming or self._piece(scope, status, message, started)
            else:
                ended = self._clock()
                if status < 500:
                    route = self._known.get(id(scope.get("endpoint")))
                    if route is None:
                        route = self._template(scope, status)
                    method = METHODS.get(scope["method"], OTHER)
                    self._recorder.record(route, method, status, ended - started)
            return send(message)

        started = self._clock()
        try:
            await self.app(scope, receive, observe)
        except BaseException as error:
            self._failed(scope, status, started, ended, type(error).__name__)
            raise
        if ended is None or status >= 500:
            # A server error waits for the return, since its cause may still be raised after it.
            seconds = (self._clock() if ended is None else ended) - started
            self._record(scope, status or 500, seconds, scope.get(ERROR, ""))

    def _ending(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] in _ENDS:
                self._recorder.ended()
            await send(message)

        return sending

    def _failed(
        self, scope: Scope, status: int, started: float, ended: float | None, error_type: str
    ) -> None:
        if ended is not None and status < 500:
            return  # a background task failed: the request itself is recorded already
        seconds = (self._clock() if ended is None else ended) - started
        if error_type in _GONE:
            self._record(scope, status or _CLIENT_CLOSED_REQUEST, seconds)
        else:
            self._record(scope, status or 500, seconds, error_type)

    def _record(self, scope: Scope, status: int, seconds: float, error_type: str = "") -> None:
        route = self._template(scope, status)
        self._recorder.record(route, method_label(scope["method"]), status, seconds, error_type)

    def _piece(self, scope: Scope, status: int, message: Message, started: float) -> bool:
        """Take the time to the first byte, once a message has one; return whether it had."""
        if not message.get("body"):
            return False
        seconds = self._clock() - started
        route = self._template(scope, status)
        self._recorder.first_byte(route, method_label(scope["method"]), seconds)
        return True

    def _template(self, scope: Scope, status: int) -> str:
        if self._given is not None:
            return self._given(scope) or UNMATCHED
        return self._routes.template(scope, status)
