"""What the server says of itself, judged by Prometheus' own tool."""

import subprocess

import httpx
from prometheus_client.openmetrics import parser as openmetrics
from tests.integration.conftest import Server

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def test_promtool_finds_nothing_to_improve(server: Server) -> None:
    text = server.get("/metrics").content
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_openmetrics_where_it_is_preferred(server: Server) -> None:
    answer = httpx.get(f"{server.url}/metrics", headers={"Accept": OPENMETRICS})
    assert answer.headers["content-type"].startswith(OPENMETRICS)
    names = {each.name for each in openmetrics.text_string_to_metric_families(answer.text)}
    assert {"watchroom_build_info", "process_cpu_seconds"} <= names
