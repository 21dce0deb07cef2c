"""From a target's answers to samples: what is there, what has gone, and how the scrape went."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from watchroom.ingest.limits import Limits
from watchroom.ingest.scrape.config import ScrapeConfig
from watchroom.ingest.scrape.fetching import Body, ScrapeFailed
from watchroom.ingest.scrape.labels import finisher
from watchroom.ingest.scrape.relabel import Rule
from watchroom.ingest.scrape.target import Target
from watchroom.ingest.text import UNTIMED, Lines, Parsed, TextError, TextExemplar, parse
from watchroom.model.kind import Metadata
from watchroom.model.labels import NAME, Labels
from watchroom.model.stale import STALE
from watchroom.storage.contract import Exemplar, Floats, Times, Write

REPORT = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
)
"""What is said of each scrape, with the labels of its target."""


class Outcome(NamedTuple):
    """What a scrape brought."""

    write: Write
    scraped: int
    """Samples in the body."""
    kept: int
    """Samples after relabelling."""
    added: int
    """Series that the scrape before did not have."""


class Reading:
    """One target's series from scrape to scrape."""

    def __init__(
        self, job: ScrapeConfig, target: Target, rules: Sequence[Rule], limits: Limits
    ) -> None:
        self._job = job
        self._lines = Lines(finisher(job, target.labels, rules), limits)
        self._report = [_named(name, target.labels) for name in REPORT]
        self._present: list[Labels] = []
        self._said: list[Metadata] = []

    @property
    def present(self) -> list[Labels]:
        """The series of the last scrape that have its time."""
        return self._present

    def inherit(self, present: list[Labels]) -> None:
        """Go on from the series that the same target had under another configuration."""
        self._present = present

    def read(self, body: Body, time: int) -> Outcome:
        """Return what an answer brings; `time` in ms.

        The report is added by `reported`, once the duration is known.

        Raises:
            ScrapeFailed: the body is not in the format, or has more than a limit allows.
        """
        try:
            parsed = parse(body.content, body.openmetrics, self._lines)
        except TextError as error:
            raise ScrapeFailed(str(error)) from error
        most = self._job.sample_limit
        if most and len(parsed.series) > most:
            count = len(parsed.series)
            raise ScrapeFailed(f"{count} samples, sample_limit allows {most}", parsed.lines, count)
        times, present = self._times(parsed, time)
        gone, added = self._compare(present)
        self._present = present
        write = Write(
            "",
            [*parsed.series, *gone],
            np.concatenate([times, np.full(len(gone), time, np.int64)]),
            np.concatenate([parsed.values, np.full(len(gone), STALE)]),
            metadata=self._news(parsed.metadata),
            exemplars=[_exemplar(each, time) for each in parsed.exemplars],
        )
        return Outcome(write, parsed.lines, len(parsed.series), added)

    def failed(self, failure: ScrapeFailed, time: int) -> Outcome:
        """Return what a scrape in vain brings: the end of all series."""
        gone, self._present = self._present, []
        return Outcome(_ended(gone, time), failure.scraped, failure.kept, 0)

    def reported(self, outcome: Outcome, time: int, seconds: float, *, up: bool) -> Write:
        """Return a write with the report of its scrape."""
        told = (float(up), seconds, outcome.scraped, outcome.kept, outcome.added)
        write = outcome.write
        return write._replace(
            series=[*write.series, *self._report],
            times=np.concatenate([write.times, np.full(len(told), time, np.int64)]),
            values=np.concatenate([write.values, np.array(told, np.float64)]),
        )

    def ended(self, time: int) -> Write:
        """Return the end of all series, those of the report included: the target is no more."""
        gone, self._present = [*self._present, *self._report], []
        return _ended(gone, time)

    def _times(self, parsed: Parsed, time: int) -> tuple[Times, list[Labels]]:
        """Return the times of the samples, and the series that have the scrape's own time.

        A source that gives times of its own says itself when a series ends, as Prometheus has it.
        """
        own = np.full(len(parsed.series), time, np.int64)
        if parsed.times is None or not self._job.honor_timestamps:
            return own, parsed.series
        untimed = parsed.times == UNTIMED
        times = np.where(untimed, own, parsed.times)
        present = [each for each, plain in zip(parsed.series, untimed, strict=True) if plain]
        return times, present

    def _compare(self, present: list[Labels]) -> tuple[list[Labels], int]:
        """Return the series that are there no more, and how many are new."""
        before = self._present
        if present == before:
            return [], 0
        now, then = dict.fromkeys(present), dict.fromkeys(before)
        gone = [each for each in then if each not in now]
        return gone, sum(each not in then for each in now)

    def _news(self, metadata: list[Metadata]) -> Sequence[Metadata]:
        """Return what is said of metrics, where the scrape before did not say the same."""
        if metadata == self._said:
            return ()
        self._said = metadata
        return metadata


def _ended(series: list[Labels], time: int) -> Write:
    times: Times = np.full(len(series), time, np.int64)
    values: Floats = np.full(len(series), STALE)
    return Write("", series, times, values)


def _named(name: str, labels: Labels) -> Labels:
    return tuple(sorted([(NAME, name), *labels]))


def _exemplar(given: TextExemplar, time: int) -> Exemplar:
    at = time if given.time == UNTIMED else given.time
    return Exemplar(given.series, given.labels, at, given.value)
