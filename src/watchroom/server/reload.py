"""Reading the configuration file again while the server runs."""

import asyncio
import logging
from collections.abc import Callable

from watchroom.api.prometheus.status import Applied
from watchroom.ingest.otlp.door import OtlpDoor
from watchroom.ingest.scrape.scraper import Scraper
from watchroom.server.configuration import Configuration, ConfigurationError, find, load, shown

logger = logging.getLogger(__name__)


class Reload:
    """Brings what the configuration file says to the parts it is about."""

    def __init__(
        self, setting: str, scraper: Scraper, otlp: OtlpDoor, now: Callable[[], float]
    ) -> None:
        self._setting = setting
        self._now = now
        self._read = Configuration()
        self._time = now()
        self._scraper = scraper
        self._otlp = otlp
        self.succeeded = True
        """Whether the file could be used the last time."""

    async def __call__(self) -> None:
        """Read the file and follow it.

        Raises:
            ConfigurationError: it cannot be used; everything is as it was.
        """
        try:
            await self._follow()
        except ConfigurationError:
            self.succeeded = False
            raise
        self.succeeded = True

    def has_file(self) -> bool:
        """Say whether there is a file to read."""
        return find(self._setting) is not None

    def applied(self) -> Applied:
        """Return what is in force."""
        return Applied(shown(self._read), self.succeeded, self._time)

    async def on_signal(self) -> None:
        """Read the file, and say in the log what is wrong with it."""
        try:
            await self()
        except ConfigurationError as error:
            logger.error("the configuration stays as it was: %s", error)  # noqa: TRY400 - one line

    async def _follow(self) -> None:
        read = await asyncio.to_thread(load, find(self._setting))
        try:
            await self._scraper.apply(read.jobs, read.base)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{read.path}: {error}") from error
        self._otlp.configure(read.otlp)
        self._read, self._time = read, self._now()
        if read.path:
            logger.info("%s is in force: %d jobs to scrape", read.path, len(read.jobs))
