"""The one formula behind `/metrics/current`, `/metrics/summary` and the SDK's own collector.

Readings go in, the four groups of figures come out (see `watchroom.model.figures`).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from watchroom.model import moments
from watchroom.model.figures import (
    ApiMetrics,
    Cache,
    CacheFigures,
    CacheMetrics,
    Endpoint,
    Model,
    ModelMetrics,
    Process,
    Report,
    Summary,
    SystemMetrics,
    Traffic,
)
from watchroom.model.histogram import Histogram, merge, quantiles
from watchroom.model.labels import INSTANCE, JOB, NAME, Labels

LIVE_SECONDS = 45.0
"""An instance is live when its last sample is no older; unchanged series come every 15 s."""

REQUESTS = "http_server_request_duration_seconds"
PREDICTIONS = "ml_predictions_total"
CONFIDENCE = "ml_prediction_confidence"
ABSOLUTE_ERROR = "ml_absolute_error"
SQUARED_ERROR = "ml_squared_error_total"
ACTUAL_SUM = "ml_actual_shifted_sum"
ACTUAL_SQUARES = "ml_actual_shifted_square_sum"
ACTUAL_COUNT = "ml_actual_count"
ACTUAL_SHIFT = "ml_actual_shift"
TARGET_MAE = "ml_target_mae"
TARGET_R2 = "ml_target_r2"
CACHE_REQUESTS = "cache_requests_total"
CACHE_SIZE = "cache_size_bytes"
CPU = "process_cpu_seconds_total"
MEMORY = "process_resident_memory_bytes"
THREADS = "process_threads"
UPTIME = "process_uptime_seconds"
DISK = "system_disk_usage_ratio"

CUMULATIVE = frozenset({ACTUAL_SUM, ACTUAL_SQUARES, ACTUAL_COUNT})
"""Gauges that add up what a process saw, and may fall: their increase is a plain difference."""

NAMES = frozenset(
    {REQUESTS, PREDICTIONS, CONFIDENCE, ABSOLUTE_ERROR, SQUARED_ERROR, ACTUAL_SHIFT}
    | {TARGET_MAE, TARGET_R2, CACHE_REQUESTS, CACHE_SIZE, CPU, MEMORY, THREADS, UPTIME, DISK}
    | CUMULATIVE
)
"""The metrics a report reads; readings of any other are ignored."""

FIRST_BAD_STATUS = 500
MEGABYTE = 1e6
TOP = 5


class Reading(NamedTuple):
    """What one series says about a window that ends now.

    `last` is its newest value (cumulative since the process began), `increase` the exact increase
    within the window (None for gauges, the difference for those in CUMULATIVE), `time` when it was
    last heard of, `changed` when its value last rose, as far as the reader knows.
    """

    labels: Labels
    last: float | Histogram
    increase: float | Histogram | None
    time: float
    changed: float | None = None


class _Seen(NamedTuple):
    """A reading with its labels as a mapping, and the total it contributes."""

    pairs: Mapping[str, str]
    reading: Reading
    total: float | Histogram | None


_Index = Mapping[str, list[_Seen]]
_Key = tuple[str, ...]


def report(
    readings: Iterable[Reading], *, now: float, seconds: float, service: str | None = None
) -> Report:
    """Return the figures of the window of `seconds` that ends at `now`.

    Totals are those of the processes' whole lives. With `service`, only its readings count.
    """
    return _report(readings, now, seconds, service, lambda reading: reading.last)


def summarize(
    readings: Iterable[Reading], *, now: float, seconds: float, service: str | None = None
) -> Summary:
    """Return the same figures with totals that are increases within the window, and top lists."""
    body = _report(readings, now, seconds, service, lambda reading: reading.increase)
    rows = body["api_metrics"]["endpoints"]
    return {
        **body,
        "from": now - seconds,
        "to": now,
        "slowest_endpoints": _top(rows, lambda row: row["p95_response_time_ms"] or 0.0),
        "failing_endpoints": _top(rows, lambda row: float(row["errors_total"] or 0)),
    }


def is_error(pairs: Mapping[str, str]) -> bool:
    """Say whether a request with these labels failed: status >= 500, or an error type."""
    status = pairs.get("http_response_status_code", "")
    return bool(pairs.get("error_type")) or (status.isdigit() and int(status) >= FIRST_BAD_STATUS)


def _report(
    readings: Iterable[Reading],
    now: float,
    seconds: float,
    service: str | None,
    total: Callable[[Reading], float | Histogram | None],
) -> Report:
    index, services = _index(readings, service, total)
    return {
        "time": now,
        "window_seconds": seconds,
        "service": service,
        "services": services,
        "api_metrics": _api(index, seconds),
        "model_metrics": _models(index, seconds),
        "system_metrics": _system(index, now, seconds),
        "cache_metrics": _caches(index, now),
    }


def _index(
    readings: Iterable[Reading],
    service: str | None,
    total: Callable[[Reading], float | Histogram | None],
) -> tuple[_Index, list[str]]:
    index: dict[str, list[_Seen]] = defaultdict(list)
    services = set()
    for reading in readings:
        pairs = dict(reading.labels)
        if service is not None and pairs.get(JOB) != service:
            continue
        services.add(pairs.get(JOB, ""))
        index[pairs[NAME]].append(_Seen(pairs, reading, total(reading)))
    return index, sorted(services - {""})


def _grouped(seen: Iterable[_Seen], *names: str) -> dict[_Key, list[_Seen]]:
    groups: dict[_Key, list[_Seen]] = defaultdict(list)
    for each in seen:
        groups[tuple([each.pairs.get(name, "") for name in names])].append(each)
    return groups


def _number(value: float | Histogram | None) -> float:
    return float(value.count) if isinstance(value, Histogram) else value or 0.0


def _total(seen: list[_Seen]) -> int | None:
    return round(sum(_number(each.total) for each in seen)) if seen else None


def _increase(seen: Iterable[_Seen]) -> float:
    return sum(_number(each.reading.increase) for each in seen)


def _per_minute(seen: list[_Seen], seconds: float) -> float | None:
    return _increase(seen) * 60.0 / seconds if seen else None


def _merged(seen: Iterable[_Seen]) -> Histogram:
    parts = (each.reading.increase for each in seen)
    return merge(part for part in parts if isinstance(part, Histogram) and part.count)


def _mean(seen: list[_Seen]) -> float | None:
    merged = [each.reading.increase for each in seen]
    parts = [part for part in merged if isinstance(part, Histogram)]
    return _ratio(sum(part.sum for part in parts), sum(part.count for part in parts))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _percent(part: float, whole: float) -> float | None:
    return 100.0 * part / whole if whole > 0 else None


def _api(index: _Index, seconds: float) -> ApiMetrics:
    seen = index.get(REQUESTS, [])
    groups = _grouped(seen, JOB, "http_route", "http_request_method")
    merged = {key: _merged(group) for key, group in groups.items()}
    endpoints: list[Endpoint] = [
        {
            "service": key[0],
            "endpoint": key[1],
            "method": key[2],
            **_traffic(group, merged[key], seconds),
        }
        for key, group in sorted(groups.items())
    ]
    endpoints.sort(key=lambda row: row["requests_per_minute"] or 0.0, reverse=True)
    return {**_traffic(seen, merge(merged.values()), seconds), "endpoints": endpoints}


def _traffic(seen: list[_Seen], window: Histogram, seconds: float) -> Traffic:
    failed = [each for each in seen if is_error(each.pairs)]
    p50, p95, p99 = (_milliseconds(value) for value in quantiles(window, (0.50, 0.95, 0.99)))
    return {
        "requests_per_minute": _per_minute(seen, seconds),
        "requests_total": _total(seen),
        "errors_total": (_total(failed) or 0) if seen else None,
        "avg_response_time_ms": _ratio(window.sum * 1000.0, window.count),
        "p50_response_time_ms": p50,
        "p95_response_time_ms": p95,
        "p99_response_time_ms": p99,
        "error_rate_percent": _percent(_increase(failed), window.count),
    }


def _milliseconds(seconds: float) -> float | None:
    return None if math.isnan(seconds) else seconds * 1000.0


def _top(rows: list[Endpoint], weight: Callable[[Endpoint], float]) -> list[Endpoint]:
    return sorted((row for row in rows if weight(row) > 0), key=weight, reverse=True)[:TOP]


def _models(index: _Index, seconds: float) -> ModelMetrics:
    of = {name: _grouped(index.get(name, []), JOB, "model") for name in NAMES}
    kinds = (PREDICTIONS, ABSOLUTE_ERROR, CONFIDENCE, ACTUAL_COUNT, TARGET_MAE, TARGET_R2)
    keys = sorted({key for name in kinds for key in of[name]})
    predictions = index.get(PREDICTIONS, [])
    return {
        "predictions_count": _total(predictions),
        "predictions_per_minute": _per_minute(predictions, seconds),
        "avg_mae": _mean(index.get(ABSOLUTE_ERROR, [])),
        "avg_confidence": _mean(index.get(CONFIDENCE, [])),
        "last_updated": _changed(predictions),
        "models": [
            _model(key, {name: of[name].get(key, []) for name in of}, seconds) for key in keys
        ],
    }


def _model(key: _Key, of: _Index, seconds: float) -> Model:
    predictions = of[PREDICTIONS]
    return {
        "service": key[0],
        "model": key[1],
        "predictions_count": _total(predictions),
        "predictions_per_minute": _per_minute(predictions, seconds),
        "mae": _mean(of[ABSOLUTE_ERROR]),
        "r2": moments.r_squared(_increase(of[SQUARED_ERROR]), moments.merge(_moments(of))),
        "target_mae": _newest(of[TARGET_MAE]),
        "target_r2": _newest(of[TARGET_R2]),
        "avg_confidence": _mean(of[CONFIDENCE]),
        "last_updated": _changed(predictions),
    }


def _moments(of: _Index) -> Iterable[moments.Moments]:
    """Yield the moments of the actual values of each process: sums only add up at one shift."""
    parts: dict[tuple[tuple[str, str], ...], dict[str, Reading]] = defaultdict(dict)
    for name in (ACTUAL_COUNT, ACTUAL_SUM, ACTUAL_SQUARES, ACTUAL_SHIFT):
        for pairs, reading, _ in of[name]:
            identity = tuple((key, pairs[key]) for key in pairs if key != NAME)
            parts[identity][name] = reading
    for part in parts.values():
        if ACTUAL_COUNT in part and ACTUAL_SHIFT in part:
            yield moments.shifted(
                _number(part[ACTUAL_COUNT].increase),
                _number(part[ACTUAL_SUM].increase) if ACTUAL_SUM in part else 0.0,
                _number(part[ACTUAL_SQUARES].increase) if ACTUAL_SQUARES in part else 0.0,
                _number(part[ACTUAL_SHIFT].last),
            )


def _newest(seen: list[_Seen]) -> float | None:
    if not seen:
        return None
    return _number(max(seen, key=lambda each: each.reading.time).reading.last)


def _changed(seen: Iterable[_Seen]) -> float | None:
    times = [each.reading.changed for each in seen if each.reading.changed is not None]
    return max(times, default=None)


def _system(index: _Index, now: float, seconds: float) -> SystemMetrics:
    processes = _processes(index, now, seconds)
    disks = [_number(each.reading.last) for each in index.get(DISK, []) if _live(each, now)]
    threads = _sum(process["threads"] for process in processes)
    return {
        "uptime_seconds": _max(process["uptime_seconds"] for process in processes),
        "memory_usage_mb": _sum(process["memory_usage_mb"] for process in processes),
        "cpu_percent": _sum(process["cpu_percent"] for process in processes),
        "disk_usage_percent": _max(100.0 * ratio for ratio in disks),
        "threads": None if threads is None else int(threads),
        "processes": processes,
    }


def _processes(index: _Index, now: float, seconds: float) -> list[Process]:
    parts: dict[tuple[str, str], dict[str, Reading]] = defaultdict(dict)
    for name in (UPTIME, MEMORY, CPU, THREADS):
        for each in index.get(name, []):
            if _live(each, now):
                key = (each.pairs.get(JOB, ""), each.pairs.get(INSTANCE, ""))
                parts[key][name] = each.reading
    return [_process(key, part, seconds) for key, part in sorted(parts.items())]


def _process(key: tuple[str, str], part: Mapping[str, Reading], seconds: float) -> Process:
    last = {name: _number(reading.last) for name, reading in part.items()}
    return {
        "service": key[0],
        "instance": key[1],
        "uptime_seconds": last.get(UPTIME),
        "memory_usage_mb": last[MEMORY] / MEGABYTE if MEMORY in last else None,
        "cpu_percent": _cpu(part[CPU], last.get(UPTIME), seconds) if CPU in part else None,
        "threads": int(last[THREADS]) if THREADS in last else None,
        "last_seen": max(reading.time for reading in part.values()),
    }


def _cpu(cpu: Reading, uptime: float | None, seconds: float) -> float | None:
    """Return the use of the time the increase covers.

    A process first heard of within the window brings what it used since it began.
    """
    used = _number(cpu.increase)
    if uptime is None:
        return _percent(used, seconds)
    whole = used >= _number(cpu.last)
    return _percent(used, uptime if whole else min(seconds, uptime))


def _live(each: _Seen, now: float) -> bool:
    return now - each.reading.time <= LIVE_SECONDS


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def _max(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _caches(index: _Index, now: float) -> CacheMetrics:
    requests, sizes = index.get(CACHE_REQUESTS, []), index.get(CACHE_SIZE, [])
    by_cache, size_of = _grouped(requests, JOB, "cache"), _grouped(sizes, JOB, "cache")
    caches: list[Cache] = [
        {
            "service": key[0],
            "cache": key[1],
            **_lookups(by_cache.get(key, []), size_of.get(key, []), now),
        }
        for key in sorted(by_cache.keys() | size_of.keys())
    ]
    return {**_lookups(requests, sizes, now), "caches": caches}


def _lookups(requests: list[_Seen], sizes: list[_Seen], now: float) -> CacheFigures:
    hits = [each for each in requests if each.pairs.get("result") == "hit"]
    misses = [each for each in requests if each.pairs.get("result") == "miss"]
    size = _sum(_number(each.reading.last) for each in sizes if _live(each, now))
    return {
        "hit_rate_percent": _percent(_increase(hits), _increase(hits) + _increase(misses)),
        "total_hits": (_total(hits) or 0) if requests else None,
        "total_misses": (_total(misses) or 0) if requests else None,
        "cache_size_mb": None if size is None else size / MEGABYTE,
    }
