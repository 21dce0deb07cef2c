"""A small Django site: its settings and its routes in one module."""

from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path, re_path


def configure() -> None:
    """Configure Django for this module, once per process."""
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
        django.setup()


def article(_request: HttpRequest, year: int) -> HttpResponse:
    return HttpResponse(str(year))


def broken(_request: HttpRequest) -> HttpResponse:
    raise KeyError


def stream(_request: HttpRequest) -> StreamingHttpResponse:
    def pieces() -> Iterator[bytes]:
        yield from (b"a", b"b", b"c")

    return StreamingHttpResponse(pieces())


def source(_request: HttpRequest) -> FileResponse:
    return FileResponse(Path(__file__).open("rb"))


urlpatterns = [
    path("articles/<int:year>/", article),
    path("v1/", include([re_path(r"^old/(?P<year>[0-9]{4})/$", article)])),
    path("broken", broken),
    path("stream", stream),
    path("source", source),
]
