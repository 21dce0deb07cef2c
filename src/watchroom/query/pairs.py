"""Predictions with what came true, from the sampled events of the watched side."""

import math
from collections.abc import Sequence
from typing import Any

from watchroom.model.event import Event
from watchroom.query.results import Pair, Predictions
from watchroom.storage.contract import Store

OUTCOME = "prediction.outcome"
PER_FLUSH = 10
"""At most so many pairs of a model come with a flush; `seen` says out of how many."""

MOST_EVENTS = 10_000


def predictions(
    store: Store, start: int, end: int, model: str, service: str | None, limit: int
) -> Predictions:
    """Return the newest pairs of a model in (start, end], oldest first."""
    found = store.events(start, end, name=OUTCOME, job=service, limit=MOST_EVENTS)
    events = [event for event in found if event.payload.get("model") == model]
    points = [pair for event in events[:limit] if (pair := _pair(event)) is not None]
    points.reverse()
    seen = max(len(points), _seen(events))
    cut = len(found) == MOST_EVENTS
    return {
        "model": model,
        "service": service,
        "points": points,
        "seen": seen,
        "sampled": cut or seen > len(points),
    }


def _seen(events: Sequence[Event]) -> int:
    """Return how many pairs there were: each event stands for its share of its flush."""
    shares = []
    for event in events:
        seen = _number(event.payload.get("seen"))
        shares.append(1.0 if seen is None else max(1.0, seen / PER_FLUSH))
    return round(math.fsum(shares))


def _pair(event: Event) -> Pair | None:
    predicted = _number(event.payload.get("predicted"))
    actual = _number(event.payload.get("actual"))
    if predicted is None or actual is None:
        return None
    return {
        "time": event.time / 1000.0,
        "predicted": predicted,
        "actual": actual,
        "confidence": _number(event.payload.get("confidence")),
    }


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
