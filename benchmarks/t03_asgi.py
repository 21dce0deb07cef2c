"""T3: what one ASGI request costs more under each middleware, drain included.

In process: the same FastAPI application is called without a server; what it costs without any
middleware is taken off. Under uvicorn: the server on one core, the load on the other, with and
without ours; the share of requests per second lost is the growth of CPU time per request.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from benchmarks.harness import Figure, Row, compare, cpu, micro, peer, same, show
from benchmarks.watched import application, load

REQUESTS = 1_000
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/items/3",
    "raw_path": b"/items/3",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 5000),
    "server": ("127.0.0.1", 8000),
}

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(_message: MutableMapping[str, Any]) -> None:
    return


def caller(app: App, drain: Callable[[], object]) -> Callable[[], float]:
    """Return the measurement of one application: its CPU seconds per request."""

    async def call() -> None:
        for _ in range(REQUESTS):
            await app(dict(SCOPE), receive, send)

    def work() -> None:
        asyncio.run(call())
        drain()

    return lambda: cpu(work, REQUESTS)


def in_process() -> dict[str, Figure]:
    watched = {name: make() for name, make in application.KINDS.items()}
    figures = compare({name: caller(each.app, each.drain) for name, each in watched.items()})
    same({name: each.counted() for name, each in watched.items() if each.counted})
    return figures


def rows() -> list[Row]:
    figures = in_process()
    bare = figures["bare"].median
    added = {name: Figure(each.median - bare, each.spread) for name, each in figures.items()}
    ours = added["watchroom"]
    targets = {
        "prometheus-fastapi-instrumentator": 0.10,
        "opentelemetry-instrumentation-fastapi": 0.02,
    }
    made = [
        Row(
            "T3",
            "µs added per ASGI request",
            micro(ours),
            peer(name),
            micro(added[name]),
            ours.median / added[name].median,
            target,
            f"no-op wrapper {micro(added['no-op'])}",
        )
        for name, target in targets.items()
    ]
    return [*made, load.row()]


if __name__ == "__main__":
    show(rows())
