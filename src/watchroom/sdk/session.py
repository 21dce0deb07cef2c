"""The session: one sender thread that turns what was recorded into batches.

Whatever the sender needs is imported here, not in its thread: a fork amid an import would leave
the child a module that never becomes whole.
"""

import encodings.idna  # noqa: F401 - what socket imports at the first look-up of a host
import logging
import os
import socket
import sys
import threading
import zlib
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from watchroom.runtime.clock import Clock, SystemClock
from watchroom.sdk import requests
from watchroom.sdk.delivery import Delivery, Http
from watchroom.sdk.guard import tell
from watchroom.sdk.instruments import Counter, Gauge
from watchroom.sdk.otlp import File
from watchroom.sdk.predictions import Predictions
from watchroom.sdk.process import Process
from watchroom.sdk.registry import Registry
from watchroom.sdk.spool import Spool
from watchroom.wire.batch import Batch, Occurrence, encode

_FIRST_FLUSH = 0.05
_POST_TIMEOUT = 5.0
_EVENTS = 1000


class Session:
    """What `init` starts and `shutdown` ends."""

    def __init__(
        self,
        service: str,
        settings: Mapping[str, Any],
        registry: Registry,
        clock: Clock | None = None,
    ) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self.registry = registry
        self.predictions = Predictions(registry, self._clock.now)
        self._requests = requests.Requests(registry)
        self._process = Process(registry, self._clock.now)
        self._spooled = registry.instrument(Gauge, "watchroom_sdk_spooled_bytes", unit="By")
        self._batches = registry.instrument(Counter, "watchroom_sdk_batches_total", ("outcome",))
        self._file = _file(settings)
        self._begin()
        requests.use(self._requests, self.flush)

    def start(self) -> None:
        """Start the sender thread."""
        self._thread = threading.Thread(target=self._run, name="watchroom-sender", daemon=True)
        self._thread.start()

    def event(self, name: str, payload: Mapping[str, Any], level: str) -> None:
        """Take in an event; the oldest go where too many wait."""
        if len(self._events) >= _EVENTS:
            self.registry.dropped("events_full")
        plain = msgspec.to_builtins(dict(payload), str_keys=True, enc_hook=_plain)
        self._events.append(Occurrence(name, self._milliseconds(), level, plain))

    def stop(self, timeout: float) -> None:
        """Send what is left, within the timeout; what could not be sent waits in the spool."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout * 0.7)
        if self._thread.is_alive():  # the server hangs: keep what is under way for the next start
            for body in (self._under_way, self._body()):
                if body is not None and self._delivery is not None:
                    self._spool.add(body)
        requests.use(None)

    def flush(self, timeout: float) -> None:
        """Send what is recorded by now, within the timeout; the session goes on."""
        done = threading.Event()
        self._wanted.append(done)
        self._wake.set()
        done.wait(timeout)

    def child(self) -> None:
        """Begin anew in a forked child: nothing of the parent's is counted or sent twice."""
        self._spool.abandon()
        self.registry.forget()
        self.predictions = Predictions(self.registry, self._clock.now)
        self._process = Process(self.registry, self._clock.now)
        self._file = _file(self._settings)
        self._begin()
        self.start()
        util = sys.modules.get("multiprocessing.util")
        if util is not None:  # its children leave by os._exit, past atexit, and forget finalizers
            util.register_after_fork(self, Session._finalize)

    def _finalize(self) -> None:
        from multiprocessing.util import Finalize

        Finalize(None, self.stop, args=(1.0,), exitpriority=0)

    def _begin(self) -> None:
        self._instance = f"{socket.gethostname()}:{os.getpid()}"
        self._previous = self._milliseconds()
        self._prefix = os.urandom(8).hex()
        self._number = 0
        self._stopping = False
        self._wake = threading.Event()
        self._batching = threading.Lock()  # at the exit, two threads may
        self._events: deque[Occurrence] = deque(maxlen=_EVENTS)
        self._under_way: bytes | None = None
        self._wanted: deque[threading.Event] = deque()
        root = None if self._file else _spool_root(self._settings, self._service)
        limit = int(self._settings["spool_max_mb"]) << 20
        self._spool = Spool(root, f"{os.getpid()}-{self._prefix}", limit)
        self._delivery = (
            None
            if self._file
            else Delivery(Http(self._settings["url"]), self._spool, self._clock.monotonic)
        )
        self._told: dict[str, int] = {}
        self._told_dropped = 0
        self.registry.wake = self._wake.set

    def _run(self) -> None:
        logger = logging.getLogger("watchroom")
        logger.debug("sender starts: %s as %s", self._service, self._instance)
        self._spool.adopt()
        self._wait(_FIRST_FLUSH)
        while True:
            last = self._stopping
            wanted = [self._wanted.popleft() for _ in range(len(self._wanted))]
            try:
                self._flush(hurry=last or bool(wanted))
            except Exception as error:  # noqa: BLE001 - the border of the loop
                tell("sender", error)
            for done in wanted:
                done.set()
            if last:
                break
            self._wait(float(self._settings["flush_seconds"]))
        if self._delivery is not None:
            self._delivery.close()
        self._spool.close()
        logger.debug("sender stops: %s as %s", self._service, self._instance)

    def _wait(self, seconds: float) -> None:
        """Wait for the next flush, or until one is wanted; else a waking makes room in buffers."""
        until = self._clock.monotonic() + seconds
        while not self._asked():
            left = until - self._clock.monotonic()
            if left <= 0 or not self._wake.wait(left):
                return
            self._wake.clear()
            if not self._asked():
                self.registry.drain()

    def _asked(self) -> bool:
        return self._stopping or bool(self._wanted)

    def _flush(self, *, hurry: bool) -> None:
        self._tell_of_delivery()
        if self._file is not None:
            self._file.write(self._batch())
            return
        if self._delivery is None:
            return
        self._under_way = self._body()
        self._delivery.deliver(self._under_way, 0.5 if hurry else _POST_TIMEOUT, last=hurry)
        self._under_way = None

    def _body(self) -> bytes:
        return encode(self._batch())

    def _batch(self) -> Batch:
        with self._batching:
            self._process.read()
            now = max(self._milliseconds(), self._previous + 1)
            previous, self._previous = self._previous, now
            self._number += 1
            return Batch(
                id=f"{self._prefix}-{self._number}",
                service=self._service,
                instance=self._instance,
                time=now,
                previous=previous,
                metrics=self.registry.collect(),
                events=self._waiting_events(),
            )

    def _waiting_events(self) -> list[Occurrence]:
        waiting = [self._events.popleft() for _ in range(len(self._events))]
        pairs = self.predictions.pairs()
        return waiting + [
            Occurrence("prediction.outcome", time, "INFO", payload) for time, payload in pairs
        ]

    def _tell_of_delivery(self) -> None:
        if self._delivery is None:
            return
        for outcome, count in self._delivery.outcomes.items():
            new = count - self._told.get(outcome, 0)
            if new:
                self._batches.add(new, outcome)
                self._told[outcome] = count
        if self._spool.dropped > self._told_dropped:
            self.registry.dropped("spool_full", self._spool.dropped - self._told_dropped)
            self._told_dropped = self._spool.dropped
        self._spooled.set(float(self._spool.size()))

    def _milliseconds(self) -> int:
        return int(self._clock.now() * 1000)


def _plain(value: Any) -> Any:
    """Return what an event can say of a value: numbers of NumPy and PyTorch, or its text."""
    try:
        return value.item()
    except (AttributeError, TypeError, ValueError, RuntimeError):  # not one, or not a single one
        return str(value)


def _file(settings: Mapping[str, Any]) -> File | None:
    if not settings["file"]:
        return None
    limit = int(settings["file_max_mb"]) << 20
    return File(Path(settings["file"]), limit, int(settings["file_keep"]))


def _spool_root(settings: Mapping[str, Any], service: str) -> Path | None:
    """A folder per service and server: a batch never reaches a server it was not meant for."""
    base = settings["spool_dir"] or os.environ.get("XDG_CACHE_HOME") or _home_cache()
    if not base:
        return None
    target = zlib.crc32(f"{service} {settings['url']}".encode())
    return Path(base) / "watchroom" / "spool" / f"{target:08x}"


def _home_cache() -> Path | None:
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # a user without a home, as in some containers
        return None
