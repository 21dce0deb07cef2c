"""How a target's body comes here: HTTP with credentials, a deadline and a bound."""

import asyncio
import ssl
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from watchroom.ingest.body import BodyTooLarge, unpack
from watchroom.ingest.scrape.config import Authorization, BasicAuth, ScrapeConfig, TlsConfig
from watchroom.ingest.scrape.quantities import duration_text, size
from watchroom.ingest.scrape.target import Target

_OPENMETRICS = "application/openmetrics-text"
_MEDIA = {
    "OpenMetricsText1.0.0": f"{_OPENMETRICS};version=1.0.0",
    "OpenMetricsText0.0.1": f"{_OPENMETRICS};version=0.0.1",
    "PrometheusText0.0.4": "text/plain;version=0.0.4",
    "PrometheusText1.0.0": "text/plain;version=1.0.0",
}
_PREFERRED = ("OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText0.0.4")
_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_OK = 200
_IDLE_SECONDS = 120.0


class ScrapeFailed(Exception):
    """A target could not be scraped; the message says why.

    `scraped` and `kept` count the samples of a body that was read in vain.
    """

    def __init__(self, message: str, scraped: int = 0, kept: int = 0) -> None:
        super().__init__(message)
        self.scraped = scraped
        self.kept = kept


class Body(NamedTuple):
    """What a target answered."""

    content: bytes
    openmetrics: bool


class Fetch(Protocol):
    """How one job's targets are fetched."""

    async def __call__(self, target: Target) -> Body:
        """Return a target's answer. Raises ScrapeFailed."""

    async def close(self) -> None:
        """Close what connections are open."""


class HttpFetch:
    """Fetches over HTTP; connections are kept."""

    def __init__(self, job: ScrapeConfig, base: Path, most: int, agent: str) -> None:
        import httpx

        self._most = min(size(str(job.body_size_limit)) or most, most)
        self._headers = {
            "Accept": accept(job),
            "Accept-Encoding": "gzip" if job.enable_compression else "identity",
            "User-Agent": agent,
        }
        self._sni = job.tls_config.server_name
        self._errors = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)
        self._client = httpx.AsyncClient(
            verify=context(job.tls_config, base),
            auth=_auth(job, base),
            proxy=job.proxy_url or None,
            follow_redirects=job.follow_redirects,
            trust_env=False,
            # Targets are few and come again and again: their connections stay.
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=None, keepalive_expiry=_IDLE_SECONDS
            ),
            timeout=None,  # noqa: S113 - the deadline stands around the whole scrape
        )

    async def __call__(self, target: Target) -> Body:
        try:
            return await self._get(target)
        except self._errors as error:
            raise ScrapeFailed(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        except ValueError as error:
            raise ScrapeFailed(str(error)) from error

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(self, target: Target) -> Body:
        headers = {
            **self._headers,
            "X-Prometheus-Scrape-Timeout-Seconds": f"{target.timeout:g}",
        }
        extensions = {"sni_hostname": self._sni} if self._sni else {}
        async with self._client.stream(
            "GET", target.url, headers=headers, extensions=extensions
        ) as answer:
            if answer.status_code != _OK:
                raise ScrapeFailed(f"the target answered {answer.status_code}, not 200")
            packed = bytearray()
            async for chunk in answer.aiter_raw():
                packed += chunk
                if len(packed) > self._most:
                    raise BodyTooLarge(f"the body has more than {self._most} bytes")
            encoding = answer.headers.get("content-encoding", "").strip().lower()
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        content = bytes(packed)
        if encoding:
            content = await asyncio.to_thread(unpack, content, encoding, self._most)
        return Body(content, kind == _OPENMETRICS)


def timed_out(target: Target) -> str:
    """Return what is said of a target that took too long."""
    return f"no answer within the scrape_timeout of {duration_text(target.timeout)}"


def accept(job: ScrapeConfig) -> str:
    """Return the Accept header: what is preferred first, with falling weights."""
    media = [_MEDIA[each] for each in job.scrape_protocols or _PREFERRED]
    offers = [f"{each};q=0.{9 - place}" for place, each in enumerate(media)]
    return ",".join([*offers, "*/*;q=0.1"])


def context(config: TlsConfig, base: Path) -> ssl.SSLContext:
    """Return whom to trust, and what to show.

    Raises:
        OSError, ValueError: a file cannot be read, or is no certificate.
    """
    authority = str(base / config.ca_file) if config.ca_file else None
    made = ssl.create_default_context(cafile=authority)
    made.minimum_version = _VERSIONS[config.min_version]
    if config.insecure_skip_verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if config.cert_file:
        made.load_cert_chain(base / config.cert_file, base / config.key_file)
    return made


def secret_files(job: ScrapeConfig) -> list[str]:
    """Return the files that hold a job's secrets."""
    named = [
        job.basic_auth.password_file if job.basic_auth else "",
        job.authorization.credentials_file if job.authorization else "",
        job.bearer_token_file,
    ]
    return [name for name in named if name]


def _auth(job: ScrapeConfig, base: Path) -> Any:
    """Return what adds the header Authorization, None where nobody asks for it."""
    import httpx

    basic, bearer = job.basic_auth, job.authorization
    if job.bearer_token or job.bearer_token_file:
        bearer = Authorization(credentials=job.bearer_token, credentials_file=job.bearer_token_file)

    class Credentials(httpx.Auth):
        """Reads its file anew for each request: passwords are changed while a server runs."""

        def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
            request.headers["Authorization"] = _credentials(basic, bearer, base)
            yield request

    return Credentials() if basic or bearer else None


def _credentials(basic: BasicAuth | None, bearer: Authorization | None, base: Path) -> str:
    if basic is not None:
        from base64 import b64encode

        password = _secret(basic.password, basic.password_file, base)
        return "Basic " + b64encode(f"{basic.username}:{password}".encode()).decode()
    assert bearer is not None  # noqa: S101 - one of the two is there
    return f"{bearer.type} {_secret(bearer.credentials, bearer.credentials_file, base)}"


def _secret(given: str, file: str, base: Path) -> str:
    return (base / file).read_text().strip() if file else given
