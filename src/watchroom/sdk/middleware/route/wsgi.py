"""The route template of a WSGI environ, once the framework has routed it."""

from typing import Any

from watchroom.sdk.middleware.route import django, flask


def prepare(app: Any) -> None:
    """Make the framework of an application leave what `template` reads."""
    flask.keep_errors()
    django.keep_requests(app)


def template(environ: dict[str, Any]) -> str:
    """Return the template; empty where no route took the request."""
    return django.template(environ) if django.REQUEST in environ else flask.template(environ)
