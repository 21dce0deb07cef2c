"""Jobs as they run: over a real store, by a manual clock, with a target that stands in for HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.ingest.scrape.jobs import Answers, job

from watchroom.ingest.scrape.config import ScrapeConfig
from watchroom.ingest.scrape.fetching import ScrapeFailed
from watchroom.ingest.scrape.scraper import Scraper
from watchroom.model.stale import marks_stale
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import FloatSeries, Matcher
from watchroom.storage.embedded import EmbeddedStore

pytestmark = pytest.mark.filterwarnings("error")


class Stage:
    """A scraper with everything around it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.store = EmbeddedStore(folder / "data", sync=False, now=self.clock.now)
        self.answers = Answers()
        self.scraper = Scraper(self.store, self.clock, fetch=self.answers.make, sleep=self._never)

    @staticmethod
    async def _never(_seconds: float) -> None:
        await asyncio.Event().wait()

    async def apply(self, *jobs: ScrapeConfig) -> None:
        await self.scraper.apply(jobs, self.folder)

    async def step(self) -> None:
        """Let ten seconds pass and scrape every target."""
        self.clock.advance(10)
        for scrape in self.scraper.scrapes():
            await scrape.once()

    def values(self, name: str, **labels: str) -> list[float | str]:
        """Return the values of the one series of a name."""
        now = int(self.clock.now() * 1000)
        matchers = [Matcher(key, "=", value) for key, value in {"__name__": name, **labels}.items()]
        found = self.store.select(matchers, now - 3_600_000, now)
        assert len(found) <= 1
        if not found:
            return []
        assert isinstance(found[0], FloatSeries)
        return ["stale" if marks_stale(each) else each for each in found[0].values.tolist()]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path)
    async with made.scraper:
        yield made
    made.store.close()


async def test_targets_are_scraped_and_reported(stage: Stage) -> None:
    stage.answers.texts = {"a:1": "m 1\n", "b:1": ScrapeFailed("away")}
    await stage.apply(job("node", "a:1", "b:1"))
    await stage.step()
    await stage.step()
    assert stage.values("m") == [1.0, 1.0]
    assert stage.values("up", instance="a:1") == [1.0, 1.0]
    assert stage.values("up", instance="b:1") == [0.0, 0.0]
    assert stage.values("scrape_series_added", instance="a:1") == [1.0, 0.0]
    figures = stage.scraper.statistics()
    assert (figures.targets, figures.up, figures.scrapes, figures.failures) == (2, 1, 4, 2)


async def test_what_goes_away_ends(stage: Stage) -> None:
    stage.answers.texts = {"a:1": "m 1\n"}
    await stage.apply(job("node", "a:1"))
    await stage.step()
    stage.answers.texts = {"a:1": ScrapeFailed("away")}
    await stage.step()
    assert stage.values("m") == [1.0, "stale"]
    stage.clock.advance(1)
    await stage.apply()
    assert stage.values("up") == [1.0, 0.0, "stale"]
    assert stage.answers.closed == 1


async def test_a_reload_leaves_what_is_the_same(stage: Stage) -> None:
    stage.answers.texts = {"a:1": "m 1\n", "b:1": "m 1\n"}
    same = job("same", "a:1")
    await stage.apply(same, job("other", "b:1"))
    await stage.step()
    kept = [each for each in stage.scraper.scrapes() if each.found.target.job == "same"]
    await stage.apply(same, job("other", "b:1", sample_limit=5))
    assert [each for each in stage.scraper.scrapes() if each in kept] == kept
    await stage.step()
    assert stage.values("m", job="other") == [1.0, 1.0]
    assert stage.values("scrape_series_added", job="other") == [1.0, 0.0]


async def test_a_changed_job_still_ends_what_goes_away(stage: Stage) -> None:
    stage.answers.texts = {"a:1": "m 1\nn 1\n"}
    await stage.apply(job("node", "a:1"))
    await stage.step()
    stage.answers.texts = {"a:1": "m 1\n"}
    await stage.apply(job("node", "a:1", honor_labels=True))
    await stage.step()
    assert stage.values("n") == [1.0, "stale"]


async def test_files_are_followed(stage: Stage) -> None:
    listed = stage.folder / "targets.yml"
    listed.write_text("- targets: [a:1]")
    stage.answers.texts = {"a:1": "m 1\n", "bb:1": "m 2\n"}
    await stage.apply(job("files", file_sd_configs=[{"files": ["targets.yml"]}]))
    await stage.step()
    listed.write_text("- targets: [bb:1]")
    stage.clock.advance(1)
    await stage.scraper.look()
    await stage.step()
    assert stage.values("up", instance="a:1") == [1.0, "stale"]
    assert stage.values("m", instance="bb:1") == [2.0]


async def test_dropped_targets_are_known(stage: Stage) -> None:
    rule: dict[str, Any] = {"source_labels": ["__address__"], "regex": "a:.*", "action": "keep"}
    await stage.apply(job("node", "a:1", "b:1", relabel_configs=[rule]))
    assert [each.discovered["__address__"] for each in stage.scraper.dropped()] == ["b:1"]
    assert stage.scraper.statistics().dropped == 1


async def test_a_target_that_hangs(stage: Stage) -> None:
    stage.answers.hangs = True
    await stage.apply(job("node", "a:1", scrape_timeout="1ms"))
    await stage.step()
    (scrape,) = stage.scraper.scrapes()
    assert scrape.health.error == "no answer within the scrape_timeout of 1ms"
    assert stage.values("up") == [0.0]


async def test_the_same_target_twice_is_scraped_once(stage: Stage) -> None:
    await stage.apply(job("node", "a:1", "a:1"))
    assert len(list(stage.scraper.scrapes())) == 1
