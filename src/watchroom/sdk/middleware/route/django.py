"""Django keeps the resolved route on its request, which its handler keeps to itself.

`request_class` is the handler's own seam: the class given here leaves a weak reference to each
request in the WSGI environ or ASGI scope it was made from. Django turns exceptions into responses;
its signal tells their class.
"""

import sys
import weakref
from collections.abc import MutableMapping
from typing import Any

from watchroom.sdk.middleware.contract import ERROR

REQUEST = "watchroom.django_request"

_INNER = ("app", "application", "wsgi_app", "asgi_app")


def keep_requests(app: Any) -> None:
    """Make the Django handler in `app`, if there is one, leave its requests and errors."""
    handler = _handler(app)
    if handler is None:
        return
    signals = sys.modules["django.core.signals"]  # the handler has imported it
    signals.got_request_exception.connect(_keep_error, dispatch_uid="watchroom")
    handler.request_class = _kept(handler.request_class)


def template(raw: MutableMapping[str, Any]) -> str:
    """Return the template of an environ or scope that Django has routed; empty where it has not."""
    match = getattr(raw[REQUEST](), "resolver_match", None)
    return "" if match is None else "/" + _readable(match.route)


def _kept(parent: Any) -> Any:
    class KeptRequest(parent):  # type: ignore[misc]  # WSGIRequest or ASGIRequest
        def __init__(self, raw: MutableMapping[str, Any], *rest: Any) -> None:
            super().__init__(raw, *rest)
            raw[REQUEST] = weakref.ref(self)

    return KeptRequest


def _keep_error(request: Any = None, **_: Any) -> None:
    raw = getattr(request, "scope", None) or getattr(request, "environ", None)
    kind = sys.exc_info()[0]
    if raw is not None and kind is not None:
        raw[ERROR] = kind.__name__


def _readable(route: str) -> str:
    """Drop the anchors that `re_path` routes carry."""
    return route.replace("^", "").removesuffix("$").removesuffix(r"\Z")


def _handler(app: Any) -> Any:
    """Return the Django handler inside the middleware around it, where there is one."""
    for _ in range(64):
        made = getattr(app, "request_class", None)
        if getattr(made, "__module__", "").startswith("django.core.handlers."):
            return app
        app = next((getattr(app, name) for name in _INNER if hasattr(app, name)), None)
    return None
