"""Starlette and FastAPI: from the endpoint in the scope to the full route template.

`scope["route"]` holds the innermost route alone, without the prefixes of mounts, and FastAPI's
included routers leave it without theirs too. So the application's routes are laid out once, with
their prefixes, and looked up by the endpoint that the router left in the scope.
"""

import re
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, NamedTuple

_MOUNT_TEMPLATE = "/{path}"
_MOUNT_PATTERN = "/(?P<path>.*)$"
_UNKNOWN_LIMIT = 1024


class Entry(NamedTuple):
    """One route: its endpoint, its full template, and the pattern of the full path."""

    endpoint: Any
    template: str
    pattern: str


class RouteTable:
    """The routes of an application, by endpoint.

    `known` maps the id of each endpoint that has one route to its template: the short way for
    nearly every request. The table keeps the endpoints alive, so that an id stays theirs.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._entries: dict[int, tuple[Entry, ...]] = {}
        self._unknown: list[Any] = []
        self.known: dict[int, str] = {}

    def of_endpoint(self, endpoint: Any, scope: MutableMapping[str, Any]) -> str:
        """Return the template of a routed scope; empty where the endpoint is no route's."""
        entries = self._entries.get(id(endpoint))
        if entries is None:
            entries = self._learn(endpoint, scope)
        if len(entries) == 1:
            return entries[0].template
        return _matching(entries, scope)

    def of_path(self, scope: MutableMapping[str, Any]) -> str:
        """Return the template that a scope's path fits; empty where none does."""
        if not self._entries:
            self._build(scope)
        every = (entry for entries in self._entries.values() for entry in entries)
        return _matching(every, scope)

    def _learn(self, endpoint: Any, scope: MutableMapping[str, Any]) -> tuple[Entry, ...]:
        """Lay the table out anew: routes may have been added since."""
        if len(self._unknown) < _UNKNOWN_LIMIT:
            self._build(scope)
            if id(endpoint) not in self._entries:
                self._unknown.append(endpoint)
                self._entries[id(endpoint)] = ()
        return self._entries.get(id(endpoint), ())

    def _build(self, scope: MutableMapping[str, Any]) -> None:
        routes = _routes_of(self._app) or _routes_of(scope.get("app")) or ()
        found: dict[int, tuple[Entry, ...]] = {id(each): () for each in self._unknown}
        for entry in _lay_out(routes, "", ""):
            found[id(entry.endpoint)] = (*found.get(id(entry.endpoint), ()), entry)
        self._entries = found
        self.known.clear()
        self.known.update({key: each[0].template for key, each in found.items() if len(each) == 1})


def _routes_of(app: Any) -> Iterable[Any] | None:
    """Return the routes of an application, looking through the middleware around it."""
    for _ in range(64):
        if app is None:
            return None
        routes = getattr(app, "routes", None)
        if isinstance(routes, (list, tuple)):
            return routes
        app = getattr(app, "app", None)
    return None


def _lay_out(routes: Iterable[Any], template: str, pattern: str) -> Iterator[Entry]:
    for route in routes:
        included = getattr(route, "effective_route_contexts", None)
        if included is not None:  # FastAPI's include_router
            contexts = (getattr(each, "starlette_route", None) or each for each in included())
            yield from _lay_out(contexts, template, pattern)
        elif hasattr(route, "host_regex"):
            yield from _lay_out(_routes_of(route.app) or (), template, pattern)
        elif getattr(route, "path_format", None) and hasattr(route, "path_regex"):
            yield from _lay_out_path(route, template, pattern)


def _lay_out_path(route: Any, template: str, pattern: str) -> Iterator[Entry]:
    template += route.path_format
    pattern += route.path_regex.pattern.removeprefix("^")
    endpoint = getattr(route, "endpoint", None)
    if endpoint is not None:
        yield Entry(endpoint, template, pattern)
        return
    mounted = getattr(route, "app", None)
    inner = _routes_of(mounted)
    if inner:
        yield from _lay_out(
            inner,
            template.removesuffix(_MOUNT_TEMPLATE),
            pattern.removesuffix(_MOUNT_PATTERN),
        )
    elif mounted is not None:
        yield Entry(mounted, template, pattern)


def _matching(entries: Iterable[Entry], scope: MutableMapping[str, Any]) -> str:
    path = _path_in_app(scope)
    for entry in entries:
        if _compiled(entry.pattern).match(path):
            return entry.template
    return ""


def _compiled(pattern: str) -> re.Pattern[str]:
    # One name may stand in a mount and in a route below it; a pattern may not name it twice.
    return re.compile("^" + re.sub(r"\?P<\w+>", "?:", pattern))


def _path_in_app(scope: MutableMapping[str, Any]) -> str:
    path: str = scope["path"]
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    if root and path.startswith(root + "/"):
        return path[len(root) :]
    return path
