"""What the engine answers: plain structures, ready for JSON. Times are seconds since the epoch."""

from typing import Any, TypedDict


class Line(TypedDict):
    """One curve; null is a gap."""

    labels: dict[str, str]
    values: list[float | None]


class History(TypedDict):
    """One metric over time: a value stands for the `window` seconds up to its time."""

    metric: str
    unit: str
    service: str | None
    start: float
    end: float
    step: float
    window: float
    times: list[float]
    series: list[Line]


class Distribution(TypedDict):
    """A true histogram: `counts[t][k]` values lay between bounds k and k + 1."""

    metric: str
    unit: str
    service: str | None
    start: float
    end: float
    step: float
    bounds: list[float]
    times: list[float]
    counts: list[list[int]]
    total: list[int]
    count: int
    p50: float | None
    p95: float | None
    p99: float | None


class Pair(TypedDict):
    """A prediction and what came true."""

    time: float
    predicted: float
    actual: float
    confidence: float | None


class Predictions(TypedDict):
    """Pairs of one model, oldest first; `sampled` when there were more than are here."""

    model: str
    service: str | None
    points: list[Pair]
    seen: int
    sampled: bool


class Instance(TypedDict):
    """One process of a service."""

    instance: str
    first_seen: float
    last_seen: float
    live: bool


class Service(TypedDict):
    """A service is live while one of its processes is."""

    service: str
    status: str
    last_seen: float
    instances: list[Instance]


class Services(TypedDict):
    """Every service heard of within a day."""

    services: list[Service]


class Occurrence(TypedDict):
    """One event."""

    time: float
    name: str
    level: str
    service: str
    instance: str
    payload: dict[str, Any]


class Events(TypedDict):
    """Events, newest first."""

    events: list[Occurrence]
