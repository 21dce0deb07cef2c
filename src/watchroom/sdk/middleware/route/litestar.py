"""Litestar leaves the template itself, except for mounted applications."""

from collections.abc import MutableMapping
from typing import Any


def template(scope: MutableMapping[str, Any]) -> str:
    """Return the template of a scope that Litestar has routed."""
    handler = scope["route_handler"]
    if getattr(handler, "is_mount", False):
        path: str = min(handler.paths)
        return path.rstrip("/") + "/{path}"
    found: str = scope.get("path_template", "")
    return found
