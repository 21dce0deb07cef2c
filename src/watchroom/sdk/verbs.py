"""The verbs: what a program says to Watchroom. None of them raises, none of them waits."""

import atexit
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from watchroom.config.settings import SettingError, values
from watchroom.sdk import requests
from watchroom.sdk.guard import guarded, tell
from watchroom.sdk.instruments import Counter, Distribution, Gauge, Instrument
from watchroom.sdk.registry import Registry
from watchroom.sdk.session import Session

if TYPE_CHECKING:
    from watchroom.sdk.timer import Timer

Made = TypeVar("Made", bound=Instrument)


def _registry() -> Registry:
    try:
        settings = values()
    except SettingError as error:
        tell("settings", error)
        settings = values(environ={})
    return Registry(settings["buffer_size"], settings["series_limit"])


_all = _registry()
_session: Session | None = None


@guarded(None)
def init(
    service: str | None = None,
    *,
    url: str | None = None,
    file: str | None = None,
    enabled: bool | None = None,
    **settings: Any,
) -> None:
    """Begin to send what is recorded; a second call is ignored until `shutdown`.

    Args:
        service: the name under which this program appears; the script's name by default.
        url: the server, `http://127.0.0.1:8003` by default.
        file: write OTLP-JSON lines to this file, and to no server.
        enabled: False turns every verb into a no-op, as MONITORING_ENABLED=false does.
        settings: any further setting of the watched side by name (see `watchroom config`).
    """
    global _session
    given = {"service": service, "url": url, "file": file, "enabled": enabled, **settings}
    found = values(given)
    if not found["enabled"]:
        _all.off()
        return
    if _session is not None:
        return
    _all.on()
    _all.bound(found["buffer_size"], found["series_limit"])
    _session = Session(found["service"] or _program(), found, _all)
    _session.start()


@guarded(None)
def shutdown(timeout: float = 1.0) -> None:
    """Send what is left, within `timeout` seconds, and stop."""
    global _session
    session, _session = _session, None
    if session is not None:
        session.stop(timeout)


def record_request(
    endpoint: str,
    duration_ms: float,
    status_code: int,
    error: str | BaseException | None = None,
    *,
    method: str = "",
) -> None:
    """Record one served request.

    Args:
        endpoint: the route's template, such as `/items/{id}`; not the path, which never repeats.
        duration_ms: milliseconds to the last byte.
        status_code: HTTP status; 500 and above count as errors.
        error: an exception or a name for it; makes the request an error whatever its status.
        method: HTTP method.
    """
    try:
        kind = type(error).__name__ if isinstance(error, BaseException) else error or ""
        requests.record(endpoint, method, status_code, duration_ms / 1000.0, kind)
    except Exception as failure:  # noqa: BLE001 - the border to the watched program
        tell("record_request", failure)


@guarded("")
def record_prediction(
    model: str,
    value: float | None = None,
    *,
    confidence: float | None = None,
    duration_ms: float | None = None,
    mae: float | None = None,
    id: str | None = None,  # noqa: A002 - the word its callers use
) -> str:
    """Record one prediction and return the id under which its outcome may be reported.

    The id carries model, value and time: the outcome may reach any process, any time later.

    Args:
        model: the model's name.
        value: what was predicted.
        confidence: between 0 and 1.
        duration_ms: milliseconds the model took.
        mae: the absolute error, where the caller knows it already.
        id: an id of your own instead; it joins only in this process, among the last 10,000.
    """
    if _session is None:
        return id or ""
    return _session.predictions.predict(model, value, confidence, duration_ms, mae, id)


@guarded(False)
def record_outcome(prediction_id: str, actual: float) -> bool:
    """Record the truth of a prediction; return whether it joined one, for the first time."""
    return _session is not None and _session.predictions.outcome(prediction_id, actual)


@guarded(None)
def record_cache(
    cache: str,
    hit: bool | None = None,
    *,
    hits: int = 0,
    misses: int = 0,
    size_bytes: float | None = None,
) -> None:
    """Record look-ups of a cache and its size: one by `hit`, many by `hits` and `misses`."""
    lookups = counter("cache_requests_total", ("cache", "result"))
    if hit is not None:
        lookups.inc(cache, "hit" if hit else "miss")
    if hits:
        lookups.add(hits, cache, "hit")
    if misses:
        lookups.add(misses, cache, "miss")
    if size_bytes is not None:
        gauge("cache_size_bytes", ("cache",), unit="By").set(float(size_bytes), cache)


@guarded(None)
def describe_model(
    name: str, *, target_mae: float | None = None, target_r2: float | None = None
) -> None:
    """Say what a model should reach; the pages draw it as a line."""
    if _session is not None:
        _session.predictions.target(name, target_mae, target_r2)


def counter(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> Counter:
    """Return the counter of a name: `counter("jobs_total", ("queue",)).inc("mail")`.

    A name that cannot be taken is logged once, and what it counts is kept nowhere.
    """
    return _instrument(Counter, name, labels, unit, help)


def gauge(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> Gauge:
    """Return the gauge of a name: `gauge("queue_length", ("queue",)).set(3, "mail")`."""
    return _instrument(Gauge, name, labels, unit, help)


def histogram(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> Distribution:
    """Return the histogram of a name: `histogram("size_bytes").record(512)`."""
    return _instrument(Distribution, name, labels, unit, help)


def timer(
    name: str,
    labels: Iterable[str] = (),
    *,
    unit: str = "s",
    help: str = "",  # noqa: A002 - the word Prometheus uses
) -> "Timer":
    """Return a timer into a histogram of seconds, for blocks and functions, sync and async.

    `with timer("load_seconds"):` and `@timer("load_seconds")`; with labels,
    `with timer("load_seconds", ("model",))("price"):`.
    """
    from watchroom.sdk.timer import Timer

    return Timer(histogram(name, labels, unit=unit, help=help))


@guarded(None)
def event(
    name: str, payload: Mapping[str, Any] | None = None, level: str = "INFO", **fields: Any
) -> None:
    """Report something that happened once, with a JSON-ready payload.

    Args:
        name: such as `model.loaded`.
        payload: what there is to say; `fields` are added to it.
        level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
    """
    if _session is not None:
        _session.event(name, {**(payload or {}), **fields}, level)


emit = event


def _program() -> str:
    from pathlib import Path

    return Path(sys.argv[0] or "python").stem


def _instrument(make: type[Made], name: str, labels: Iterable[str], unit: str, text: str) -> Made:
    try:
        return _all.instrument(make, name, labels, unit=unit, help=text)
    except Exception as error:  # noqa: BLE001 - the border to the watched program
        tell(name, error)
        return make(_Lost(), name, (), unit, text)


class _Lost(Registry):
    """Where the facts of a refused instrument go: nowhere."""

    def __init__(self) -> None:
        self.buffer_size = self.series_limit = 0
        self.wake = lambda: None

    def dropped(self, reason: str, count: int = 1) -> None:  # noqa: ARG002 - one reason here
        _all.dropped("refused_name", count)


@guarded(None)
def _forked() -> None:
    if _session is not None:
        _session.child()
    else:
        _all.forget()


os.register_at_fork(after_in_child=_forked)
atexit.register(shutdown)
