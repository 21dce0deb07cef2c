"""A model service as anyone would write one, watched by Watchroom.

`scan-api` predicts what a scan will show and how long it takes. What concerns Watchroom is marked
by its calls: one `init`, one middleware, one `describe_model` per model, and a `record_*` where
something worth knowing happens.
"""

import argparse
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

import watchroom
from watchroom.demo.cache import PredictionCache
from watchroom.demo.faults import DESCRIPTIONS, Faults
from watchroom.demo.predictors import Quality, quality, train
from watchroom.demo.scans import FEATURES, Scans, load
from watchroom.runtime.clock import SystemClock

TARGETS = {"result_predictor": Quality(2.2, 0.75), "duration_predictor": Quality(1.3, 0.9)}
"""What the operators of scan-api expect of their models."""

_UNITS = {"result_predictor": "%", "duration_predictor": "s"}


class Question(BaseModel):
    """A scan to predict for: the ten mean nucleus measurements."""

    scan_id: str
    features: Annotated[list[float], Field(min_length=FEATURES, max_length=FEATURES)]


class Answer(BaseModel):
    """A prediction; `prediction_id` is what its outcome is reported under."""

    prediction_id: str
    value: float
    unit: str
    confidence: float
    cached: bool


class Outcome(BaseModel):
    """What turned out to be true of a prediction."""

    prediction_id: str
    actual: float


class Models:
    """The trained models behind one prediction cache."""

    def __init__(self, faults: Faults, training: Scans, held_out: Scans) -> None:
        self._faults = faults
        self._cache = PredictionCache(SystemClock())
        self._predictors = train(training)
        truth = {"result_predictor": held_out.result, "duration_predictor": held_out.duration}
        self.quality = {
            name: quality(predictor, held_out.features, truth[name])
            for name, predictor in self._predictors.items()
        }
        for name, target in TARGETS.items():
            watchroom.describe_model(name, target_mae=target.mae, target_r2=target.r2)

    def predict(self, model: str, question: Question) -> Answer:
        """Answer a question, from the cache where it was asked before."""
        self._faults.fail()
        started = time.perf_counter()
        predictor = self._predictors[model]
        features = self._faults.measured(question.features)
        key = self._faults.key((model, *features))
        known = self._cache.get(key)
        votes = predictor.votes(features) if known is None else known
        if known is None:
            self._cache.put(key, votes)
        watchroom.record_cache(
            "predictions", hit=known is not None, size_bytes=self._cache.size_bytes
        )
        estimate = predictor.estimate(votes)
        self._faults.linger(model, time.perf_counter() - started)
        prediction_id = watchroom.record_prediction(
            model,
            estimate.value,
            confidence=estimate.confidence,
            duration_ms=(time.perf_counter() - started) * 1000.0,
        )
        return Answer(
            prediction_id=prediction_id,
            value=estimate.value,
            unit=_UNITS[model],
            confidence=estimate.confidence,
            cached=known is not None,
        )


def application(faults: Faults) -> FastAPI:
    """Return the service, its models trained."""
    training, held_out = load()
    models = Models(faults, training, held_out)
    rows = {item["id"]: item for item in _items(held_out)}
    app = FastAPI(title="scan-api")
    app.add_middleware(watchroom.ASGIMiddleware)

    @app.post("/predict/result")
    def predict_result(question: Question) -> Answer:
        return models.predict("result_predictor", question)

    @app.post("/predict/duration")
    def predict_duration(question: Question) -> Answer:
        return models.predict("duration_predictor", question)

    @app.post("/outcomes", status_code=202)
    def report_outcome(outcome: Outcome) -> dict[str, str]:
        watchroom.record_outcome(outcome.prediction_id, outcome.actual)
        return {"prediction_id": outcome.prediction_id}

    @app.get("/items/{item_id}")
    def read_item(item_id: str) -> dict[str, Any]:
        faults.fail()
        if item_id not in rows:
            raise HTTPException(404, f"there is no scan {item_id}")
        return rows[item_id]

    @app.get("/export")
    def export(limit: Annotated[int, Query(ge=1)] = 1000) -> StreamingResponse:
        lines = _lines(list(rows.values())[:limit])
        return StreamingResponse(lines, media_type="application/x-ndjson")

    @app.get("/health")
    def health() -> dict[str, Any]:
        held = {name: each._asdict() for name, each in models.quality.items()}
        return {"status": "healthy", "held_out": held}

    return app


def _items(scans: Scans) -> Iterator[dict[str, Any]]:
    for name, features, result, duration in zip(*scans, strict=True):
        yield {
            "id": name,
            "features": features.tolist(),
            "result": float(result),
            "duration": float(duration),
        }


def _lines(items: list[dict[str, Any]]) -> Iterator[bytes]:
    for item in items:
        yield json.dumps(item).encode() + b"\n"


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    given = _parser().parse_args(arguments)
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", given.port))
        except OSError as error:
            print(f"127.0.0.1:{given.port} cannot be bound: {error.strerror}", file=sys.stderr)
            return 1
        watchroom.init("scan-api")
        app = application(Faults(given.fault, SystemClock(), after=given.fault_after))
        # Uvicorn prints a traceback per failed request, which the errors fault makes by the dozen.
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=2)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="watchroom.demo.service", description=__doc__)
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--fault", choices=sorted(DESCRIPTIONS))
    parser.add_argument("--fault-after", type=float, default=0.0, metavar="SECONDS")
    return parser


if __name__ == "__main__":
    sys.exit(main())
