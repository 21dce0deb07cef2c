"""The demo's supervisor: server, model service, traffic; all start and all end together."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from watchroom.demo.faults import DESCRIPTIONS

_READY_WITHIN = 60.0
_FAULT_AFTER = 20.0
_END_WITHIN = 20.0
_PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """The demo cannot go on; the message says why."""


class Child(NamedTuple):
    """One process of the demo."""

    name: str
    process: subprocess.Popen[bytes]


class Demo:
    """The processes, and the wish to stop."""

    def __init__(self, options: Namespace) -> None:
        self._options = options
        self._children: list[Child] = []
        self._stop = threading.Event()
        self._server = f"http://127.0.0.1:{options.port}"
        self._model = f"http://127.0.0.1:{options.model_port}"

    def run(self, data: str) -> int:
        """Run until a signal, the end of the duration, or the end of a child."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        try:
            self._start(data)
            return self._watch()
        except Failed as failure:
            print(f"watchroom demo: {failure}", file=sys.stderr)
            return 1
        finally:
            self._end()

    def _start(self, data: str) -> None:
        options = self._options
        port = str(options.port)
        self._spawn("server", "watchroom.cli", "up", "--port", port, "--data", data)
        self._await("server", f"{self._server}/health")
        fault = (
            ["--fault", options.fault, "--fault-after", str(_FAULT_AFTER)] if options.fault else []
        )
        service = "watchroom.demo.service"
        self._spawn("model service", service, "--port", str(options.model_port), *fault)
        self._await("model service", f"{self._model}/health")
        report = ["--report", options.report] if options.report else []
        duration = ["--duration", str(options.duration)] if options.duration else []
        traffic = "watchroom.demo.traffic"
        self._spawn("traffic", traffic, "--url", self._model, *report, *duration)
        print(self._welcome(), flush=True)

    def _spawn(self, name: str, module: str, *arguments: str) -> None:
        if self._stop.is_set():
            return
        environment = {**os.environ, "WATCHROOM_URL": self._server}
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=None if name != "server" else subprocess.DEVNULL,
            process_group=0,  # Ctrl-C reaches the supervisor alone, which ends them in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no locks
        )
        self._children.append(Child(name, process))

    def _await(self, name: str, url: str) -> None:
        until = time.monotonic() + _READY_WITHIN
        while not self._stop.is_set() and not _answers(url):
            self._check()
            if time.monotonic() > until:
                raise Failed(f"the {name} did not answer within {_READY_WITHIN:.0f} s at {url}")
            self._stop.wait(0.1)
        self._check()

    def _check(self) -> None:
        for name, process in self._children:
            code = process.poll()
            if code is not None and not (name == "traffic" and code == 0):
                raise Failed(f"the {name} ended by itself (exit code {code}); {_hint(name)}")

    def _watch(self) -> int:
        while not self._stop.wait(0.2):
            self._check()
            traffic = self._children[-1].process
            if traffic.poll() == 0:
                break  # the duration is over
        return 0

    def _end(self) -> None:
        """End the traffic first, so that everything it sent is still answered and counted."""
        for _, process in reversed(self._children):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(_END_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _welcome(self) -> str:
        fault = self._options.fault
        trouble = f"in {_FAULT_AFTER:.0f} s {DESCRIPTIONS[fault]}" if fault else "none"
        return (
            f"\n  Watchroom       {self._server}\n"
            f"  model service   {self._model}  (scan-api, two regressors)\n"
            f"  traffic         a day in four minutes\n"
            f"  fault           {trouble}\n\n"
            "  Ctrl-C ends everything.\n"
        )


def main(options: Namespace) -> int:
    """Run the demo; see `watchroom demo --help`."""
    with ExitStack() as stack:
        data = options.data or stack.enter_context(tempfile.TemporaryDirectory("-watchroom"))
        return Demo(options).run(str(Path(data)))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _hint(name: str) -> str:
    return {
        "server": "is its port taken? choose another with --port",
        "model service": "is its port taken? choose another with --model-port",
    }.get(name, "its message is above")


def _die_with_parent() -> None:
    """Have the kernel end this process when the supervisor is killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
