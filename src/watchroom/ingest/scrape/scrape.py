"""The scraping of one target, slot for slot."""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from watchroom.ingest.limits import Limits
from watchroom.ingest.scrape.config import ScrapeConfig
from watchroom.ingest.scrape.fetching import Fetch, ScrapeFailed, timed_out
from watchroom.ingest.scrape.reading import Outcome, Reading
from watchroom.ingest.scrape.relabel import Rule
from watchroom.ingest.scrape.target import Found
from watchroom.model.labels import Labels
from watchroom.runtime.clock import Clock
from watchroom.runtime.loop import Loop, Sleep
from watchroom.storage.contract import Store, StoreUnavailable, Write

logger = logging.getLogger(__name__)


class Health(NamedTuple):
    """How the last scrape went; `time` in s since the epoch, 0 before the first."""

    up: bool | None = None
    error: str = ""
    time: float = 0.0
    seconds: float = 0.0


class Tally:
    """What all scrapes have counted since the start, those of targets that have gone included."""

    def __init__(self) -> None:
        self.scrapes = 0
        self.failures = 0
        self.samples = 0
        self.missed = 0
        """Slots missed by targets that have gone."""
        self.unwritten = 0
        """Scrapes that the store could not write."""


class Scrape:
    """Fetches one target again and again, and writes what it says."""

    def __init__(
        self,
        found: Found,
        job: ScrapeConfig,
        rules: Sequence[Rule],
        *,
        fetch: Fetch,
        store: Store,
        clock: Clock,
        limits: Limits,
        tally: Tally,
        sleep: Sleep,
    ) -> None:
        self.found = found
        self.health = Health()
        self._tally = tally
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._reading = Reading(job, found.target, rules, limits)
        target = found.target
        self._loop = Loop(
            f"scrape {target.job} {target.url}",
            target.interval,
            self.once,
            clock,
            first=(target.offset() - clock.now()) % target.interval,
            sleep=sleep,
        )

    def start(self) -> None:
        """Scrape from the next slot on."""
        self._loop.start()

    async def stop(self) -> list[Labels]:
        """Stop, and return the series that were there at the end."""
        await self._halt()
        return self._reading.present

    async def end(self) -> None:
        """Stop for good: the target is no more, and its series end."""
        await self._halt()
        await self._write(self._reading.ended(self._now()))

    def inherit(self, present: list[Labels]) -> None:
        """Go on from the series that the target had under another configuration."""
        self._reading.inherit(present)

    def missed(self) -> int:
        """Return how many slots were missed."""
        return self._loop.statistics().missed

    async def once(self) -> None:
        """Scrape the target now."""
        time, now, began = self._now(), self._clock.now(), self._clock.monotonic()
        error = ""
        try:
            outcome = await self._scraped(time)
        except ScrapeFailed as failure:
            error = str(failure)
            outcome = self._reading.failed(failure, time)
        seconds = self._clock.monotonic() - began
        self._note(Health(not error, error, now, seconds))
        self._tally.scrapes += 1
        self._tally.samples += outcome.kept
        await self._write(self._reading.reported(outcome, time, seconds, up=not error))

    async def _scraped(self, time: int) -> Outcome:
        target = self.found.target
        try:
            async with asyncio.timeout(target.timeout):
                body = await self._fetch(target)
        except TimeoutError:
            raise ScrapeFailed(timed_out(target)) from None
        return await asyncio.to_thread(self._reading.read, body, time)

    async def _halt(self) -> None:
        await self._loop.stop()
        self._tally.missed += self.missed()

    def _note(self, health: Health) -> None:
        if health.error:
            self._tally.failures += 1
        if health.error != self.health.error:
            if health.error:
                logger.warning("%s is down: %s", self.found.target.url, health.error)
            else:
                logger.info("%s is up again", self.found.target.url)
        self.health = health

    async def _write(self, write: Write) -> None:
        try:
            future = await asyncio.to_thread(self._store.append, write)
            await asyncio.wrap_future(future)
        except StoreUnavailable as error:
            self._tally.unwritten += 1
            logger.warning("a scrape of %s is lost: %s", self.found.target.url, error)

    def _now(self) -> int:
        return int(self._clock.now() * 1000)
