"""JSON of what came from outside."""

import json
from typing import Any

import msgspec


def encoded(content: Any) -> bytes:
    """Return JSON in UTF-8; bytes that are none, as PromQL's strings may hold, become U+FFFD."""
    try:
        return msgspec.json.encode(content)
    except UnicodeEncodeError:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()
