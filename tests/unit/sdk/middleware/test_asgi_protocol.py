"""The ASGI middleware against applications written by hand, message by message."""

import asyncio
import inspect
from typing import Any

import pytest

from watchroom.sdk.middleware.asgi import ASGIMiddleware

START = {"type": "http.response.start", "status": 200, "headers": []}


def body(data: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def scope(path: str = "/", method: str = "GET", kind: str = "http") -> dict[str, Any]:
    return {"type": kind, "path": path, "method": method, "headers": []}


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


class Server:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


async def test_one_message_is_timed_to_its_end_and_has_no_first_byte(notebook, clock, wrapped):
    async def app(scope, receive, send):
        clock.advance(0.2)
        await send(START)
        await send(body(b"x"))
        clock.advance(5)  # a background task

    await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 200, 0.2, "")]
    assert notebook.first_bytes == []


async def test_a_stream_is_timed_to_its_first_and_its_last_byte(notebook, clock, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send(body(b"", more=True))
        clock.advance(1)
        await send(body(b"a", more=True))
        clock.advance(1)
        await send(body(b"b", more=True))
        clock.advance(1)
        await send(body())

    server = Server()
    await ASGIMiddleware(app, **wrapped)(scope(), receive, server.send)
    assert notebook.first_bytes == [("unmatched", "GET", 1.0)]
    assert notebook.requests[0].seconds == 3.0
    assert [message.get("body") for message in server.sent[1:]] == [b"", b"a", b"b", b""]


async def test_pathsend_ends_a_response(notebook, clock, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.pathsend", "path": "/dev/null"})
        clock.advance(1)

    await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests[0].seconds == 0.0


async def test_an_exception_counts_as_500_and_goes_on(notebook, clock, wrapped):
    async def app(scope, receive, send):
        clock.advance(0.5)
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 500, 0.5, "LookupError")]


async def test_an_exception_after_the_start_keeps_the_status(notebook, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send(body(b"a", more=True))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 200, 0.0, "ConnectionError")]


async def test_an_error_page_before_the_exception_counts_once_with_its_cause(
    notebook, clock, wrapped
):
    async def app(scope, receive, send):
        clock.advance(0.1)
        await send({**START, "status": 503})
        await send(body(b"sorry"))
        clock.advance(1)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 503, 0.1, "TimeoutError")]


async def test_a_failing_background_task_does_not_count_against_its_request(notebook, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send(body(b"fine"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 200, 0.0, "")]


async def test_a_client_that_leaves_is_no_error(notebook, wrapped):
    async def app(scope, receive, send):
        if scope["path"] == "/late":
            await send(START)
            await send(body(b"a", more=True))
        raise asyncio.CancelledError

    middleware = ASGIMiddleware(app, **wrapped)
    for path in ("/early", "/late"):
        with pytest.raises(asyncio.CancelledError):
            await middleware(scope(path), receive, Server().send)
    assert [(seen.status, seen.error_type) for seen in notebook.requests] == [(499, ""), (200, "")]


async def test_a_stream_that_just_stops_is_counted_when_the_application_returns(
    notebook, clock, wrapped
):
    async def app(scope, receive, send):
        await send(START)
        await send(body(b"a", more=True))
        clock.advance(2)

    await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 200, 2.0, "")]


async def test_an_answer_that_never_came_is_a_server_error(notebook, wrapped):
    async def app(scope, receive, send):
        return

    await ASGIMiddleware(app, **wrapped)(scope(), receive, Server().send)
    assert notebook.requests == [("unmatched", "GET", 500, 0.0, "")]


async def test_websockets_pass_untouched(notebook, wrapped):
    async def app(scope, receive, send):
        seen.append((scope, receive, send))

    seen: list[Any] = []
    server = Server()
    given = scope(kind="websocket")
    send = server.send
    await ASGIMiddleware(app, **wrapped)(given, receive, send)
    assert seen == [(given, receive, send)]
    assert notebook.requests == []


@pytest.mark.parametrize("outcome", ["complete", "failed"])
async def test_what_is_recorded_is_sent_before_the_server_hears_of_the_end(
    notebook, wrapped, outcome
):
    async def app(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})
        await send({"type": f"lifespan.shutdown.{outcome}"})

    heard: list[tuple[str, int]] = []

    async def send(message: dict[str, Any]) -> None:
        heard.append((message["type"], notebook.ends))

    await ASGIMiddleware(app, **wrapped)(scope(kind="lifespan"), receive, send)
    assert heard == [("lifespan.startup.complete", 0), (f"lifespan.shutdown.{outcome}", 1)]


async def test_excluded_paths_are_not_recorded(notebook, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send(body())

    default = ASGIMiddleware(app, **wrapped)
    chosen = ASGIMiddleware(app, exclude=["/quiet"], **wrapped)
    for path in ("/health", "/metrics"):
        await default(scope(path), receive, Server().send)
    assert notebook.requests == []
    await chosen(scope("/quiet"), receive, Server().send)
    await chosen(scope("/health"), receive, Server().send)
    assert len(notebook.requests) == 1


async def test_methods_nobody_knows_fold_into_one(notebook, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send(body())

    middleware = ASGIMiddleware(app, **wrapped)
    for method in ("GET", "PROPFIND", "get", "QUERY"):
        await middleware(scope(method=method), receive, Server().send)
    assert [seen.method for seen in notebook.requests] == ["GET", "_OTHER", "_OTHER", "QUERY"]


async def test_a_route_of_ones_own(notebook, wrapped):
    async def app(scope, receive, send):
        await send(START)
        await send(body())

    middleware = ASGIMiddleware(app, route=lambda scope: scope["path"].strip("/"), **wrapped)
    await middleware(scope("/jobs"), receive, Server().send)
    await middleware(scope("/"), receive, Server().send)
    assert notebook.routes == ["jobs", "unmatched"]


def test_servers_take_it_for_a_coroutine_function(wrapped):
    async def app(scope, receive, send): ...

    assert inspect.iscoroutinefunction(ASGIMiddleware(app, **wrapped).__call__)
