"""Traffic for the model service: the shape of a day, squeezed into minutes, and counted.

What was sent and answered is kept exactly and written to a report, so that anybody can hold the
dashboard's totals against it.
"""

import argparse
import asyncio
import json
import math
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx

from watchroom.demo.scans import Scans, load

DAY = 240.0
"""Seconds that stand for a day."""
_TROUGH, _PEAK = 12.0, 45.0
_TRUTH_AFTER = (2.0, 6.0)
_DRAIN = 15.0
_AT_ONCE = 200


def rate(seconds: float) -> float:
    """Return the requests per second at a moment: a day's wave with a short rush at its noon."""
    phase = (seconds % DAY) / DAY
    wave = 0.5 - 0.5 * math.cos(2.0 * math.pi * (phase + 0.25))
    rush = 0.35 * math.exp(-(((phase - 0.25) / 0.03) ** 2))
    return _TROUGH + (_PEAK - _TROUGH) * (wave + rush)


class Report:
    """What was sent and what came back, by method, route and status."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._failed = 0

    def answered(self, method: str, route: str, status: int) -> None:
        """Count one answer."""
        self._answers[method, route, status] += 1

    def failed(self) -> None:
        """Count a request that got no answer."""
        self._failed += 1

    def body(self, *, done: bool) -> dict[str, Any]:
        """Return the report: totals, and one row per method, route and status."""
        rows: list[dict[str, Any]] = [
            {"method": method, "route": route, "status": status, "count": count}
            for (method, route, status), count in sorted(self._answers.items())
        ]
        return {
            "done": done,
            "requests": self._answers.total(),
            "errors": sum(row["count"] for row in rows if row["status"] >= 500),
            "unanswered": self._failed,
            "answers": rows,
        }

    def write(self, *, done: bool = False) -> None:
        """Write the report, whole or not at all."""
        if self._path is None:
            return
        draft = self._path.with_name(self._path.name + ".draft")
        draft.write_text(json.dumps(self.body(done=done), indent=1) + "\n")
        draft.replace(self._path)


class Traffic:
    """Sends requests until told to stop, then waits for what is under way."""

    def __init__(self, client: httpx.AsyncClient, scans: Scans, report: Report, seed: int) -> None:
        self._client = client
        self._scans = scans
        self._report = report
        self._random = random.Random(seed)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending = asyncio.Event()

    async def run(self, stop: asyncio.Event, duration: float | None) -> None:
        """Send until `stop` is set or the duration is over; finish what began."""
        began = time.monotonic()
        while duration is None or time.monotonic() - began < duration:
            pause = self._random.expovariate(rate(time.monotonic() - began))
            if await _set_within(stop, pause):
                break
            if len(self._tasks) < _AT_ONCE:
                self._start()
        self._ending.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_DRAIN)

    def _start(self) -> None:
        draw = self._random.random()
        action: Coroutine[Any, Any, Any]
        if draw < 0.40:
            action = self._predict("result", self._scans.result)
        elif draw < 0.75:
            action = self._predict("duration", self._scans.duration)
        elif draw < 0.93:
            action = self._send("GET", "/items/{item_id}", f"/items/{self._item()}")
        elif draw < 0.97:
            action = self._send("GET", "/export", "/export?limit=40")
        elif draw < 0.985:
            action = self._send("POST", "/predict/result", "/predict/result", {"scan_id": "?"})
        else:
            action = self._send("GET", "unmatched", f"/wp-login/{self._random.randrange(10**6)}")
        task = asyncio.create_task(action)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _item(self) -> str:
        return "scan-none" if self._random.random() < 0.03 else self._random.choice(self._scans.ids)

    async def _predict(self, kind: str, truth: Any) -> None:
        # A few scans are asked about again and again: the cache has something to find.
        among = 25 if self._random.random() < 0.6 else len(self._scans.ids)
        row = self._random.randrange(among)
        path = f"/predict/{kind}"
        features = self._scans.features[row].tolist()
        question = {"scan_id": self._scans.ids[row], "features": features}
        answer = await self._send("POST", path, path, question)
        if answer is None or answer.status_code != 200:
            return
        # The truth is known a while later; at the end, nobody waits for it.
        await _set_within(self._ending, self._random.uniform(*_TRUTH_AFTER))
        outcome = {
            "prediction_id": answer.json()["prediction_id"],
            "actual": float(truth[row]),
        }
        await self._send("POST", "/outcomes", "/outcomes", outcome)

    async def _send(
        self, method: str, route: str, path: str, body: Any = None
    ) -> httpx.Response | None:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError:
            self._report.failed()
            return None
        self._report.answered(method, route, answer.status_code)
        return answer


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _keep_writing(report: Report) -> None:
    while True:
        await asyncio.sleep(1.0)
        report.write()


async def _run(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    report = Report(given.report)
    writing = asyncio.create_task(_keep_writing(report))
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    async with httpx.AsyncClient(base_url=given.url, timeout=30.0, limits=limits) as client:
        await Traffic(client, load()[1], report, given.seed).run(stop, given.duration)
    writing.cancel()
    report.write(done=True)


def main(arguments: list[str] | None = None) -> int:
    """Send traffic until SIGTERM, SIGINT, or the end of the duration."""
    parser = argparse.ArgumentParser(prog="watchroom.demo.traffic", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8002")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--duration", type=float)
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(_run(parser.parse_args(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
