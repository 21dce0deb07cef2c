"""What the doors of Prometheus' formats have in common: read in a thread, write, count."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from watchroom.ingest.guarded import Guarded
from watchroom.ingest.intake import Intake
from watchroom.ingest.limits import Limits
from watchroom.ingest.refusals import Refusals
from watchroom.storage.contract import Receipt, StoreUnavailable


class DoorStatistics(NamedTuple):
    """A door's own figures since the start."""

    requests: int
    refused_requests: int
    failed_requests: int
    samples: int
    refused_samples: int
    bytes: int
    failure: str
    """Why the store could not write the last request; empty when it could."""


class Door:
    """Takes what a request holds; one for each format."""

    INLINE = 32 << 10
    """Bodies up to this size are read on the event loop: cheaper there than the way to a thread."""

    def __init__(self, store: Guarded, limits: Limits) -> None:
        self.limits = limits
        self._store = store
        self._requests = 0
        self._refused_requests = 0
        self._failed_requests = 0
        self._samples = 0
        self._refused_samples = 0
        self._bytes = 0
        self._failure = ""

    async def keep(
        self, size: int, read: Callable[[], tuple[Intake, Refusals]]
    ) -> tuple[Intake, Receipt]:
        """Read a request of `size` bytes and make it durable; the receipt has all refusals.

        Raises:
            ValueError: whatever `read` raises for a request that cannot be taken.
            StoreUnavailable: the store cannot write now; nothing was kept.
        """
        self._requests += 1
        self._bytes += size

        def begin() -> tuple[Intake, Refusals, Future[Receipt]]:
            intake, refusals = read()
            return intake, refusals, self._store.keep(intake, refusals)

        try:
            begun = begin() if size <= self.INLINE else await asyncio.to_thread(begin)
        except ValueError:
            self._refused_requests += 1
            raise
        intake, refusals, writing = begun
        try:
            receipt = await asyncio.wrap_future(writing)
        except StoreUnavailable as error:
            self._failed_requests += 1
            self._failure = str(error)
            raise
        self._failure = ""
        self._samples += receipt.samples
        held = len(intake.times) + len(intake.histograms)
        self._refused_samples += held - receipt.samples + refusals.total()
        return intake, receipt

    def statistics(self) -> DoorStatistics:
        """Return the door's figures."""
        return DoorStatistics(
            self._requests,
            self._refused_requests,
            self._failed_requests,
            self._samples,
            self._refused_samples,
            self._bytes,
            self._failure,
        )
