"""The door in for metrics of OpenTelemetry."""

import asyncio
from functools import partial
from typing import NamedTuple

from watchroom.ingest.body import unpack
from watchroom.ingest.door import Door
from watchroom.ingest.guarded import Guarded
from watchroom.ingest.intake import Intake
from watchroom.ingest.limits import Limits
from watchroom.ingest.otlp.convert import Converter
from watchroom.ingest.otlp.deltas import Changes, Totals
from watchroom.ingest.otlp.message import JSON
from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.ingest.otlp.pieces import pieces
from watchroom.ingest.refusals import Refusals
from watchroom.model.labels import Labels
from watchroom.model.stale import is_stale
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import FloatSeries, Matcher

_LEVEL_MS = 24 * 3600 * 1000
"""How far back the last value of a series is looked for that goes up and down by deltas."""


class Taken(NamedTuple):
    """What became of a request: how many points were refused, and why, in one text."""

    rejected: int
    message: str


class OtlpMemory(NamedTuple):
    """What the door remembers from one request to the next."""

    label_sets: int
    delta_streams: int


class OtlpDoor(Door):
    """Takes requests to export metrics; replies when all is durable."""

    INLINE = -1
    """The classes of OpenTelemetry are loaded with the first request, which takes its time."""

    def __init__(
        self,
        store: Guarded,
        clock: Clock,
        limits: Limits | None = None,
        options: OtlpOptions | None = None,
    ) -> None:
        super().__init__(store, limits or Limits())
        self._clock = clock
        self._totals = Totals()
        self._converter = self._made(options or OtlpOptions())
        self._turn = asyncio.Lock()

    def configure(self, options: OtlpOptions) -> None:
        """Translate by other options from now on; the sums of deltas go on."""
        self._converter = self._made(options)

    async def take(self, body: bytes, encoding: str, content_type: str) -> Taken:
        """Make a request durable.

        Raises:
            BodyTooLarge, BodyMalformed, UnknownEncoding: the body cannot be unpacked.
            Malformed: it is no request to export metrics.
            TooMany: it holds more than a request may.
            StoreUnavailable: the store cannot write now; nothing was kept.
        """
        changes = Changes(self._totals)
        refusals = Refusals()
        read = partial(self._read, body, encoding, content_type, changes, refusals)
        # One at a time: what is added up counts once it is durable, and before the next is read.
        async with self._turn:
            intake, receipt = await self.keep(len(body), read)
            changes.keep()
        held = len(intake.times) + len(intake.histograms)
        rejected = refusals.total() + held - receipt.samples
        return Taken(rejected, "; ".join(receipt.rejected))

    def memory(self) -> OtlpMemory:
        """Return how much is remembered."""
        return OtlpMemory(self._converter.known(), len(self._totals))

    def _made(self, options: OtlpOptions) -> Converter:
        return Converter(self.limits, options, self._level)

    def _read(
        self, body: bytes, encoding: str, content_type: str, changes: Changes, refusals: Refusals
    ) -> tuple[Intake, Refusals]:
        request = pieces(unpack(body, encoding, self.limits.unpacked_bytes), content_type)
        now = int(self._clock.now() * 1000)
        hexed = content_type == JSON
        draft = self._converter.convert(request, now, changes, refusals, hexed=hexed)
        return self._store.intake(draft.write(), refusals), refusals

    def _level(self, labels: Labels) -> float:
        now = int(self._clock.now() * 1000)
        matchers = [Matcher(name, "=", value) for name, value in labels]
        for series in self._store.select(matchers, now - _LEVEL_MS, now):
            if series.labels == labels and isinstance(series, FloatSeries):
                known = series.values[~is_stale(series.values)]
                return float(known[-1]) if len(known) else 0.0
        return 0.0
