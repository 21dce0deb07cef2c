"""The sender: what the session's thread does, and all the modules that only it needs.

`logging` is not among them: it would ask to be told of forks while one waits for this import. A
program that has not loaded it reads no log.
"""

import encodings.idna  # noqa: F401 - what socket imports at the first look-up of a host
import os
import socket
import sys
import threading
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

import watchroom.sdk.snapshot  # noqa: F401 - what the registry loads to collect
from watchroom.runtime.clock import Clock
from watchroom.sdk.delivery import Delivery, Http
from watchroom.sdk.guard import guarded
from watchroom.sdk.instruments import Counter, Gauge
from watchroom.sdk.otlp import File
from watchroom.sdk.process import Process
from watchroom.sdk.registry import Registry
from watchroom.sdk.spool import Spool
from watchroom.wire.batch import Batch, Metric, Occurrence, encode

_POST_TIMEOUT = 5.0
_LARGEST = 8 << 20
"""Bytes of a body that a server takes whatever its limits are."""
_STEPPED_BACK_MS = 2000

Events = list[tuple[str, int, str, dict[str, Any]]]
"""Name, time in milliseconds since the epoch, level, payload."""


class Sender:
    """Makes a batch of what was recorded, and delivers it."""

    def __init__(
        self,
        service: str,
        settings: Mapping[str, Any],
        registry: Registry,
        events: Callable[[], Events],
        restarted: Callable[[], None],
        clock: Clock,
        began: int,
    ) -> None:
        self._service = service
        self._registry = registry
        self._events = events
        self._restarted = restarted
        self._clock = clock
        self._begin(began)
        self._under_way: list[bytes] = []
        self._making = threading.Lock()
        self._process = Process(registry, clock.now)
        self._spooled = registry.instrument(Gauge, "watchroom_sdk_spooled_bytes", unit="By")
        self._batches = registry.instrument(Counter, "watchroom_sdk_batches_total", ("outcome",))
        self._file = _file(settings)
        root = None if self._file else _spool_root(settings, service)
        limit = int(settings["spool_max_mb"]) << 20
        self._spool = Spool(root, f"{os.getpid()}-{self._prefix}", limit)
        self._delivery = (
            None if self._file else Delivery(Http(settings["url"]), self._spool, clock.monotonic)
        )
        self._told: dict[str, int] = {}
        self._told_dropped = 0
        self._log("starts")

    def _begin(self, began: int) -> None:
        """Begin a line of batches, whose times ascend and whose values begin at zero."""
        self._prefix = os.urandom(8).hex()
        self._instance = f"{socket.gethostname()}:{os.getpid()}-{self._prefix[:6]}"
        self._previous = began
        self._number = 0

    def flush(self, *, hurry: bool) -> None:
        """Send what there is to say, in a hurry where someone waits; raises what a file raises."""
        if self._number == 0:
            self._spool.adopt()
        self._tell_of_delivery()
        if self._delivery is None:
            self._write()
            return
        with self._making:
            self._under_way = bodies(self._batch())
        while self._under_way:
            timeout = 0.5 if hurry else _POST_TIMEOUT
            self._delivery.deliver(self._under_way[0], timeout, last=hurry)
            self._under_way.pop(0)

    def keep(self) -> None:
        """Keep what is under way and what came since: the thread will not be done in time."""
        if self._delivery is None:
            self._write()
            return
        with self._making:
            kept = [*self._under_way, *bodies(self._batch())]
        for body in kept:
            self._spool.add(body)

    def abandon(self) -> None:
        """Let go without a trace, as a forked child must."""
        self._spool.abandon()

    def close(self) -> None:
        """Close the connection and the spool."""
        if self._delivery is not None:
            self._delivery.close()
        self._spool.close()
        self._log("stops")

    def _log(self, what: str) -> None:
        logging = sys.modules.get("logging")
        if logging is not None:
            logger = logging.getLogger("watchroom")
            logger.debug("sender %s: %s as %s", what, self._service, self._instance)

    def _write(self) -> None:
        if self._file is not None:
            with self._making:
                self._file.write(self._batch())

    def _batch(self) -> Batch:
        self._process.read()
        clock = int(self._clock.now() * 1000)
        previous, self._previous = self._previous, max(clock, self._previous + 1)
        self._number += 1
        batch = Batch(
            id=f"{self._prefix}-{self._number}",
            service=self._service,
            instance=self._instance,
            time=self._previous,
            previous=previous,
            metrics=self._registry.collect(),
            events=self._occurrences(),
        )
        if clock < previous - _STEPPED_BACK_MS:
            self._restart(clock)
        return batch

    def _restart(self, clock: int) -> None:
        """Go on as another instance: the clock was set back, and times of one only ascend."""
        self._registry.restart()
        self._restarted()
        self._begin(clock)

    def _occurrences(self) -> list[Occurrence]:
        found = [_occurrence(*event) for event in self._events()]
        kept = [each for each in found if each is not None]
        if len(kept) < len(found):
            self._registry.dropped("bad_event", len(found) - len(kept))
        return kept

    def _tell_of_delivery(self) -> None:
        if self._delivery is None:
            return
        for outcome, count in self._delivery.outcomes.items():
            new = count - self._told.get(outcome, 0)
            if new:
                self._batches.add(new, outcome)
                self._told[outcome] = count
        if self._spool.dropped > self._told_dropped:
            self._registry.dropped("spool_full", self._spool.dropped - self._told_dropped)
            self._told_dropped = self._spool.dropped
        self._spooled.set(float(self._spool.size()))


def bodies(batch: Batch) -> list[bytes]:
    """Return a batch as bytes, in several parts where it is too large for one."""
    body = encode(batch)
    halves = _halves(batch.metrics)
    if len(body) <= _LARGEST or halves is None:
        return [body]
    replace = msgspec.structs.replace
    first = replace(batch, id=f"{batch.id}.1", metrics=halves[0])
    second = replace(batch, id=f"{batch.id}.2", metrics=halves[1], events=[])
    return [*bodies(first), *bodies(second)]


def _halves(metrics: list[Metric]) -> tuple[list[Metric], list[Metric]] | None:
    middle = len(metrics) // 2
    if middle:
        return metrics[:middle], metrics[middle:]
    middle = len(metrics[0].points) // 2 if metrics else 0
    if not middle:
        return None
    points, replace = metrics[0].points, msgspec.structs.replace
    return (
        [replace(metrics[0], points=points[:middle])],
        [replace(metrics[0], points=points[middle:])],
    )


@guarded(cast("Occurrence | None", None))
def _occurrence(name: str, time: int, level: str, payload: dict[str, Any]) -> Occurrence | None:
    """Return an event as the wire takes it; what no wire takes fails alone."""
    plain = msgspec.to_builtins(payload, str_keys=True, enc_hook=_plain)
    occurrence = Occurrence(name, time, level, plain)
    msgspec.msgpack.encode(occurrence)
    return occurrence


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
