"""Attributes of OpenTelemetry as text."""

import base64
import json
from collections.abc import Iterable
from typing import Any, TypeAlias

Attributes: TypeAlias = tuple[tuple[str, str], ...]


def texts(attributes: Iterable[Any]) -> Attributes:
    """Return the pairs of a repeated KeyValue, values as text, in the order they came."""
    return tuple((each.key, each.value.string_value or text(each.value)) for each in attributes)


def text(value: Any) -> str:
    """Return an AnyValue as a label's value: scalars plainly, the rest as JSON."""
    plain = _plain(value)
    if isinstance(plain, str):
        return plain
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, int | float):
        return repr(plain)
    return "" if plain is None else json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_plain(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return {each.key: _plain(each.value) for each in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    return getattr(value, kind)
