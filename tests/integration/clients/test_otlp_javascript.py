"""OpenTelemetry's SDK for JavaScript sends every instrument, in JSON and in protobuf."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.clients.recorded import check
from tests.integration.clients.stored import stored
from tests.integration.conftest import Server

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "tests/clients/otlp-js"


@pytest.mark.parametrize("format_", ["http", "proto"])
@pytest.mark.parametrize("temporality", ["cumulative", "delta"])
def test_every_instrument(start: Callable[..., Server], format_: str, temporality: str) -> None:
    assert (CLIENT / "node_modules").is_dir(), "run `make .make/clients` once"
    server = start()
    path = os.pathsep.join([str(ROOT / ".venv/bin"), os.environ["PATH"]])
    sent = subprocess.run(
        ["node", "send.mjs", server.url, format_, temporality],
        cwd=CLIENT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (sent.returncode, sent.stderr) == (0, "")
    assert server.stop() == 0
    with stored(server.data) as found:
        check(found, deltas=temporality == "delta")
