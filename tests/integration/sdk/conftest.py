import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a way to run a program of its own, with a spool of its own."""

    def run(code: str, environ: Mapping[str, str] | None = None) -> Any:
        program = tmp_path / "program.py"
        program.write_text(code)
        kept = {name: value for name, value in os.environ.items() if "WATCHROOM" not in name}
        kept.pop("MONITORING_ENABLED", None)
        spool = {"WATCHROOM_SPOOL_DIR": str(tmp_path / "spool")}
        return subprocess.run(
            [sys.executable, "-W", "error", str(program)],
            env={**kept, **spool, **(environ or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def totals() -> Callable[[Path, str], dict[str, float]]:
    """Return a reader of a file sink: the last value of a counter by instance."""

    def read(path: Path, name: str) -> dict[str, float]:
        found = {}
        for line in path.read_text().splitlines():
            for resource in json.loads(line).get("resourceMetrics", []):
                attributes = resource["resource"]["attributes"]
                instance = {one["key"]: one["value"]["stringValue"] for one in attributes}
                for metric in resource["scopeMetrics"][0]["metrics"]:
                    if metric["name"] == name:
                        points = metric["sum"]["dataPoints"]
                        total = sum(point["asDouble"] for point in points)
                        found[instance["service.instance.id"]] = total
        return found

    return read
