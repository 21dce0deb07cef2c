"""WSGI middleware: Flask, Django, and any other WSGI application."""

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, TypeAlias

from watchroom.sdk.guard import guarded
from watchroom.sdk.middleware.contract import ERROR, EXCLUDED, UNMATCHED, Recorder, method_label
from watchroom.sdk.middleware.route import wsgi

Environ: TypeAlias = dict[str, Any]
ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None
)
Write: TypeAlias = Callable[[bytes], object]
StartResponse: TypeAlias = Callable[..., Write]
App: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]


class WSGIMiddleware:
    """Count and time every request of a WSGI application.

    Flask: `app.wsgi_app = WSGIMiddleware(app.wsgi_app)`.
    Django: `application = WSGIMiddleware(get_wsgi_application())` in `wsgi.py`.

    The label `http_route` is the route's template (`/items/<int:id>`); what no route took is
    `unmatched`. The time reaches to the last piece of the body; a body in several pieces is also
    timed to its first. What runs in `close()` (Flask's `call_on_close`) does not count. An
    exception counts under its class name, with status 500 where no byte was sent, and goes on. A
    client that leaves early is no error.

    Args:
        app: the application to wrap.
        exclude: paths (`PATH_INFO`, exact) that are not recorded.
        route: returns the route template of an environ, where the frameworks known here do not
            serve; called when the response ends. An empty string means unmatched.
        recorder: where the facts go; the SDK by default.
        clock: seconds on a clock that never goes back.
    """

    def __init__(
        self,
        app: App,
        *,
        exclude: Iterable[str] = EXCLUDED,
        route: Callable[[Environ], str] | None = None,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        from watchroom.sdk import requests

        self.app = app
        self.recorder: Recorder = recorder or requests
        self.clock = clock
        self.route = guarded("")(route) if route else wsgi.template
        self._excluded = frozenset(exclude)
        wsgi.prepare(app)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "") in self._excluded:
            return self.app(environ, start_response)
        exchange = Exchange(self, environ, start_response)
        try:
            body = self.app(environ, exchange.start_response)
        except BaseException as error:
            exchange.fail(error)
            raise
        return exchange.respond(body)


class Exchange:
    """One request and its response; also the body that the server iterates."""

    __slots__ = (
        "_body",
        "_error_type",
        "_first",
        "_iterator",
        "_middleware",
        "_pieces",
        "_recorded",
        "_route",
        "_script",
        "_started",
        "_status",
        "environ",
        "server_start_response",
    )

    def __init__(
        self, middleware: WSGIMiddleware, environ: Environ, start_response: StartResponse
    ) -> None:
        self._middleware = middleware
        self.environ = environ
        self.server_start_response = start_response
        self._status = 0
        self._pieces = 0
        self._first = 0.0
        self._error_type = ""
        self._route = ""
        self._script = environ.get("SCRIPT_NAME", "")
        self._recorded = False
        self._body: Iterable[bytes] = ()
        self._iterator: Iterator[bytes] = iter(())
        self._started = middleware.clock()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None
    ) -> Write:
        """Stand in for the server's `start_response`."""
        self._status = int(status[:3])
        self._route = self._template()
        if exc_info is None:
            write = self.server_start_response(status, headers)
        else:
            self._error_type = exc_info[0].__name__ if exc_info[0] else ""
            write = self.server_start_response(status, headers, exc_info)

        def timed(data: bytes) -> object:
            self._piece(data)
            return write(data)

        return timed

    def respond(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Return what the server gets for the application's body."""
        if type(body) in (list, tuple) and self._status:
            self.finish()  # a finished body; and servers measure a list to set its length
            return body
        wrapper = self.environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(body, wrapper):
            return self._send_file(body)
        self._body = body
        return self

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._iterator = iter(self._body)
        except BaseException as error:
            self.fail(error)
            raise
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._iterator)
        except StopIteration:
            self.finish()
            raise
        except BaseException as error:
            self.fail(error)
            raise
        self._piece(piece)
        return piece

    def close(self) -> None:
        """End the response; the server calls this once, whether or not the body ran out."""
        self.finish()
        body, self._body = self._body, ()
        close = getattr(body, "close", None)
        if close is not None:
            close()

    def fail(self, error: BaseException) -> None:
        """Count a request that ended in an exception."""
        if not isinstance(error, GeneratorExit):
            self._error_type = type(error).__name__
            if not self._pieces:
                self._status = 500
        self.finish()

    def finish(self) -> None:
        """Count the request, once."""
        if self._recorded:
            return
        self._recorded = True
        middleware = self._middleware
        seconds = middleware.clock() - self._started
        route = self._route or self._template() or UNMATCHED
        method = method_label(self.environ["REQUEST_METHOD"])
        error_type = self._error_type or self.environ.get(ERROR, "")
        middleware.recorder.record(route, method, self._status or 500, seconds, error_type)

    def _template(self) -> str:
        route = self._middleware.route(self.environ)
        if not route:
            return ""
        mounted: str = self.environ.get("SCRIPT_NAME", "")  # longer under a dispatcher
        return mounted.removeprefix(self._script) + route

    def _piece(self, piece: bytes) -> None:
        if not piece:
            return
        self._pieces += 1
        if self._pieces == 1:
            self._first = self._middleware.clock()
        elif self._pieces == 2:
            method = method_label(self.environ["REQUEST_METHOD"])
            route = self._route or UNMATCHED
            self._middleware.recorder.first_byte(route, method, self._first - self._started)

    def _send_file(self, body: Any) -> Iterable[bytes]:
        """Leave the server its own file wrapper, or it would lose `sendfile`."""
        close = getattr(body, "close", None)

        def closed() -> None:
            self.finish()
            if close is not None:
                close()

        try:
            body.close = closed
        except (AttributeError, TypeError):
            self.finish()
        ended: Iterable[bytes] = body
        return ended
