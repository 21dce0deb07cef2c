"""A collector without a server: record, and ask for the figures of the last minute."""

import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from watchroom.model.figures import Report
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind
from watchroom.model.labels import INSTANCE, JOB, NAME, Labels
from watchroom.model.report import CUMULATIVE, Reading, report
from watchroom.runtime.clock import Clock, SystemClock
from watchroom.sdk.guard import guarded
from watchroom.sdk.instruments import Counter, Gauge
from watchroom.sdk.predictions import Predictions
from watchroom.sdk.process import Process
from watchroom.sdk.registry import Registry
from watchroom.sdk.requests import Requests

WINDOW = 60.0
_SPACING = 5.0

State = Mapping[Labels, tuple[Kind, float | Histogram]]


class MetricsCollector:
    """Records and sums up inside one process; thread-safe, bounded, needs no server.

    Recording never raises; a mistake is logged once.

    `get_current_metrics()` returns what `GET /metrics/current` of a server returns.
    """

    def __init__(self, service: str = "app", *, clock: Clock | None = None) -> None:
        self._service = service
        self._clock = clock or SystemClock()
        self._registry = Registry(wake=self._drain)
        self._requests = Requests(self._registry)
        self._predictions = Predictions(self._registry, self._clock.now)
        self._process = Process(self._registry, self._clock.now)
        make = self._registry.instrument
        self._lookups = make(Counter, "cache_requests_total", ("cache", "result"))
        self._size = make(Gauge, "cache_size_bytes", ("cache",))
        self._lock = threading.Lock()
        self._frames: deque[tuple[float, State]] = deque(maxlen=int(WINDOW / _SPACING) + 2)
        self._changed: dict[Labels, float] = {}

    @guarded(None)
    def record_request(
        self,
        endpoint: str,
        duration_ms: float,
        status_code: int,
        error: str | BaseException | None = None,
        *,
        method: str = "",
    ) -> None:
        """Record one served request; see `watchroom.record_request`."""
        kind = type(error).__name__ if isinstance(error, BaseException) else error or ""
        durations = self._requests.durations
        durations.record(duration_ms / 1000.0, endpoint, method, str(status_code), kind)
        self._frame()

    @guarded("")
    def record_prediction(
        self,
        model: str,
        value: float | None = None,
        *,
        confidence: float | None = None,
        duration_ms: float | None = None,
        mae: float | None = None,
        id: str | None = None,  # noqa: A002 - the word its callers use
    ) -> str:
        """Record one prediction; see `watchroom.record_prediction`."""
        self._frame()
        return self._predictions.predict(model, value, confidence, duration_ms, mae, id)

    @guarded(False)
    def record_outcome(self, prediction_id: str, actual: float) -> bool:
        """Record the truth of a prediction; see `watchroom.record_outcome`."""
        return self._predictions.outcome(prediction_id, actual)

    @guarded(None)
    def record_cache(
        self, cache: str, hit: bool | None = None, *, size_bytes: float | None = None
    ) -> None:
        """Record a look-up of a cache, its size, or both."""
        if hit is not None:
            self._lookups.inc(cache, "hit" if hit else "miss")
        if size_bytes is not None:
            self._size.set(float(size_bytes), cache)
        self._frame()

    def get_current_metrics(self) -> Report:
        """Return the figures of the last 60 s, in the shape of `GET /metrics/current`."""
        with self._lock:
            now = self._clock.now()
            before = self._oldest(now)
            self._process.read()
            state = self._state(now)
            self._predictions.pairs()
        readings = [
            Reading(labels, value, _increase(labels, kind, value, before), now, self._when(labels))
            for labels, (kind, value) in state.items()
        ]
        return report(readings, now=now, seconds=WINDOW)

    def _when(self, labels: Labels) -> float | None:
        return self._changed.get(labels)

    def _drain(self) -> None:
        self._registry.drain()

    def _frame(self) -> None:
        """Keep the state as it is now, every few seconds, to tell increases by."""
        now = self._clock.now()
        if self._frames and 0 <= now - self._frames[-1][0] < _SPACING:
            return
        with self._lock:
            if not self._frames:
                self._frames.append((now, {}))
            elif now - self._frames[-1][0] >= _SPACING:
                self._frames.append((now, self._state(now)))

    def _oldest(self, now: float) -> State:
        """Return the newest state that is at least a window old, else the oldest there is."""
        while len(self._frames) > 1 and self._frames[1][0] <= now - WINDOW:
            self._frames.popleft()
        return self._frames[0][1] if self._frames else {}

    def _state(self, now: float) -> State:
        last = self._frames[-1][1] if self._frames else {}
        state = {}
        for labels, kind, value in self._registry.read():
            own = tuple(sorted((*labels, (JOB, self._service), (INSTANCE, "local"))))
            state[own] = (kind, value)
            if own not in last or last[own][1] != value:
                self._changed[own] = now
        return state


def _increase(
    labels: Labels, kind: Kind, value: float | Histogram, before: State
) -> float | Histogram | None:
    old: Any = before.get(labels, (kind, None))[1]
    if isinstance(value, Histogram):
        return value if old is None else _difference(value, old)
    if kind is Kind.COUNTER or dict(labels)[NAME] in CUMULATIVE:
        return value - (old or 0.0)
    return None


def _difference(new: Histogram, old: Histogram) -> Histogram:
    return new._replace(
        count=new.count - old.count,
        sum=new.sum - old.sum,
        zeros=new.zeros - old.zeros,
        positive=_minus(new.positive, old.positive),
        negative=_minus(new.negative, old.negative),
    )


def _minus(new: Mapping[int, float], old: Mapping[int, float]) -> dict[int, float]:
    return {index: count - old.get(index, 0) for index, count in new.items()}
