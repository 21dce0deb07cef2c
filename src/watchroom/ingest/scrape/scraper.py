"""All jobs: their targets as they come and go, and what they are doing."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from watchroom.ingest.limits import Limits
from watchroom.ingest.scrape.config import ScrapeConfig
from watchroom.ingest.scrape.discovery import Discovery
from watchroom.ingest.scrape.fetching import Fetch, HttpFetch
from watchroom.ingest.scrape.relabel import rules
from watchroom.ingest.scrape.scrape import Scrape, Tally
from watchroom.ingest.scrape.target import Dropped, Found, Target, resolve
from watchroom.model.labels import Labels
from watchroom.runtime.clock import Clock
from watchroom.runtime.loop import Loop, Sleep
from watchroom.storage.contract import Store

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
"""How often files of targets are looked at: a look costs a stat."""

_LABELS = 128
_VALUE_BYTES = 8 << 10

MakeFetch = Callable[[ScrapeConfig, Path], Fetch]


class ScrapeStatistics(NamedTuple):
    """Figures of all jobs: what there is now, and what was done since the start."""

    jobs: int
    targets: int
    up: int
    dropped: int
    scrapes: int
    failures: int
    missed: int
    unwritten: int
    samples: int


class _Job:
    """One job as it runs."""

    def __init__(self, config: ScrapeConfig, base: Path, fetch: Fetch) -> None:
        self.config = config
        self.base = base
        self.fetch = fetch
        self.discovery = Discovery(config, base)
        self.scrapes: dict[Target, Scrape] = {}
        self.dropped: list[Dropped] = []
        self.refused: set[str] = set()
        self._rules = rules(config.relabel_configs)
        self.metric_rules = rules(config.metric_relabel_configs)

    def resolved(self) -> dict[Target, Found]:
        """Return the targets after relabelling, each once; note what was dropped."""
        self.dropped = []
        found: dict[Target, Found] = {}
        for labels in self.discovery.targets():
            try:
                each = resolve(self.config, labels, self._rules)
            except ValueError as error:
                if str(error) not in self.refused:
                    self.refused.add(str(error))
                    logger.warning("%s", error)
                continue
            if isinstance(each, Dropped):
                self.dropped.append(each)
            else:
                found.setdefault(each.target, each)
        return found


class Scraper:
    """Scrapes what its jobs name, from `apply` until it is closed."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: Limits | None = None,
        *,
        agent: str = "Watchroom",
        fetch: MakeFetch | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        # What a scrape brings was asked for: its labels may be longer than those of strangers.
        self._limits = (limits or Limits())._replace(labels=_LABELS, label_value_bytes=_VALUE_BYTES)
        self._agent = agent
        self._make_fetch = fetch or self._http
        self._sleep = sleep
        self._tally = Tally()
        self._jobs: dict[str, _Job] = {}
        self._applying = asyncio.Lock()
        self._look = Loop("scrape discovery", _LOOK_SECONDS, self.look, clock, sleep=sleep)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop all; series go on in the store, since a server that ends says nothing of them."""
        await self._look.stop()
        async with self._applying:
            await asyncio.gather(*(each.stop() for each in self.scrapes()))
            await asyncio.gather(*(job.fetch.close() for job in self._jobs.values()))

    async def apply(self, configs: Sequence[ScrapeConfig], base: Path) -> None:
        """Scrape by another configuration; what is the same in it goes on undisturbed.

        Args:
            configs: the jobs, complete.
            base: the folder that files are named from.

        Raises:
            OSError, ValueError: a certificate cannot be read; the jobs are as they were.
        """
        async with self._applying:
            jobs = await self._made(configs, base)
            left = {name: job for name, job in self._jobs.items() if jobs.get(name) is not job}
            present = await self._leave(left.values(), jobs)
            self._jobs = jobs
            for job in jobs.values():
                await asyncio.to_thread(job.discovery.look)
                await self._sync(job, present)
        if any(config.file_sd_configs for config in configs):
            self._look.start()
        else:
            await self._look.stop()

    async def look(self) -> None:
        """Look at the files of targets, and follow what has changed."""
        async with self._applying:
            for job in self._jobs.values():
                if await asyncio.to_thread(job.discovery.look):
                    await self._sync(job, {})

    def scrapes(self) -> Iterator[Scrape]:
        """Yield the scrapes of all targets."""
        for job in self._jobs.values():
            yield from job.scrapes.values()

    def dropped(self) -> Iterator[Dropped]:
        """Yield the targets that relabelling did not want."""
        for job in self._jobs.values():
            yield from job.dropped

    def statistics(self) -> ScrapeStatistics:
        """Return the figures of all jobs."""
        scrapes, tally = list(self.scrapes()), self._tally
        return ScrapeStatistics(
            len(self._jobs),
            len(scrapes),
            sum(each.health.up is True for each in scrapes),
            sum(1 for _ in self.dropped()),
            tally.scrapes,
            tally.failures,
            tally.missed + sum(each.missed() for each in scrapes),
            tally.unwritten,
            tally.samples,
        )

    def _http(self, job: ScrapeConfig, base: Path) -> Fetch:
        return HttpFetch(job, base, self._limits.unpacked_bytes, self._agent)

    async def _made(self, configs: Iterable[ScrapeConfig], base: Path) -> dict[str, _Job]:
        jobs: dict[str, _Job] = {}
        for config in configs:
            known = self._jobs.get(config.job_name)
            if known is not None and (known.config, known.base) == (config, base):
                jobs[config.job_name] = known
            else:
                fetch = await asyncio.to_thread(self._make_fetch, config, base)
                jobs[config.job_name] = _Job(config, base, fetch)
        return jobs

    async def _leave(
        self, left: Iterable[_Job], jobs: dict[str, _Job]
    ) -> dict[Target, list[Labels]]:
        """Stop jobs; return what was there of targets that may go on in a job of the same name."""
        present: dict[Target, list[Labels]] = {}
        for job in left:
            goes_on = jobs.get(job.config.job_name)
            stays: set[Target] = set()
            if goes_on is not None:
                await asyncio.to_thread(goes_on.discovery.look)
                stays = set(goes_on.resolved())
            for target, scrape in job.scrapes.items():
                if target in stays:
                    present[target] = await scrape.stop()
                else:
                    await scrape.end()
            await job.fetch.close()
        return present

    async def _sync(self, job: _Job, present: dict[Target, list[Labels]]) -> None:
        """Make the scrapes of a job those of its targets."""
        wanted = job.resolved()
        for target in job.scrapes.keys() - wanted.keys():
            await job.scrapes.pop(target).end()
        for target, found in wanted.items():
            known = job.scrapes.get(target)
            if known is not None:
                known.found = found
                continue
            scrape = job.scrapes[target] = Scrape(
                found,
                job.config,
                job.metric_rules,
                fetch=job.fetch,
                store=self._store,
                clock=self._clock,
                limits=self._limits,
                tally=self._tally,
                sleep=self._sleep,
            )
            scrape.inherit(present.get(target, []))
            scrape.start()
