"""The real Prometheus: a process that has the samples, and answers over HTTP."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from tests.integration.query.differential import remote_write
from tests.integration.query.differential.compare import Query, Result, Row
from tests.integration.query.differential.data import Line

FEATURES = "native-histograms,promql-at-modifier,promql-negative-offset"


class Prometheus:
    """A running Prometheus."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60)

    def write(self, lines: Sequence[Line]) -> None:
        """Write series in time order, as it wants them: all of them, a minute at a time."""
        samples = [(line.labels, sample) for line in lines for sample in line.samples]
        samples.sort(key=lambda each: each[1][0])
        for first in range(0, len(samples), 5000):
            batch: dict[Any, Line] = {}
            for labels, sample in samples[first : first + 5000]:
                batch.setdefault(labels, Line(labels, [])).samples.append(sample)
            answer = self._client.post(
                "/api/v1/write",
                content=remote_write.body(batch.values()),
                headers=remote_write.HEADERS,
            )
            if answer.status_code != 204:
                raise AssertionError(f"Prometheus refused samples: {answer.text}")

    def answer(self, query: Query) -> Result:
        """Return what it answers."""
        kind, parameters = (
            "query_range",
            {
                "query": query.text,
                "start": query.start / 1000,
                "end": query.end / 1000,
                "step": query.step / 1000,
            },
        )
        if not query.step:
            kind, parameters = "query", {"query": query.text, "time": query.end / 1000}
        found = self._client.post(f"/api/v1/{kind}", data=parameters).json()
        if found["status"] != "success":
            return Result("error", error=found["errorType"], text=found["error"])
        return _result(found["data"])

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def ready(self) -> bool:
        """Say whether it takes requests."""
        with contextlib.suppress(httpx.TransportError):
            return self._client.get("/-/ready").status_code == 200
        return False


def _result(data: Mapping[str, Any]) -> Result:
    kind, content = data["resultType"], data["result"]
    if kind == "string":
        return Result(kind, text=content[1])
    if kind == "scalar":
        return Result(kind, [Row((), [(_ms(content[0]), float(content[1]))])])
    return Result(kind, [_row(each) for each in content])


def _row(found: Mapping[str, Any]) -> Row:
    values = found.get("values") or ([found["value"]] if "value" in found else [])
    histograms = found.get("histograms") or ([found["histogram"]] if "histogram" in found else [])
    return Row(
        tuple(sorted(found["metric"].items())),
        [(_ms(time), float(value)) for time, value in values],
        [(_ms(time), _buckets(value)) for time, value in histograms],
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _buckets(found: Mapping[str, Any]) -> list[float]:
    """Return count, sum, then lower and upper bound and count of each bucket, as one list."""
    out = [float(found["count"]), float(found["sum"])]
    for _, *numbers in found.get("buckets", ()):
        out += [float(number) for number in numbers]
    return out


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Prometheus]:
    """Run one in a folder, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "prometheus.yml"
    config.write_text("global: {evaluation_interval: 1m}\n")
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        f"--enable-feature={FEATURES}",
        "--log.level=error",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    started = Prometheus(f"http://127.0.0.1:{port}")
    try:
        _wait(process, started, folder / "prometheus.log")
        yield started
    finally:
        started.close()
        process.terminate()
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", started: Prometheus, log: Path) -> None:
    deadline = time.monotonic() + 30
    while not started.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"Prometheus did not start: {log.read_text()[-2000:]}")
        time.sleep(0.05)
