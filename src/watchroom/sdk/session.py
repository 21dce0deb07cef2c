"""The session: one thread that turns what was recorded into batches.

What only the sender needs is loaded in its thread, after the program's own start. A fork waits for
that: amid an import it would leave the child a module that never becomes whole.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from watchroom.runtime.clock import Clock, SystemClock
from watchroom.sdk import requests
from watchroom.sdk.guard import tell
from watchroom.sdk.predictions import Predictions
from watchroom.sdk.registry import Registry

if TYPE_CHECKING:
    from watchroom.sdk.sender import Events, Sender

_FIRST_FLUSH = 0.05
_EVENTS = 1000
_LONGEST_LOAD = 5.0

_loading = threading.Lock()
_held = False


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
        self._begin()
        requests.use(requests.Requests(registry), self.flush)

    def start(self) -> None:
        """Start the sender's thread."""
        self._thread = threading.Thread(target=self._run, name="watchroom-sender", daemon=True)
        self._thread.start()
        process = sys.modules.get("multiprocessing.process")
        if process is not None and process.parent_process() is not None:
            self._finalize()

    def event(self, name: str, payload: Mapping[str, Any], level: str) -> None:
        """Take in an event; the oldest go where too many wait."""
        if len(self._events) >= _EVENTS:
            self.registry.dropped("events_full")
        self._events.append((name, self._milliseconds(), level, dict(payload)))

    def stop(self, timeout: float) -> None:
        """Send what is left, within the timeout; what could not be sent waits in the spool."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout * 0.7)
        if self._thread.is_alive():
            try:
                self._loaded().keep()
            except OSError as error:
                tell("sender", error)
        requests.use(None)

    def flush(self, timeout: float) -> None:
        """Send what is recorded by now, within the timeout; the session goes on."""
        done = threading.Event()
        self._wanted.append(done)
        self._wake.set()
        if self._thread.is_alive():
            done.wait(timeout)

    def child(self) -> None:
        """Begin anew in a forked child: nothing of the parent's is counted or sent twice."""
        if self._sender is not None:
            self._sender.abandon()
        self.registry.forget()
        self._begin()
        self.start()
        util = sys.modules.get("multiprocessing.util")
        if util is not None:  # its children forget the finalizers they were forked with
            util.register_after_fork(self, Session._finalize)

    def _finalize(self) -> None:
        """Stop where a child of multiprocessing ends: it leaves by os._exit, past atexit."""
        from multiprocessing.util import Finalize

        Finalize(None, self.stop, args=(1.0,), exitpriority=0)

    def _begin(self) -> None:
        self.predictions = Predictions(self.registry, self._clock.now)
        self._began = self._milliseconds()
        self._stopping = False
        self._wake = threading.Event()
        self._events: deque[tuple[str, int, str, dict[str, Any]]] = deque(maxlen=_EVENTS)
        self._wanted: deque[threading.Event] = deque()
        self._sender: Sender | None = None
        self.registry.wake = self._wake.set

    def _run(self) -> None:
        self._wait(_FIRST_FLUSH)
        while True:
            last = self._stopping
            wanted = [self._wanted.popleft() for _ in range(len(self._wanted))]
            try:
                self._loaded().flush(hurry=last or bool(wanted))
            except Exception as error:  # noqa: BLE001 - the border of the loop
                tell("sender", error)
            for done in wanted:
                done.set()
            if last:
                break
            self._wait(float(self._settings["flush_seconds"]))
        if self._sender is not None:
            self._sender.close()
        for done in self._wanted:
            done.set()

    def _loaded(self) -> "Sender":
        with _loading:
            if self._sender is None:
                from watchroom.sdk.sender import Sender

                self._sender = Sender(
                    self._service,
                    self._settings,
                    self.registry,
                    self._waiting_events,
                    self.predictions.restart,
                    self._clock,
                    self._began,
                )
            return self._sender

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

    def _waiting_events(self) -> "Events":
        waiting = [self._events.popleft() for _ in range(len(self._events))]
        pairs = self.predictions.pairs()
        return waiting + [("prediction.outcome", time, "INFO", payload) for time, payload in pairs]

    def _milliseconds(self) -> int:
        return int(self._clock.now() * 1000)


def _hold_loading() -> None:
    global _held
    # not for ever: the forking thread may itself be amid an import that the sender waits for
    _held = _loading.acquire(timeout=_LONGEST_LOAD)


def _resume_loading() -> None:
    if _held:
        _loading.release()


def _forget_loading() -> None:
    global _loading
    _loading = threading.Lock()


os.register_at_fork(
    before=_hold_loading, after_in_parent=_resume_loading, after_in_child=_forget_loading
)
