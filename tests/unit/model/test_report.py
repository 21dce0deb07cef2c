"""The shared formula, on readings written by hand."""

import math
from typing import get_type_hints

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchroom.model import figures, moments
from watchroom.model.histogram import Histogram, bucket_index
from watchroom.model.labels import labels
from watchroom.model.report import Reading, report, summarize

NOW = 1000.0


def reading(
    name: str,
    last: float | Histogram,
    increase: float | Histogram | None = None,
    time: float = NOW,
    **pairs: str,
) -> Reading:
    return Reading(labels(name, {"job": "s", "instance": "h:1", **pairs}), last, increase, time)


def requests(count: int, value: float, **pairs: str) -> Reading:
    name = "http_server_request_duration_seconds"
    increase = Histogram(count, count * value, 0, {bucket_index(value): count})
    return reading(name, Histogram(count * 10), increase, **pairs)


def test_errors_are_statuses_from_500_and_error_types() -> None:
    found = report(
        [
            requests(6, 0.1, http_route="/a", http_response_status_code="200"),
            requests(1, 0.1, http_route="/a", http_response_status_code="503"),
            requests(
                1, 0.1, http_route="/a", http_response_status_code="200", error_type="OSError"
            ),
        ],
        now=NOW,
        seconds=30,
    )
    api = found["api_metrics"]
    assert api["error_rate_percent"] == 25
    assert api["requests_per_minute"] == 16
    assert (api["requests_total"], api["errors_total"]) == (80, 20)


def test_a_summary_counts_its_range_and_ranks() -> None:
    readings = [
        requests(n, n / 10, http_route=f"/{n}", http_response_status_code="500")
        for n in range(1, 9)
    ]
    found = summarize(readings, now=NOW, seconds=60)
    assert found["api_metrics"]["requests_total"] == 36
    assert [row["endpoint"] for row in found["slowest_endpoints"]] == ["/8", "/7", "/6", "/5", "/4"]
    assert len(found["failing_endpoints"]) == 5


def test_caches() -> None:
    found = report(
        [
            reading("cache_requests_total", 90.0, 30.0, cache="c", result="hit"),
            reading("cache_requests_total", 10.0, 10.0, cache="c", result="miss"),
            reading("cache_size_bytes", 2e6, cache="c"),
            reading("cache_size_bytes", 9e6, time=NOW - 50, cache="c", instance="gone"),
        ],
        now=NOW,
        seconds=60,
    )["cache_metrics"]
    assert found["hit_rate_percent"] == 75
    assert (found["total_hits"], found["total_misses"], found["cache_size_mb"]) == (90, 10, 2)
    assert found["caches"][0]["cache"] == "c"


def test_a_process_new_to_the_reader_brings_no_spike_of_cpu() -> None:
    known = [
        reading("process_cpu_seconds_total", 500.0, 500.0),
        reading("process_uptime_seconds", 1000.0),
        reading("system_disk_usage_ratio", 0.25, mountpoint="/"),
        reading("system_disk_usage_ratio", 0.75, mountpoint="/d"),
    ]
    system = report(known, now=NOW, seconds=60)["system_metrics"]
    assert system["cpu_percent"] == 50
    assert system["disk_usage_percent"] == 75


def test_a_service_alone() -> None:
    other = Reading(labels("cache_size_bytes", {"job": "t", "cache": "c"}), 1.0, None, NOW)
    found = report([reading("cache_size_bytes", 2e6), other], now=NOW, seconds=60, service="s")
    assert found["services"] == ["s"]
    assert found["cache_metrics"]["cache_size_mb"] == 2


def test_the_body_has_the_documented_fields() -> None:
    body = summarize([], now=NOW, seconds=60)
    assert body.keys() == get_type_hints(figures.Summary).keys()
    assert body["api_metrics"].keys() == get_type_hints(figures.ApiMetrics).keys()
    assert body["model_metrics"].keys() == get_type_hints(figures.ModelMetrics).keys()
    assert body["system_metrics"].keys() == get_type_hints(figures.SystemMetrics).keys()
    assert body["cache_metrics"].keys() == get_type_hints(figures.CacheMetrics).keys()


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), min_size=1, max_size=6))
def test_merged_moments_are_those_of_the_union(parts: list[list[float]]) -> None:
    each = [
        moments.shifted(
            len(part),
            math.fsum(value - part[0] for value in part),
            math.fsum((value - part[0]) ** 2 for value in part),
            part[0],
        )
        for part in parts
    ]
    found = moments.merge(each)
    union = np.concatenate(parts)
    assert found.count == len(union)
    assert np.isclose(found.mean, union.mean(), rtol=1e-9, atol=1e-6)
    assert np.isclose(found.squares, ((union - union.mean()) ** 2).sum(), rtol=1e-6, atol=1e-3)
