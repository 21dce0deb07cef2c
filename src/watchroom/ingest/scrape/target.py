"""One target: from the labels it was found with to where and how it is scraped."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlencode

from watchroom.ingest.scrape.config import ScrapeConfig
from watchroom.ingest.scrape.discovery import ADDRESS
from watchroom.ingest.scrape.quantities import seconds
from watchroom.ingest.scrape.relabel import Names, Rule, relabel
from watchroom.model.labels import INSTANCE, JOB, Labels

_SCHEME, _PATH = "__scheme__", "__metrics_path__"
_INTERVAL, _TIMEOUT = "__scrape_interval__", "__scrape_timeout__"
_PARAMETER = "__param_"
_HIDDEN = "__"


class Target(NamedTuple):
    """What is scraped, how often, and which labels its series get."""

    job: str
    url: str
    labels: Labels
    interval: float
    """Seconds."""
    timeout: float
    """Seconds."""

    def offset(self) -> float:
        """Return where in its interval a target is scraped, in s: the same in every process."""
        told = "\0".join((self.url, *(part for pair in self.labels for part in pair)))
        digest = blake2b(told.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64 * self.interval


class Dropped(NamedTuple):
    """A target that relabelling did not want."""

    job: str
    discovered: Names


class Found(NamedTuple):
    """A target with the labels it was found with."""

    target: Target
    discovered: Names


def resolve(job: ScrapeConfig, found: Mapping[str, str], rules: Sequence[Rule]) -> Found | Dropped:
    """Return what a found target is after relabelling.

    Raises:
        ValueError: it has no address, or an interval that is none.
    """
    before = _with_defaults(job, found)
    after = relabel(before, rules)
    if after is None:
        return Dropped(job.job_name, before)
    address = after.get(ADDRESS, "")
    if not address or "/" in address:
        raise ValueError(f"a target of job {job.job_name} has the address {address!r}")
    interval, timeout = seconds(after[_INTERVAL]), seconds(after[_TIMEOUT])
    if not 0 < timeout <= interval:
        raise ValueError(
            f"{address} of job {job.job_name}: the timeout {after[_TIMEOUT]} lies between 0 and "
            f"the interval {after[_INTERVAL]}"
        )
    labels = {name: value for name, value in after.items() if not name.startswith(_HIDDEN)}
    labels.setdefault(INSTANCE, address)
    target = Target(
        job.job_name, _url(job, after), tuple(sorted(labels.items())), interval, timeout
    )
    return Found(target, before)


def _with_defaults(job: ScrapeConfig, found: Mapping[str, str]) -> Names:
    defaults = {
        JOB: job.job_name,
        _SCHEME: job.scheme,
        _PATH: job.metrics_path,
        _INTERVAL: job.scrape_interval,
        _TIMEOUT: job.scrape_timeout,
    }
    defaults |= {f"{_PARAMETER}{name}": values[0] for name, values in job.params.items() if values}
    return defaults | dict(found)


def _url(job: ScrapeConfig, labels: Mapping[str, str]) -> str:
    parameters = {name: list(values) for name, values in job.params.items()}
    for label, value in labels.items():
        if label.startswith(_PARAMETER):
            name = label.removeprefix(_PARAMETER)
            parameters[name] = [value, *parameters.get(name, [])[1:]]
    path = labels.get(_PATH, "")
    query = urlencode(parameters, doseq=True)
    scheme = labels.get(_SCHEME, "http")
    led = path if path.startswith("/") else f"/{path}"
    return f"{scheme}://{labels[ADDRESS]}{led}" + (f"?{query}" if query else "")
