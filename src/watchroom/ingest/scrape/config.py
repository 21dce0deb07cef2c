"""The sections `global` and `scrape_configs` of watchroom.yml, in the syntax of Prometheus.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/
"""

from typing import Any, Literal, TypeAlias

import msgspec

from watchroom.ingest.scrape.quantities import seconds, size
from watchroom.ingest.scrape.relabel import RelabelConfig

Scheme: TypeAlias = Literal["http", "https"]
Protocol: TypeAlias = Literal[
    "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText0.0.4", "PrometheusText1.0.0"
]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping whose keys are known; what is unknown is an error."""


class BasicAuth(Section, frozen=True):
    """A user and a password, given or in a file that is read each time."""

    username: str = ""
    password: str = ""
    password_file: str = ""

    def __post_init__(self) -> None:
        if self.password and self.password_file:
            raise ValueError("give password or password_file, not both")


class Authorization(Section, frozen=True):
    """The header Authorization, with credentials given or in a file that is read each time."""

    type: str = "Bearer"
    credentials: str = ""
    credentials_file: str = ""

    def __post_init__(self) -> None:
        if self.credentials and self.credentials_file:
            raise ValueError("give credentials or credentials_file, not both")
        if self.type.lower() == "basic":
            raise ValueError("the type basic is written as basic_auth")


class TlsConfig(Section, frozen=True):
    """Whom to trust, and what to show."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    server_name: str = ""
    insecure_skip_verify: bool = False
    min_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = "TLS12"

    def __post_init__(self) -> None:
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError("cert_file and key_file come together")


class StaticConfig(Section, frozen=True):
    """Targets by their addresses, with labels of their own."""

    targets: tuple[str, ...] = ()
    labels: dict[str, str] = {}

    def __post_init__(self) -> None:
        for target in self.targets:
            if "/" in target:
                raise ValueError(f"{target!r} is no address; write host:port, without a path")


class FileSdConfig(Section, frozen=True):
    """Files that list targets, as patterns; they are read again when they change."""

    files: tuple[str, ...]
    refresh_interval: str = "5m"

    def __post_init__(self) -> None:
        seconds(self.refresh_interval)
        for file in self.files:
            if not file.endswith((".json", ".yml", ".yaml")) or "*" in file.rpartition("/")[0]:
                raise ValueError(
                    f"{file!r} is no pattern of files that end in .json, .yml or .yaml, "
                    "with a * in the last part alone"
                )


class Global(Section, frozen=True):
    """What holds where a job says nothing else."""

    scrape_interval: str = "1m"
    scrape_timeout: str = "10s"
    external_labels: dict[str, str] = {}
    body_size_limit: str | int = 0
    sample_limit: int = 0
    label_limit: int = 0
    label_name_length_limit: int = 0
    label_value_length_limit: int = 0
    evaluation_interval: str = "1m"

    def __post_init__(self) -> None:
        seconds(self.scrape_interval)
        seconds(self.scrape_timeout)
        seconds(self.evaluation_interval)
        size(str(self.body_size_limit))


class ScrapeConfig(Section, frozen=True):
    """One job: where its targets are, how they are fetched, what becomes of their labels."""

    job_name: str
    scrape_interval: str = ""
    scrape_timeout: str = ""
    metrics_path: str = "/metrics"
    scheme: Scheme = "http"
    params: dict[str, list[str]] = {}
    honor_labels: bool = False
    honor_timestamps: bool = True
    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    bearer_token: str = ""
    bearer_token_file: str = ""
    tls_config: TlsConfig = TlsConfig()
    proxy_url: str = ""
    follow_redirects: bool = True
    enable_http2: bool = False
    enable_compression: bool = True
    scrape_protocols: tuple[Protocol, ...] = ()
    fallback_scrape_protocol: Protocol | None = None
    static_configs: tuple[StaticConfig, ...] = ()
    file_sd_configs: tuple[FileSdConfig, ...] = ()
    relabel_configs: tuple[RelabelConfig, ...] = ()
    metric_relabel_configs: tuple[RelabelConfig, ...] = ()
    body_size_limit: str | int = 0
    sample_limit: int = 0
    label_limit: int = 0
    label_name_length_limit: int = 0
    label_value_length_limit: int = 0

    def __post_init__(self) -> None:
        if not self.job_name:
            raise ValueError("a job has a name; set job_name")
        for text in (self.scrape_interval, self.scrape_timeout):
            if text:
                seconds(text)
        size(str(self.body_size_limit))
        ways = (self.basic_auth, self.authorization, self.bearer_token or self.bearer_token_file)
        if sum(map(bool, ways)) > 1:
            raise ValueError("give one of basic_auth, authorization and bearer_token")

    @property
    def interval(self) -> float:
        """Seconds between two scrapes."""
        return seconds(self.scrape_interval)

    @property
    def timeout(self) -> float:
        """Seconds that a scrape may take."""
        return seconds(self.scrape_timeout)


_INHERITED = (
    "body_size_limit",
    "sample_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
)


def inherit(job: ScrapeConfig, defaults: Global) -> ScrapeConfig:
    """Return a job with what it does not say taken from `global`.

    Raises:
        ValueError: the interval is zero, or the timeout beyond it.
    """
    interval = job.scrape_interval or defaults.scrape_interval
    timeout = job.scrape_timeout
    if not timeout:  # of `global`, but not beyond the job's own interval
        timeout = min(defaults.scrape_timeout, interval, key=seconds)
    if not seconds(interval):
        raise ValueError("scrape_interval is above 0")
    if not 0 < seconds(timeout) <= seconds(interval):
        raise ValueError(f"scrape_timeout {timeout} lies between 0 and scrape_interval {interval}")
    taken: dict[str, Any] = {
        name: getattr(job, name) or getattr(defaults, name) for name in _INHERITED
    }
    return msgspec.structs.replace(job, scrape_interval=interval, scrape_timeout=timeout, **taken)
