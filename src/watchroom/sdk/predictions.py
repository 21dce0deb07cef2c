"""Predictions and the truth that arrives later.

A prediction's id carries all that its outcome needs (model, value, time), so the outcome may reach
another process, on another host, after a restart, and still joins.
"""

import base64
import binascii
import os
import random
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from watchroom.sdk.instruments import Counter, Distribution, Gauge
from watchroom.sdk.registry import Registry

_HEAD = struct.Struct("<BdIf6s")
_VERSION = 1
_KEPT = 10_000
_PAIRS = 10
_NONE = float("nan")


class Prediction(NamedTuple):
    """What a prediction's id says; NaN where nothing was given. `time` in s since the epoch."""

    model: str
    value: float
    time: int
    confidence: float


def encode(prediction: Prediction) -> str:
    """Return a new id for a prediction, safe in URLs."""
    head = _HEAD.pack(
        _VERSION, prediction.value, prediction.time, prediction.confidence, os.urandom(6)
    )
    return base64.urlsafe_b64encode(head + prediction.model.encode()).rstrip(b"=").decode()


def decode(token: str) -> Prediction | None:
    """Return the prediction of an id, or None where it is not one of ours."""
    try:
        body = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        version, value, time, confidence, _ = _HEAD.unpack_from(body)
        model = body[_HEAD.size :].decode()
    except (binascii.Error, struct.error, ValueError):
        return None
    return Prediction(model, value, time, confidence) if version == _VERSION and model else None


class _Truth:
    """Sums over the outcomes of one model, shifted by the first so that they stay exact."""

    __slots__ = ("count", "shift", "squares", "sum")

    def __init__(self, shift: float) -> None:
        self.shift = shift
        self.count = 0
        self.sum = 0.0
        self.squares = 0.0

    def add(self, actual: float) -> None:
        distance = actual - self.shift
        self.count += 1
        self.sum += distance
        self.squares += distance * distance


class Predictions:
    """The instruments of models, and the predictions that wait for their outcome."""

    def __init__(
        self, registry: Registry, now: Callable[[], float], seed: int | None = None
    ) -> None:
        by_model = ("model",)
        make = registry.instrument
        self._now = now
        self._lock = threading.Lock()
        self._named: OrderedDict[str, Prediction] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._truths: dict[str, _Truth] = {}
        self._pairs: dict[str, list[dict[str, Any]]] = {}
        self._pairs_seen: dict[str, int] = {}
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret
        self._total = make(Counter, "ml_predictions_total", by_model)
        self._confidence = make(Distribution, "ml_prediction_confidence", by_model)
        self._duration = make(Distribution, "ml_prediction_duration_seconds", by_model, unit="s")
        self._error = make(Distribution, "ml_absolute_error", by_model)
        self._squared = make(Counter, "ml_squared_error_total", by_model)
        self._unmatched = make(Counter, "ml_outcomes_unmatched_total", by_model)
        self._sums = {
            name: make(Gauge, f"ml_actual_{name}", by_model)
            for name in ("count", "shift", "shifted_sum", "shifted_square_sum")
        }
        self._targets = {name: make(Gauge, f"ml_target_{name}", by_model) for name in ("mae", "r2")}

    def restart(self) -> None:
        """Begin the sums over outcomes anew at zero."""
        with self._lock:
            self._truths = {}
            for gauge in self._sums.values():
                for cell in gauge.cells.values():
                    cell.value = 0.0

    def target(self, model: str, mae: float | None, r2: float | None) -> None:
        """Say what a model should reach."""
        for name, value in (("mae", mae), ("r2", r2)):
            if value is not None:
                self._targets[name].set(float(value), model)

    def predict(
        self,
        model: str,
        value: float | None,
        confidence: float | None,
        duration_ms: float | None,
        mae: float | None,
        name: str | None,
    ) -> str:
        """Count a prediction and return its id."""
        self._total.inc(model)
        if confidence is not None:
            self._confidence.record(float(confidence), model)
        if duration_ms is not None:
            self._duration.record(duration_ms / 1000.0, model)
        if mae is not None:
            self._error.record(abs(float(mae)), model)
        prediction = Prediction(
            model,
            _NONE if value is None else float(value),
            int(self._now()),
            _NONE if confidence is None else float(confidence),
        )
        if name is None:
            return encode(prediction)
        with self._lock:
            self._named[name] = prediction
            while len(self._named) > _KEPT:
                self._named.popitem(last=False)
        return name

    def outcome(self, token: str, actual: float) -> bool:
        """Join the truth with its prediction; return whether it could be, and was not before."""
        with self._lock:
            prediction = self._named.get(token) or decode(token)
            if token in self._seen:
                return False
            if prediction is None or prediction.value != prediction.value:
                self._unmatched.inc(prediction.model if prediction else "unknown")
                return False
            self._seen[token] = None
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
            self._join(prediction, float(actual))
        return True

    def pairs(self) -> list[tuple[int, dict[str, Any]]]:
        """Return a uniform sample of the pairs since the last call: (time in ms, payload)."""
        with self._lock:
            pairs, seen = self._pairs, self._pairs_seen
            self._pairs, self._pairs_seen = {}, {}
        return [
            (pair.pop("time"), {**pair, "seen": seen[model]})
            for model, kept in pairs.items()
            for pair in kept
        ]

    def _join(self, prediction: Prediction, actual: float) -> None:
        model = prediction.model
        error = actual - prediction.value
        self._error.record(abs(error), model)
        self._squared.add(error * error, model)
        truth = self._truths.setdefault(model, _Truth(actual))
        truth.add(actual)
        self._sums["shift"].set(truth.shift, model)
        self._sums["count"].set(float(truth.count), model)
        self._sums["shifted_sum"].set(truth.sum, model)
        self._sums["shifted_square_sum"].set(truth.squares, model)
        self._keep(prediction, actual)

    def _keep(self, prediction: Prediction, actual: float) -> None:
        """Keep the pair with the right chance (Vitter's reservoir, algorithm R)."""
        model = prediction.model
        kept = self._pairs.setdefault(model, [])
        seen = self._pairs_seen[model] = self._pairs_seen.get(model, 0) + 1
        place = len(kept) if len(kept) < _PAIRS else self._random.randrange(seen)
        if place >= _PAIRS:
            return
        pair: dict[str, Any] = {
            "time": int(self._now() * 1000),
            "model": model,
            "predicted": prediction.value,
            "actual": actual,
        }
        if prediction.confidence == prediction.confidence:
            pair["confidence"] = round(prediction.confidence, 6)
        kept[place : place + 1] = [pair]
