"""The figures of a report, group by group: the bodies of `/metrics/current` and `/metrics/summary`.

Units are in the names: `_ms` milliseconds, `_mb` millions of bytes, `_percent` 0..100
(`cpu_percent`: 100 is one core), times in seconds since the epoch. `None` says that there is no
data, never that something is zero.
"""

from typing import TypedDict


class Traffic(TypedDict):
    """Requests. `*_total` follow the report's totals; all else is of the window."""

    requests_per_minute: float | None
    requests_total: int | None
    errors_total: int | None
    avg_response_time_ms: float | None
    p50_response_time_ms: float | None
    p95_response_time_ms: float | None
    p99_response_time_ms: float | None
    error_rate_percent: float | None


class Endpoint(Traffic):
    """The requests of one route template and method of one service."""

    service: str
    endpoint: str
    method: str


class ApiMetrics(Traffic):
    """All requests, and per endpoint (busiest first)."""

    endpoints: list[Endpoint]


class Model(TypedDict):
    """One model of one service; `mae`, `r2` and `avg_confidence` are of the window."""

    service: str
    model: str
    predictions_count: int | None
    predictions_per_minute: float | None
    mae: float | None
    r2: float | None
    target_mae: float | None
    target_r2: float | None
    avg_confidence: float | None
    last_updated: float | None


class ModelMetrics(TypedDict):
    """All models; `avg_mae` and `avg_confidence` weigh every prediction alike."""

    predictions_count: int | None
    predictions_per_minute: float | None
    avg_mae: float | None
    avg_confidence: float | None
    last_updated: float | None
    models: list[Model]


class Process(TypedDict):
    """One live process."""

    service: str
    instance: str
    uptime_seconds: float | None
    memory_usage_mb: float | None
    cpu_percent: float | None
    threads: int | None
    last_seen: float


class SystemMetrics(TypedDict):
    """All live processes: the longest uptime, the fullest disk, sums of the rest."""

    uptime_seconds: float | None
    memory_usage_mb: float | None
    cpu_percent: float | None
    disk_usage_percent: float | None
    threads: int | None
    processes: list[Process]


class CacheFigures(TypedDict):
    """Lookups; the rate is of the window, the size that of the live processes together."""

    hit_rate_percent: float | None
    total_hits: int | None
    total_misses: int | None
    cache_size_mb: float | None


class Cache(CacheFigures):
    """One cache of one service."""

    service: str
    cache: str


class CacheMetrics(CacheFigures):
    """All caches, and each."""

    caches: list[Cache]


class Report(TypedDict):
    """The body of `GET /metrics/current`."""

    time: float
    window_seconds: float
    service: str | None
    services: list[str]
    api_metrics: ApiMetrics
    model_metrics: ModelMetrics
    system_metrics: SystemMetrics
    cache_metrics: CacheMetrics


_Range = TypedDict("_Range", {"from": float, "to": float})


class Summary(Report, _Range):
    """The body of `GET /metrics/summary`; its totals are increases within the range."""

    slowest_endpoints: list[Endpoint]
    failing_endpoints: list[Endpoint]
