"""Route templates of Flask and Django, as their own routers leave them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from flask import Blueprint, Flask, Response, send_file
from tests.unit.sdk.middleware import django_site
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from watchroom.sdk.middleware.wsgi import WSGIMiddleware


def flask_app(tick: Any = None) -> Flask:
    app = Flask(__name__, static_url_path="/static", static_folder=Path(__file__).parent)
    pages = Blueprint("pages", __name__, url_prefix="/pages/<lang>")

    @app.get("/items/<int:item>")
    def item(item: int) -> str:
        return str(item)

    @pages.get("/about")
    def about(lang: str) -> str:
        return lang

    @app.get("/broken")
    def broken() -> str:
        raise KeyError

    @app.get("/stream")
    def stream() -> Response:
        def pieces() -> Iterator[bytes]:
            for _ in range(3):
                tick(1)
                yield b"x"

        return Response(pieces())

    @app.get("/source")
    def source() -> Response:
        return send_file(__file__)

    app.register_blueprint(pages)
    return app


FLASK_ROWS = [
    ("/items/3", "/items/<int:item>", 200),
    ("/pages/de/about", "/pages/<lang>/about", 200),
    ("/broken", "/broken", 500),
    ("/static/conftest.py", "/static/<path:filename>", 200),
    ("/source", "/source", 200),
    ("/nothing", "unmatched", 404),
    ("/items/three", "unmatched", 404),
]


@pytest.mark.parametrize(("path", "template", "status"), FLASK_ROWS)
def test_flask(notebook, wrapped, path, template, status):
    app = flask_app()
    app.wsgi_app = WSGIMiddleware(app.wsgi_app, **wrapped)  # type: ignore[method-assign]
    with Client(app).get(path) as response:
        assert response.status_code == status
        assert response.data
    error_type = "KeyError" if status == 500 else ""
    assert [(seen.route, seen.status, seen.error_type) for seen in notebook.requests] == [
        (template, status, error_type)
    ]


def test_flask_stream(notebook, clock, wrapped):
    app = flask_app(clock.advance)
    app.wsgi_app = WSGIMiddleware(app.wsgi_app, **wrapped)  # type: ignore[method-assign]
    with Client(app).get("/stream") as response:
        assert response.data == b"xxx"
    assert notebook.first_bytes == [("/stream", "GET", 1.0)]
    assert notebook.requests == [("/stream", "GET", 200, 3.0, "")]


def test_flask_that_lets_its_exceptions_out(notebook, wrapped):
    app = flask_app()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.wsgi_app = WSGIMiddleware(app.wsgi_app, **wrapped)  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        Client(app).get("/broken")
    assert notebook.requests[0][:3] == ("/broken", "GET", 500)
    assert notebook.requests[0].error_type == "KeyError"


def test_flask_under_a_dispatcher_carries_the_prefix(notebook, wrapped):
    app = WSGIMiddleware(DispatcherMiddleware(flask_app(), {"/shop": flask_app()}), **wrapped)
    client = Client(app)
    for path in ("/shop/items/3", "/items/3", "/shop/nothing"):
        client.get(path).close()
    assert notebook.routes == ["/shop/items/<int:item>", "/items/<int:item>", "unmatched"]


DJANGO_ROWS = [
    ("/articles/2026/", "/articles/<int:year>/", 200),
    ("/v1/old/2026/", "/v1/old/(?P<year>[0-9]{4})/", 200),
    ("/broken", "/broken", 500),
    ("/source", "/source", 200),
    ("/nothing", "unmatched", 404),
]


@pytest.mark.parametrize(("path", "template", "status"), DJANGO_ROWS)
def test_django(notebook, wrapped, path, template, status):
    django_site.configure()
    app = WSGIMiddleware(get_wsgi_application(), **wrapped)
    with Client(app).get(path) as response:
        assert response.status_code == status
        assert response.data
    error_type = "KeyError" if status == 500 else ""
    assert [(seen.route, seen.status, seen.error_type) for seen in notebook.requests] == [
        (template, status, error_type)
    ]


def test_django_stream_behind_another_middleware(notebook, wrapped):
    class Between:
        def __init__(self, app: Any) -> None:
            self.app = app

        def __call__(self, environ: Any, start_response: Any) -> Any:
            return self.app(environ, start_response)

    django_site.configure()
    app = WSGIMiddleware(Between(get_wsgi_application()), **wrapped)
    with Client(app).get("/stream") as response:
        assert response.data == b"abc"
    assert notebook.routes == ["/stream"]
    assert [route for route, _, _ in notebook.first_bytes] == ["/stream"]
