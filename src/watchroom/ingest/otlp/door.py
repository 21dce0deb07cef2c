"""The door in for metrics of OpenTelemetry."""

import asyncio
from typing import NamedTuple

from watchroom.ingest.body import unpack
from watchroom.ingest.limits import Limits
from watchroom.ingest.otlp.convert import Converter
from watchroom.ingest.otlp.deltas import Totals
from watchroom.ingest.otlp.draft import Draft
from watchroom.ingest.otlp.message import JSON, decode
from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.model.labels import Labels
from watchroom.model.stale import is_stale
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import FloatSeries, Matcher, Store

_LEVEL_MS = 24 * 3600 * 1000
"""How far back the last value of a series is looked for that goes up and down by deltas."""


class Taken(NamedTuple):
    """What became of a request: how many points were refused, and why, in one text."""

    rejected: int
    message: str


class OtlpStatistics(NamedTuple):
    """The door's own figures since the start."""

    requests: int
    refused_requests: int
    samples: int
    refused_points: int
    bytes: int
    label_sets: int
    delta_streams: int


class OtlpDoor:
    """Takes requests to export metrics; replies when all is durable."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: Limits | None = None,
        options: OtlpOptions | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._store = store
        self._clock = clock
        self._totals = Totals()
        self._converter = self._made(options or OtlpOptions())
        self._turn = asyncio.Lock()
        self._requests = 0
        self._refused_requests = 0
        self._samples = 0
        self._refused_points = 0
        self._bytes = 0

    def configure(self, options: OtlpOptions) -> None:
        """Translate by other options from now on; the sums of deltas go on."""
        self._converter = self._made(options)

    async def take(self, body: bytes, encoding: str, content_type: str) -> Taken:
        """Make a request durable.

        Raises:
            BodyTooLarge, BodyMalformed, UnknownEncoding: the body cannot be unpacked.
            Malformed: it is no request to export metrics.
            StoreUnavailable: the store cannot write now; nothing was kept.
        """
        self._requests += 1
        self._bytes += len(body)
        # One at a time where deltas are added up: what was added counts once it is durable.
        async with self._turn:
            try:
                draft = await asyncio.to_thread(self._read, body, encoding, content_type)
            except ValueError:
                self._refused_requests += 1
                raise
            if draft.changes:
                return await self._write(draft)
        return await self._write(draft)

    def statistics(self) -> OtlpStatistics:
        """Return the door's figures."""
        return OtlpStatistics(
            self._requests,
            self._refused_requests,
            self._samples,
            self._refused_points,
            self._bytes,
            self._converter.known(),
            len(self._totals),
        )

    def _made(self, options: OtlpOptions) -> Converter:
        return Converter(self.limits, options, self._totals, self._level)

    def _read(self, body: bytes, encoding: str, content_type: str) -> Draft:
        request = decode(unpack(body, encoding, self.limits.unpacked_bytes), content_type)
        now = int(self._clock.now() * 1000)
        return self._converter.convert(request, now, hexed=content_type == JSON)

    async def _write(self, draft: Draft) -> Taken:
        rejected, sentences = draft.refusals.total(), draft.refusals.sentences()
        if draft.samples():
            future = await asyncio.to_thread(self._store.append, draft.write())
            receipt = await asyncio.wrap_future(future)
            draft.changes.keep()
            self._samples += receipt.samples
            rejected += draft.samples() - receipt.samples
            sentences += receipt.rejected
        self._refused_points += rejected
        return Taken(rejected, "; ".join(sentences))

    def _level(self, labels: Labels) -> float:
        now = int(self._clock.now() * 1000)
        matchers = [Matcher(name, "=", value) for name, value in labels]
        for series in self._store.select(matchers, now - _LEVEL_MS, now):
            if series.labels == labels and isinstance(series, FloatSeries):
                known = series.values[~is_stale(series.values)]
                return float(known[-1]) if len(known) else 0.0
        return 0.0
