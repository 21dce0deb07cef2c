"""Route templates, as the frameworks' own routers leave them."""

from typing import Any

import httpx
import pytest
from django.core.asgi import get_asgi_application
from fastapi import APIRouter, BackgroundTasks, FastAPI
from litestar import Litestar, Router, asgi, get
from litestar.params import FromPath
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Host, Mount, Route
from starlette.staticfiles import StaticFiles
from tests.unit.sdk.middleware import django_site

from watchroom.sdk.middleware.asgi import ASGIMiddleware


async def request(app: Any, path: str, method: str = "GET") -> int:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        return (await client.request(method, path)).status_code


def plain(_request: Any) -> PlainTextResponse:
    return PlainTextResponse("x")


def fastapi_app() -> FastAPI:
    app = FastAPI()
    inner = APIRouter(prefix="/inner/{a}")
    outer = APIRouter(prefix="/outer")
    tenant = FastAPI()

    @inner.get("/leaf/{b}")
    async def leaf(a: str, b: str) -> str:
        return a + b

    @tenant.get("/users/{user}")
    async def user(user: int) -> int:
        return user

    @app.get("/items/{item}")
    async def item(item: int) -> int:
        return item

    @app.get("/broken/{item}")
    async def broken(item: int) -> int:
        raise KeyError(item)

    outer.include_router(inner)
    app.include_router(outer, prefix="/v1")
    app.include_router(outer, prefix="/v2")
    app.mount("/tenants/{tenant}", tenant)
    return app


FASTAPI_ROWS = [
    ("/items/3", "/items/{item}", 200),
    ("/items/three", "/items/{item}", 422),
    ("/v1/outer/inner/1/leaf/2", "/v1/outer/inner/{a}/leaf/{b}", 200),
    ("/v2/outer/inner/1/leaf/2", "/v2/outer/inner/{a}/leaf/{b}", 200),
    ("/tenants/acme/users/3", "/tenants/{tenant}/users/{user}", 200),
    ("/tenants/acme/nothing", "unmatched", 404),
    ("/docs", "/docs", 200),
    ("/wp-login.php", "unmatched", 404),
    ("/items/3/", "unmatched", 307),
]


@pytest.mark.parametrize(("path", "template", "status"), FASTAPI_ROWS)
async def test_fastapi_added(notebook, wrapped, path, template, status):
    app = fastapi_app()
    app.add_middleware(ASGIMiddleware, **wrapped)
    assert await request(app, path) == status
    assert [(seen.route, seen.status) for seen in notebook.requests] == [(template, status)]


@pytest.mark.parametrize(("path", "template", "status"), FASTAPI_ROWS)
async def test_fastapi_wrapped(notebook, wrapped, path, template, status):
    app = ASGIMiddleware(fastapi_app(), **wrapped)
    assert await request(app, path) == status
    assert [(seen.route, seen.status) for seen in notebook.requests] == [(template, status)]


@pytest.mark.parametrize("wrap", [True, False])
async def test_fastapi_exception_names_its_route_and_its_class(notebook, wrapped, wrap):
    app: Any = fastapi_app()
    if wrap:
        app = ASGIMiddleware(app, **wrapped)
    else:
        app.add_middleware(ASGIMiddleware, **wrapped)
    assert await request(app, "/broken/3") == 500
    assert [seen[:3] + seen[4:] for seen in notebook.requests] == [
        ("/broken/{item}", "GET", 500, "KeyError")
    ]


async def test_fastapi_method_not_allowed_keeps_the_route(notebook, wrapped):
    app = fastapi_app()
    app.add_middleware(ASGIMiddleware, **wrapped)
    assert await request(app, "/items/3", "DELETE") == 405
    assert notebook.routes == ["/items/{item}"]


async def test_fastapi_routes_added_later_are_found(notebook, wrapped):
    app = fastapi_app()
    app.add_middleware(ASGIMiddleware, **wrapped)
    await request(app, "/items/3")
    app.add_api_route("/late/{x}", lambda x: x)
    assert await request(app, "/late/3") == 200
    assert notebook.routes == ["/items/{item}", "/late/{x}"]


async def test_fastapi_behind_a_proxy_prefix(notebook, wrapped):
    app = fastapi_app()
    app.root_path = "/proxy"
    app.add_middleware(ASGIMiddleware, **wrapped)
    assert await request(app, "/proxy/v2/outer/inner/1/leaf/2") == 200
    assert notebook.routes == ["/v2/outer/inner/{a}/leaf/{b}"]


async def test_fastapi_background_task_is_not_latency(notebook, clock, wrapped):
    app = FastAPI()

    @app.get("/")
    async def home(tasks: BackgroundTasks) -> str:
        clock.advance(0.25)
        tasks.add_task(clock.advance, 60)
        return "x"

    app.add_middleware(ASGIMiddleware, **wrapped)
    await request(app, "/")
    assert notebook.requests == [("/", "GET", 200, 0.25, "")]


async def test_fastapi_stream(notebook, clock, wrapped):
    app = FastAPI()

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces():
            for _ in range(3):
                clock.advance(1)
                yield b"x"

        return StreamingResponse(pieces())

    app.add_middleware(ASGIMiddleware, **wrapped)
    await request(app, "/stream")
    assert notebook.first_bytes == [("/stream", "GET", 1.0)]
    assert notebook.requests == [("/stream", "GET", 200, 3.0, "")]


def starlette_app(tmp_path: Any, middleware: list[Middleware] | None = None) -> Starlette:
    (tmp_path / "file.txt").write_text("x")
    shared = Starlette(routes=[Route("/{id:int}", plain)])
    wrapped_inside = BaseHTTPMiddleware(shared, dispatch=lambda request, go: go(request))
    return Starlette(
        routes=[
            Route("/plain/{id:int}", plain),
            Mount("/a", app=shared),
            Mount("/b/{id}", app=shared),
            Mount("/deep", routes=[Mount("/er", routes=[Route("/{x:path}", plain)])]),
            Mount("/behind", app=wrapped_inside),
            Mount("/static", app=StaticFiles(directory=tmp_path)),
            Host("api.example.net", app=Starlette(routes=[Route("/hosted/{x}", plain)])),
        ],
        middleware=middleware,
    )


STARLETTE_ROWS = [
    ("/plain/3", "/plain/{id}"),
    ("/a/3", "/a/{id}"),
    ("/b/x/3", "/b/{id}/{id}"),
    ("/deep/er/x/y/z", "/deep/er/{x}"),
    ("/static/file.txt", "/static/{path}"),
    ("/a/nothing", "unmatched"),
    ("/nothing", "unmatched"),
    ("http://api.example.net/hosted/1", "/hosted/{x}"),
]


@pytest.mark.parametrize(("path", "template"), STARLETTE_ROWS)
async def test_starlette(notebook, wrapped, tmp_path, path, template):
    app = starlette_app(tmp_path, [Middleware(ASGIMiddleware, **wrapped)])
    await request(app, path)
    assert notebook.routes == [template]


async def test_the_route_is_found_where_something_between_copies_the_scope(
    notebook, wrapped, tmp_path
):
    class Copying:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(dict(scope), receive, send)

    app = ASGIMiddleware(Copying(starlette_app(tmp_path)), **wrapped)
    await request(app, "/b/x/3")
    await request(app, "/nothing")
    assert notebook.routes == ["/b/{id}/{id}", "unmatched"]


def litestar_app(**options: Any) -> Litestar:
    @get("/items/{item:int}", sync_to_thread=False)
    def item(item: FromPath[int]) -> int:
        return item

    @get("/", sync_to_thread=False)
    def home() -> str:
        return "x"

    @get("/broken", sync_to_thread=False)
    def broken() -> str:
        raise KeyError("x")

    @asgi("/mounted", is_mount=True, copy_scope=True)
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("x")(scope, receive, send)

    router = Router("/v1", route_handlers=[item])
    return Litestar([router, home, broken, mounted], openapi_config=None, **options)


LITESTAR_ROWS = [
    ("/v1/items/3", "/v1/items/{item}", 200),
    ("/", "/", 200),
    ("/broken", "/broken", 500),
    ("/mounted/a/b", "/mounted/{path}", 200),
    ("/nothing", "unmatched", 404),
]


@pytest.mark.parametrize(("path", "template", "status"), LITESTAR_ROWS)
async def test_litestar_wrapped(notebook, wrapped, path, template, status):
    app = ASGIMiddleware(litestar_app(), **wrapped)
    assert await request(app, path) == status
    assert [(seen.route, seen.status) for seen in notebook.requests] == [(template, status)]


async def test_litestar_middleware(notebook, wrapped):
    def factory(app: Any) -> ASGIMiddleware:
        return ASGIMiddleware(app, **wrapped)

    assert await request(litestar_app(middleware=[factory]), "/v1/items/3") == 200
    assert notebook.routes == ["/v1/items/{item}"]


async def test_django(notebook, wrapped):
    django_site.configure()
    app = ASGIMiddleware(get_asgi_application(), **wrapped)
    assert await request(app, "/articles/2026/") == 200
    assert await request(app, "/broken") == 500
    assert await request(app, "/nothing") == 404
    assert [(seen.route, seen.error_type) for seen in notebook.requests] == [
        ("/articles/<int:year>/", ""),
        ("/broken", "KeyError"),
        ("unmatched", ""),
    ]
