"""Names of OpenTelemetry as Prometheus has them; the cases of its documentation."""

import pytest

from watchroom.ingest.otlp.naming import label_name, label_pairs, metric_name
from watchroom.ingest.otlp.options import OtlpOptions, Strategy
from watchroom.model.kind import Kind

PLAIN = OtlpOptions()


@pytest.mark.parametrize(
    ("name", "unit", "kind", "told"),
    [
        ("http.server.duration", "s", Kind.HISTOGRAM, "http_server_duration_seconds"),
        (
            "http.server.request.duration",
            "ms",
            Kind.GAUGE,
            "http_server_request_duration_milliseconds",
        ),
        ("system.memory.usage", "By", Kind.GAUGE, "system_memory_usage_bytes"),
        ("requests", "1", Kind.COUNTER, "requests_total"),
        ("requests.total", "", Kind.COUNTER, "requests_total"),
        ("total.requests", "{request}", Kind.COUNTER, "requests_total"),
        ("utilization", "1", Kind.GAUGE, "utilization_ratio"),
        ("cpu.ratio.used", "1", Kind.GAUGE, "cpu_used_ratio"),
        ("network.rate", "By/s", Kind.GAUGE, "network_rate_bytes_per_second"),
        ("queue.rate", "{item}/min", Kind.GAUGE, "queue_rate_per_minute"),
        ("speed", "m/s", Kind.GAUGE, "speed_meters_per_second"),
        ("process.cpu.seconds", "s", Kind.COUNTER, "process_cpu_seconds_total"),
        ("2xx.responses", "", Kind.GAUGE, "_2xx_responses"),
        ("a--b__c", "", Kind.GAUGE, "a_b_c"),
        ("load", "%", Kind.GAUGE, "load_percent"),
        ("light", "cd", Kind.GAUGE, "light_cd"),
        ("größe", "", Kind.GAUGE, "gr_e"),
    ],
)
def test_metrics(name: str, unit: str, kind: Kind, told: str) -> None:
    assert metric_name(name, unit, kind, PLAIN) == told


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        ("UnderscoreEscapingWithSuffixes", "http_requests_bytes_total"),
        ("UnderscoreEscapingWithoutSuffixes", "http_requests"),
        ("NoUTF8EscapingWithSuffixes", "http.requests_bytes_total"),
        ("NoTranslation", "http.requests"),
    ],
)
def test_strategies(strategy: Strategy, told: str) -> None:
    options = OtlpOptions(translation_strategy=strategy)
    assert metric_name("http.requests", "By", Kind.COUNTER, options) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [("http.method", "http_method"), ("2xx", "key_2xx"), ("_own", "key_own"), ("__x", "__x")],
)
def test_labels(name: str, told: str) -> None:
    assert label_name(name, PLAIN) == told
    assert label_name(name, OtlpOptions(translation_strategy="NoTranslation")) == name


def test_labels_that_meet_are_joined() -> None:
    assert label_pairs([("a_b", "2"), ("a.b", "1"), ("c", "3")], PLAIN) == [
        ("a_b", "1;2"),
        ("c", "3"),
    ]
