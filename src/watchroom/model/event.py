"""Structured events: something that happened once, with a payload."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One event. `time` is in milliseconds since the epoch; `level` is a logging level name."""

    name: str
    time: int
    payload: Mapping[str, Any]
    level: str = "INFO"
    job: str = ""
    instance: str = ""
