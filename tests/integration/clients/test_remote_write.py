"""Prometheus and vmagent write to us what they scrape: the same on both sides, nothing refused."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import yaml
from tests.integration.clients.programs import eventually, program
from tests.integration.conftest import Server
from tests.unit.ingest.remote.schema import messages

EVERYTHING = '{job=~"job.*"}[1h]'
Samples = dict[frozenset[tuple[str, str]], list[tuple[float, str]]]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running node_exporter."""
    log = tmp_path_factory.mktemp("node") / "node.log"
    with program(
        lambda port: ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"], log
    ) as address:
        yield address


def config(server: Server, path: Path, *targets: str) -> Path:
    """Write a configuration for Prometheus that scrapes targets and writes to us."""
    jobs = [
        {"job_name": f"job{number}", "static_configs": [{"targets": [target]}]}
        for number, target in enumerate(targets)
    ]
    remote = {
        "url": f"{server.url}/api/v1/write",
        "send_native_histograms": True,
        "send_exemplars": True,
        "metadata_config": {"send_interval": "1s"},
        "queue_config": {"batch_send_deadline": "200ms"},
    }
    text = yaml.safe_dump(
        {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": jobs,
            "remote_write": [remote],
        }
    )
    path.write_text(text)
    return path


@contextmanager
def prometheus(server: Server, folder: Path, *targets: str) -> Iterator[str]:
    """Run Prometheus, which scrapes targets and itself."""

    def command(port: int) -> list[str]:
        written = config(server, folder / "prometheus.yml", *targets, f"127.0.0.1:{port}")
        return [
            "prometheus",
            f"--config.file={written}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=native-histograms,exemplar-storage",
        ]

    with program(command, folder / "prometheus.log", "/-/ready") as address:
        yield f"http://{address}"


def value(url: str, query: str, at: float) -> float:
    """Return the one number a query answers; 0 where there is nothing."""
    asked = {"query": query, "time": f"{at:.3f}"}
    answer = httpx.get(f"{url}/api/v1/query", params=asked, timeout=30).json()
    assert answer["status"] == "success", answer
    result = answer["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def samples(url: str, at: float) -> Samples:
    """Return all that is there up to a moment, as texts."""
    asked = {"query": EVERYTHING, "time": f"{at:.3f}"}
    answer = httpx.get(f"{url}/api/v1/query", params=asked, timeout=30).json()
    assert answer["status"] == "success", answer
    return {
        frozenset(series["metric"].items()): [(time, text) for time, text in series["values"]]
        for series in answer["data"]["result"]
    }


def as_numbers(found: Samples) -> dict[frozenset[tuple[str, str]], list[Any]]:
    """Return samples with their values as numbers; what is none stays a text."""
    return {
        series: [(time, text if text == "NaN" else float(text)) for time, text in rows]
        for series, rows in found.items()
    }


def count(found: Samples) -> int:
    return sum(map(len, found.values()))


def figure(url: str, name: str, labels: str = "") -> float:
    """Return the sum of a metric's samples with some text in their labels."""
    text = httpx.get(f"{url}/metrics", timeout=30).text
    rows = re.findall(rf"^{name}(\{{[^\n]*\}})? (\S+)$", text, re.MULTILINE)
    return sum(float(number) for found, number in rows if labels in found)


def refused(server: Server) -> float:
    names = ("refused_requests", "failed_requests", "refused_samples")
    return sum(figure(server.url, f"watchroom_door_{each}_total", "remote_write") for each in names)


def test_prometheus_delivers_all_it_has(server: Server, node: str, tmp_path: Path) -> None:
    before = refused(server)
    with prometheus(server, tmp_path, node) as url:
        eventually("there are scrapes", lambda: count(samples(url, time.time())) > 5_000)
        at = time.time()
        theirs = samples(url, at)
        eventually("all arrived", lambda: count(samples(server.url, at)) == count(theirs))
        assert as_numbers(samples(server.url, at)) == as_numbers(theirs)
        for name in ("failed", "dropped", "retried"):
            assert figure(url, f"prometheus_remote_storage_samples_{name}_total") == 0
        eventually("metadata arrived", lambda: _kind(server, "node_cpu_seconds_total"))
    assert _kind(server, "node_cpu_seconds_total") == "counter"
    assert refused(server) == before


def _kind(server: Server, name: str) -> str:
    told = server.get("/api/v1/metadata", metric=name).json()["data"].get(name, [])
    return str(told[0]["type"]) if told else ""


def test_vmagent_delivers_all_it_has(server: Server, node: str, tmp_path: Path) -> None:
    scrape = tmp_path / "scrape.yml"
    jobs = [{"job_name": "agent", "static_configs": [{"targets": [node]}]}]
    scrape.write_text(yaml.safe_dump({"global": {"scrape_interval": "2s"}, "scrape_configs": jobs}))
    name = "watchroom_door_samples_total"
    before, complaints = figure(server.url, name, "remote_write"), refused(server)

    def command(port: int) -> list[str]:
        return [
            "vmagent",
            f"-promscrape.config={scrape}",
            f"-httpListenAddr=127.0.0.1:{port}",
            f"-remoteWrite.url={server.url}/api/v1/write",
            f"-remoteWrite.tmpDataPath={tmp_path / 'queue'}",
            "-remoteWrite.flushInterval=200ms",
        ]

    with program(command, tmp_path / "vmagent.log") as address:
        url = f"http://{address}"

        def pushed() -> float:
            return figure(url, "vmagent_remotewrite_rows_pushed_after_relabel_total")

        def arrived() -> float:
            return figure(server.url, name, "remote_write") - before

        eventually("there are scrapes", lambda: pushed() > 2000)
        eventually("all arrived", lambda: arrived() == pushed())
        for lost in ("packets_dropped", "retries_count"):
            assert figure(url, f"vmagent_remotewrite_{lost}_total") == 0
        at = time.time()
        assert value(server.url, "count(node_cpu_seconds_total{job='agent'})", at) > 0
    assert refused(server) == complaints


CLIENT = messages(
    {
        "MetricFamily": "name=1 string, help=2 string, type=3 int32, metric=4 *Metric",
        "Metric": "histogram=7 Histogram",
        "Histogram": "sample_count=1 uint64, sample_sum=2 double, schema=5 sint32,"
        " zero_threshold=6 double, zero_count=7 uint64, negative_span=9 *BucketSpan,"
        " negative_delta=10 *sint64, positive_span=12 *BucketSpan, positive_delta=13 *sint64",
        "BucketSpan": "offset=1 sint32, length=2 uint32",
    },
    "io.prometheus.client",
)
HISTOGRAM = 4


class _Native(BaseHTTPRequestHandler):
    """A target with one native histogram that grows with each scrape."""

    scrapes = 0

    def do_GET(self) -> None:
        type(self).scrapes += 1
        number = self.scrapes
        family = CLIENT["MetricFamily"](name="native_seconds", type=HISTOGRAM)
        made = family.metric.add().histogram
        made.sample_count, made.sample_sum = 6 * number, 10.5 * number
        made.schema, made.zero_threshold, made.zero_count = 3, 1e-9, number
        made.positive_span.add(offset=-3, length=2)
        made.positive_span.add(offset=4, length=1)
        made.positive_delta.extend([number, number, -number])
        made.negative_span.add(offset=0, length=1)
        made.negative_delta.append(number)
        body = family.SerializeToString()
        self.send_response(200)
        kind = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily"
        self.send_header("Content-Type", f"{kind}; encoding=delimited")
        self.end_headers()
        self.wfile.write(bytes([len(body)]) + body)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def native() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Native) as target:
        thread = Thread(target=target.serve_forever)
        thread.start()
        yield f"127.0.0.1:{target.server_port}"
        target.shutdown()
        thread.join()


def test_native_histograms_of_prometheus(server: Server, native: str, tmp_path: Path) -> None:
    with prometheus(server, tmp_path, native) as url:
        total = "histogram_count(native_seconds)"
        eventually("there are scrapes", lambda: value(url, total, time.time()) > 6 * 3)
        at = time.time()
        scrapes = "count_over_time(native_seconds[1h])"
        theirs = value(url, scrapes, at)
        eventually("all arrived", lambda: value(server.url, scrapes, at) == theirs)
        # Quantiles are interpolated otherwise in Prometheus 3.
        for query in (
            total,
            "histogram_sum(native_seconds)",
            "histogram_quantile(1, native_seconds)",
            "histogram_count(native_seconds) - histogram_count(native_seconds offset 1s)",
        ):
            ours = value(server.url, query, at)
            assert ours == pytest.approx(value(url, query, at), rel=1e-9), query
