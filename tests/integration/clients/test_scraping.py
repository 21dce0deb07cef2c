"""Watchroom and Prometheus scrape the same targets by the same file, and answer the same."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml
from tests.integration.clients.programs import eventually, program
from tests.integration.conftest import Server

TRICKY = """\
# HELP plain_total A counter.
# TYPE plain_total counter
plain_total{job="theirs",instance="of mine",exported_job="older"} 3
spaced{ a = "b" , c="d\\"e\\\\f\\ng", } +Inf
not_a_number NaN
go_dropped 1
kept_id{id="7",zone="a"} 1.5e3
kept_id{id="8",zone="b"} 0x1p-2
lat_bucket{le="0.5"} 1
lat_bucket{le="1.0"} 2
lat_bucket{le="+Inf"} 2
lat_sum 1.25
lat_count 2
"""

RULES: list[dict[str, Any]] = [
    {"source_labels": ["__address__"], "regex": "(.+):(\\d+)", "target_label": "host"},
    {"source_labels": ["host"], "target_label": "shard", "modulus": 97, "action": "hashmod"},
    {"regex": "__meta_(.+)", "replacement": "found_$1", "action": "labelmap"},
    {"source_labels": ["env"], "target_label": "ENV", "action": "uppercase"},
    {"source_labels": ["ENV"], "target_label": "env", "action": "dropequal"},
    {"source_labels": ["drop"], "regex": "yes", "action": "drop"},
    {
        "source_labels": ["job", "env"],
        "separator": "/",
        "regex": "(?P<job>.+)/(.*)",
        "target_label": "${2}_of",
        "replacement": "$job-$2x-$$",
    },
]
METRIC_RULES: list[dict[str, Any]] = [
    {"source_labels": ["__name__"], "regex": "go_.*", "action": "drop"},
    {"regex": "exported_instance", "action": "labeldrop"},
    {"source_labels": ["zone"], "regex": "(a)", "target_label": "zone", "replacement": "zone-$1"},
]


class _Tricky(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(TRICKY.replace("0x1p-2", "0.25").encode())

    def log_message(self, *_arguments: Any) -> None:
        pass


class Pair(NamedTuple):
    """Both servers, by their URLs."""

    ours: str
    theirs: str
    watchroom: Server

    def both(self, path: str, **parameters: Any) -> tuple[Any, Any]:
        return ask(self.ours, path, **parameters), ask(self.theirs, path, **parameters)


def ask(url: str, path: str, **parameters: Any) -> Any:
    answer = httpx.get(f"{url}/api/v1/{path}", params=parameters, timeout=30).json()
    assert answer["status"] == "success", answer
    return answer["data"]


def vector(url: str, query: str, **parameters: Any) -> dict[tuple[tuple[str, str], ...], float]:
    """Return the values of an instant query by labels."""
    rows = ask(url, "query", query=query, **parameters)["result"]
    return {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in rows}


def configuration(node: str, tricky: str) -> dict[str, Any]:
    static = {"static_configs": [{"targets": [tricky], "labels": {"env": "prod"}}]}
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {"job_name": "node", "file_sd_configs": [{"files": ["nodes.json"]}]},
            {"job_name": "plain", **static},
            {"job_name": "theirs", "honor_labels": True, **static},
            {
                "job_name": "rules",
                "relabel_configs": RULES,
                "metric_relabel_configs": METRIC_RULES,
                "static_configs": [
                    {"targets": [tricky], "labels": {"env": "prod"}},
                    {"targets": ["dropped:1"], "labels": {"drop": "yes", "env": "x"}},
                    {"targets": ["dropped:2"], "labels": {"env": "SAME"}},
                ],
            },
            {"job_name": "limited", "sample_limit": 3, **static},
            {"job_name": "down", "static_configs": [{"targets": ["127.0.0.1:1"]}]},
        ],
    }


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("scraping")
    with ExitStack() as stack:
        web = ThreadingHTTPServer(("127.0.0.1", 0), _Tricky)
        stack.callback(web.server_close)
        stack.callback(web.shutdown)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        node = stack.enter_context(program(_node_exporter, folder / "node.log"))
        (folder / "nodes.json").write_text(json.dumps([{"targets": [node]}]))
        told = configuration(node, f"127.0.0.1:{web.server_address[1]}")
        (folder / "watchroom.yml").write_text(yaml.safe_dump(told))
        ours = Server(folder / "data", "--config", str(folder / "watchroom.yml"))
        stack.callback(ours.kill)
        us = {
            "job_name": "watchroom",
            "static_configs": [{"targets": [ours.url.removeprefix("http://")]}],
        }
        told["scrape_configs"].append(us)
        (folder / "prometheus.yml").write_text(yaml.safe_dump(told))
        theirs = stack.enter_context(
            program(lambda port: _prometheus(port, folder), folder / "prometheus.log", "/-/ready")
        )
        both = Pair(ours.url, f"http://{theirs}", ours)
        for url in both[:2]:
            eventually(f"{url} has scraped", lambda url=url: _scraped(url))  # type: ignore[misc]
        yield both


def _node_exporter(port: int) -> list[str]:
    return ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"]


def _prometheus(port: int, folder: Path) -> list[str]:
    return [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]


def _scraped(url: str) -> bool:
    counts = vector(url, "count_over_time(up[1h])")
    return len(counts) >= 6 and min(counts.values()) >= 3


def series(found: list[dict[str, str]]) -> set[tuple[tuple[str, str], ...]]:
    return {
        tuple(sorted(each.items()))
        for each in found
        if each.get("job") != "watchroom" and "prometheus" not in each["__name__"]
    }


def test_the_same_series(pair: Pair) -> None:
    ours, theirs = map(series, pair.both("series", **{"match[]": '{__name__!=""}'}))
    assert len(ours) > 500
    assert ours == theirs


@pytest.mark.parametrize(
    "query",
    [
        'up{job!="watchroom"}',
        'scrape_samples_scraped{job!="watchroom"}',
        'scrape_samples_post_metric_relabeling{job!="watchroom"}',
        'scrape_series_added{job!="watchroom"}',
        '{job=~"plain|theirs|rules|limited"} unless {__name__=~"scrape_duration.*"}',
        "node_uname_info",
        "node_memory_MemTotal_bytes",
        "node_boot_time_seconds",
        "count by (mode) (node_cpu_seconds_total)",
        "count by (__name__) ({job='node'})",
        "node_filesystem_size_bytes",
        "node_network_info",
        "node_cpu_seconds_total == bool node_cpu_seconds_total",
        "avg by (job) (up{job!='watchroom'})",
        "histogram_quantile(0.5, lat_bucket)",
        "absent(node_no_such_thing)",
        "sum(node_memory_MemTotal_bytes) / 1024 ^ 3",
    ],
)
def test_the_same_answers(pair: Pair, query: str) -> None:
    ours, theirs = vector(pair.ours, query), vector(pair.theirs, query)
    assert ours
    assert ours.keys() == theirs.keys()
    for labels, value in theirs.items():
        assert ours[labels] == pytest.approx(value, rel=1e-9, nan_ok=True), labels


@pytest.mark.parametrize(
    "query",
    [
        "node_time_seconds",
        "sum by (mode) (node_cpu_seconds_total{mode='idle'})",
        "node_memory_MemAvailable_bytes",
        "deriv(node_time_seconds[10s])",
    ],
)
def test_nearly_the_same_of_what_moves(pair: Pair, query: str) -> None:
    ours, theirs = vector(pair.ours, query), vector(pair.theirs, query)
    assert ours
    assert ours.keys() == theirs.keys()
    for labels, value in theirs.items():
        assert ours[labels] == pytest.approx(value, rel=0.2), labels


def test_the_same_targets(pair: Pair) -> None:
    def active(found: Any) -> list[tuple[Any, ...]]:
        return sorted(
            (
                each["scrapePool"],
                each["scrapeUrl"],
                tuple(sorted(each["labels"].items())),
                tuple(sorted(each["discoveredLabels"].items())),
                each["health"],
                each["scrapeInterval"],
                each["scrapeTimeout"],
            )
            for each in found["activeTargets"]
            if each["scrapePool"] != "watchroom"
        )

    def dropped(found: Any) -> list[list[tuple[str, str]]]:
        return sorted(sorted(each["discoveredLabels"].items()) for each in found["droppedTargets"])

    ours, theirs = pair.both("targets")
    assert active(ours) == active(theirs)
    assert dropped(ours) == dropped(theirs)


def test_prometheus_scrapes_us(pair: Pair) -> None:
    assert list(vector(pair.theirs, 'up{job="watchroom"}').values()) == [1.0]
    (targets,) = vector(pair.theirs, 'watchroom_scrape_targets{job="watchroom"}').values()
    assert targets == 6


def test_a_reload_that_fails_and_one_that_works(pair: Pair) -> None:
    path = pair.watchroom.data.with_name("watchroom.yml")
    good = path.read_text()
    path.write_text(good.replace("honor_labels", "honour_labels"))
    answer = httpx.post(f"{pair.ours}/-/reload")
    assert answer.status_code == 400
    assert "is 'honor_labels' meant?" in answer.json()["error"]["message"]
    assert pair.watchroom.get("/health").json()["parts"]["scrape"]["status"] == "degraded"
    path.write_text(good)
    assert httpx.post(f"{pair.ours}/-/reload").status_code == 200
    assert pair.watchroom.get("/health").json()["parts"]["scrape"]["status"] == "healthy"


def test_a_hangup_reads_the_file_again(pair: Pair) -> None:
    path = pair.watchroom.data.with_name("watchroom.yml")
    good = path.read_text()
    path.write_text(good.replace("job_name: limited", "job_name: renamed"))
    pair.watchroom.process.send_signal(signal.SIGHUP)
    eventually("the job has its new name", lambda: "job_name: renamed" in _config(pair.ours))
    path.write_text(good)
    pair.watchroom.process.send_signal(signal.SIGHUP)
    eventually("the job has its old name", lambda: "job_name: limited" in _config(pair.ours))


def _config(url: str) -> str:
    return str(ask(url, "status/config")["yaml"])
