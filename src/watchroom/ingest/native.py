"""The native door in: batches as the SDK sends them."""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from watchroom.ingest.body import unpack
from watchroom.ingest.convert import Converter
from watchroom.ingest.guarded import guarded
from watchroom.ingest.intake import Intake
from watchroom.ingest.limits import Limits
from watchroom.ingest.refusals import Refusals
from watchroom.model.labels import INSTANCE, JOB
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import Store
from watchroom.wire.batch import CONTENT_TYPE, Batch, Reply, decode

__all__ = ["CONTENT_TYPE", "BatchRefused", "Ingest", "IngestStatistics", "Reply"]

logger = logging.getLogger(__name__)

_INLINE = 128 << 10
"""Bodies up to this size are decoded on the event loop: cheaper there than the way to a thread."""
_SOURCES = 10_000
_YEAR_2200 = 7_258_118_400_000
"""Milliseconds; what lies beyond is counted in another unit."""


class BatchRefused(ValueError):
    """A whole batch cannot be taken; sending it again will not help."""


class IngestStatistics(NamedTuple):
    """The door's own figures since the start; `sources` are processes heard of."""

    batches: int
    duplicates: int
    refused_batches: int
    failed_batches: int
    samples: int
    refused_points: int
    bytes: int
    sources: int
    label_sets: int
    failure: str
    """Why the store could not write the last batch; empty when it could."""


class Ingest:
    """Takes batches: validates, limits, writes, announces, replies when all is durable."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: Limits | None = None,
        announce: Callable[[str, str], None] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._store = guarded(store, clock)
        self._clock = clock
        self._announce = announce
        self._converter = Converter(self.limits, self._store.guard)
        self._sources: dict[tuple[str, str], None] = {}
        self._ahead: set[tuple[str, str]] = set()
        self._batches = 0
        self._duplicates = 0
        self._refused_batches = 0
        self._failed_batches = 0
        self._samples = 0
        self._refused_points = 0
        self._bytes = 0
        self._failure = ""

    async def take(self, body: bytes, encoding: str = "") -> Reply:
        """Make a batch durable and return the reply to it.

        Raises:
            BodyTooLarge, BodyMalformed, UnknownEncoding: the body cannot be unpacked.
            BatchRefused: no batch, or one that cannot be taken as a whole.
            StoreUnavailable: the store cannot write now; nothing was kept.
        """
        self._bytes += len(body)
        try:
            batch, intake, refusals = await self._read(body, encoding)
        except ValueError:
            self._refused_batches += 1
            raise
        reply = await self._write(intake, refusals)
        self._introduce(batch.service, batch.instance)
        return reply

    def statistics(self) -> IngestStatistics:
        """Return the door's figures."""
        return IngestStatistics(
            self._batches,
            self._duplicates,
            self._refused_batches,
            self._failed_batches,
            self._samples,
            self._refused_points,
            self._bytes,
            len(self._sources),
            self._converter.known(),
            self._failure,
        )

    async def _read(self, body: bytes, encoding: str) -> tuple[Batch, Intake, Refusals]:
        if len(body) <= _INLINE and not encoding:
            return self._parse(body, encoding)
        return await asyncio.to_thread(self._parse, body, encoding)

    def _parse(self, body: bytes, encoding: str) -> tuple[Batch, Intake, Refusals]:
        raw = unpack(body, encoding, self.limits.unpacked_bytes)
        try:
            batch = decode(raw)
        except (ValueError, RecursionError) as error:
            raise BatchRefused(str(error)) from error
        self._check(batch)
        batch = self._on_time(batch)
        return batch, *self._converter.convert(batch)

    def _check(self, batch: Batch) -> None:
        for name, text in (("id", batch.id), (JOB, batch.service), (INSTANCE, batch.instance)):
            if not 0 < len(text.encode()) <= self.limits.name_bytes:
                raise BatchRefused(f"{name} has 1 to {self.limits.name_bytes} bytes")
        if not 0 < batch.time < _YEAR_2200:
            raise BatchRefused("a batch's time is in milliseconds since the epoch")

    def _on_time(self, batch: Batch) -> Batch:
        """Return a batch of a clock that is far ahead as if that clock were right."""
        now = int(self._clock.now() * 1000)
        ahead = batch.time - now
        if ahead <= self.limits.future_ms:
            return batch
        source = (batch.service, batch.instance)
        if source not in self._ahead:
            self._ahead.add(source)
            logger.warning(
                "the clock of %s, process %s, is %d s ahead: its batches get this server's time",
                *source,
                ahead // 1000,
            )
        return msgspec.structs.replace(
            batch,
            time=now,
            previous=batch.previous - ahead,
            events=[msgspec.structs.replace(each, time=each.time - ahead) for each in batch.events],
        )

    async def _write(self, intake: Intake, refusals: Refusals) -> Reply:
        try:
            receipt = await asyncio.wrap_future(self._store.keep(intake))
        except Exception as error:
            self._failed_batches += 1
            self._failure = str(error) or type(error).__name__
            raise
        self._failure = ""
        self._batches += 1
        self._duplicates += receipt.duplicate
        self._samples += receipt.samples
        self._refused_points += refusals.total()
        return Reply(
            accepted=receipt.samples,
            duplicate=receipt.duplicate,
            rejected=[*refusals.sentences(), *receipt.rejected],
        )

    def _introduce(self, service: str, instance: str) -> None:
        source = (service, instance)
        if source in self._sources:
            return
        if len(self._sources) >= _SOURCES:
            self._sources.clear()
            self._ahead.clear()
        self._sources[source] = None
        if self._announce is not None:
            self._announce(service, instance)
