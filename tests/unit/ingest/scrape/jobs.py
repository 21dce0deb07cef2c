"""Jobs made short, and a target that answers what it is told to."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from watchroom.ingest.scrape.config import Global, ScrapeConfig, inherit
from watchroom.ingest.scrape.fetching import Body, ScrapeFailed
from watchroom.ingest.scrape.target import Target


def job(name: str = "node", *targets: str, **given: Any) -> ScrapeConfig:
    """Return a job as the configuration file would give it."""
    written = {"job_name": name, "scrape_interval": "10s", "scrape_timeout": "5s", **given}
    if targets:
        written["static_configs"] = [{"targets": list(targets)}]
    return inherit(msgspec.convert(written, ScrapeConfig), Global())


class Answers:
    """Answers by address, with a text or a failure; stands where HTTP would."""

    def __init__(self) -> None:
        self.texts: dict[str, str | ScrapeFailed] = {}
        self.openmetrics = False
        self.hangs = False
        self.closed = 0

    def make(self, _job: ScrapeConfig, _base: Path) -> "Answers":
        return self

    async def __call__(self, target: Target) -> Body:
        if self.hangs:
            await asyncio.Event().wait()
        text = self.texts[target.url.split("/")[2]]
        if isinstance(text, ScrapeFailed):
            raise text
        return Body(text.encode(), self.openmetrics)

    async def close(self) -> None:
        self.closed += 1
