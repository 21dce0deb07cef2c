"""The route template of an ASGI scope, after the application has handled it."""

from collections.abc import MutableMapping
from typing import Any

from watchroom.sdk.middleware.contract import UNMATCHED
from watchroom.sdk.middleware.route import django, litestar
from watchroom.sdk.middleware.route.starlette import RouteTable


class Routes:
    """Reads the template from whichever framework handled the scope."""

    def __init__(self, app: Any) -> None:
        self._table = RouteTable(app)
        self.known = self._table.known
        django.keep_requests(app)

    def template(self, scope: MutableMapping[str, Any], status: int) -> str:
        """Return the template; `unmatched` where no route took the request."""
        endpoint = scope.get("endpoint")
        if endpoint is not None:
            return self._table.of_endpoint(endpoint, scope) or UNMATCHED
        if "route_handler" in scope:
            return litestar.template(scope) or UNMATCHED
        if django.REQUEST in scope:
            return django.template(scope) or UNMATCHED
        if status == 404:
            return UNMATCHED
        # Something in between copied the scope, so the router's marks are not on ours.
        return self._table.of_path(scope) or UNMATCHED
