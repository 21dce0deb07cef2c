"""Programs that speak to Prometheus, speaking to us: promtool, vmalert, and Prometheus itself."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.server.prometheus.conftest import Both


def promtool(client: httpx.Client, kind: str, *arguments: str) -> list[str]:
    """Return the lines that `promtool query` prints, in an order that both servers have."""
    *flags, last = arguments
    command = ["promtool", "query", kind, *flags, str(client.base_url), last]
    if kind == "series":
        command = ["promtool", "query", kind, *arguments, str(client.base_url)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return sorted(done.stdout.splitlines())


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("instant", ("--time={late}.5", "max by (code) (requests_total)")),
        ("instant", ("--time={late}.5", "temperature")),
        ("instant", ("scalar(vector(2))",)),
        (
            "range",
            ("--start={half}.5", "--end={late}.5", "--step=1m", "max by (job) (temperature)"),
        ),
        ("series", ("--match=requests_total", "--start={half}.5", "--end={late}.5")),
        ("series", ("--match=requests_total{{code='200'}}", "--match=up")),
        ("labels", ("job",)),
        ("labels", ("--start={half}.5", "--end={late}.5", "__name__")),
    ],
)
def test_promtool_prints_the_same(both: Both, kind: str, arguments: tuple[str, ...]) -> None:
    times = {"half": both.start + 1200, "late": both.start + 2400}
    given = [each.format(**times) for each in arguments]
    theirs, ours = promtool(both.prometheus, kind, *given), promtool(both.ours, kind, *given)
    if "scalar" in given[-1]:  # at the time it is asked
        theirs, ours = ([each.partition("@")[0] for each in lines] for lines in (theirs, ours))
    assert theirs
    assert ours == theirs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(log: Path, *command: str) -> Iterator[None]:
    """Run a program until the block ends."""
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield
        finally:
            process.terminate()


def eventually(find: Callable[[], Any], log: Path, seconds: float = 60.0) -> Any:
    """Return what is found once something is; fails with the log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := find():
                return found
        except (httpx.TransportError, json.JSONDecodeError):
            pass  # it has only begun
        time.sleep(0.05)
    raise AssertionError(log.read_text()[-3000:])


def test_vmalert_evaluates_its_rules_over_us(both: Both, tmp_path: Path) -> None:
    rules, log = tmp_path / "rules.yml", tmp_path / "vmalert.log"
    rules.write_text(
        "groups:\n  - name: watched\n    interval: 1s\n    rules:\n"
        f"      - alert: JobUp\n        expr: count by (job) (up @ {both.start + 2400}.5) > 1\n"
        "      - alert: Never\n        expr: vector(1) > 2\n"
        "      - alert: Broken\n        expr: up + on (job) (up @ {}.5)\n".replace(
            "{}", str(both.start + 2400)
        )
    )
    port = free_port()
    address = f"127.0.0.1:{port}"
    nobody = f"http://127.0.0.1:{free_port()}"
    command = [
        "vmalert",
        f"-rule={rules}",
        f"-datasource.url={both.ours.base_url}",
        f"-notifier.url={nobody}",
        f"-httpListenAddr={address}",
    ]
    with started(log, *command):

        def firing() -> dict[str, Any]:
            alerts = httpx.get(f"http://{address}/api/v1/alerts").json()["data"]["alerts"] or ()
            return {each["labels"]["job"]: each for each in alerts if each["state"] == "firing"}

        found = eventually(firing, log)
        broken = "found duplicate series"
        eventually(lambda: broken in log.read_text(), log)
        told = httpx.get(f"http://{address}/metrics").text
    asked = {"query": f"count by (job) (up @ {both.start + 2400}.5) > 1"}
    rows = both.prometheus.get("/api/v1/query", params=asked).json()["data"]["result"]
    assert {job: float(each["value"]) for job, each in found.items()} == {
        row["metric"]["job"]: float(row["value"][1]) for row in rows
    }
    errors = re.findall(r'vmalert_alerting_rules_error{alertname="(\w+)".*} (\d)', told)
    assert dict(errors) == {"JobUp": "0", "Never": "0", "Broken": "1"}


def test_prometheus_scrapes_the_federation(both: Both, tmp_path: Path) -> None:
    config, log = tmp_path / "prometheus.yml", tmp_path / "prometheus.log"
    address = both.ours.base_url.netloc.decode()
    config.write_text(
        json.dumps(
            {
                "scrape_configs": [
                    {
                        "job_name": "federation",
                        "honor_labels": True,
                        "scrape_interval": "1s",
                        "metrics_path": "/federate",
                        "params": {"match[]": ['{__name__=~"up|rpc_seconds|odd"}']},
                        "static_configs": [{"targets": [address]}],
                    }
                ]
            }
        )
    )
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with started(log, *command), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:

        def healthy() -> Any:
            targets = client.get("/api/v1/targets").json()["data"]["activeTargets"]
            return [each for each in targets if each["health"] == "up"]

        (target,) = eventually(healthy, log)
        assert target["lastError"] == ""
        samples = client.get("/api/v1/query", params={"query": "scrape_samples_scraped"}).json()
    (row,) = samples["data"]["result"]
    shown = both.ours.get("/federate", params={"match[]": '{__name__=~"up|rpc_seconds|odd"}'}).text
    lines = [line for line in shown.splitlines() if not line.startswith("#")]
    assert int(row["value"][1]) >= len(lines) > 0
