"""The configuration file `watchroom.yml`, and what is wrong with it where.

Its sections are those of a prometheus.yml as far as they go: `global`, `scrape_configs`, `otlp`.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.ingest.scrape.config import Global, ScrapeConfig, inherit
from watchroom.ingest.scrape.discovery import read_targets
from watchroom.ingest.scrape.fetching import context, secret_files

DEFAULT = "watchroom.yml"
"""The file that is read where it is in the working directory and no other is named."""

_Path: TypeAlias = tuple[str | int, ...]

_ELSEWHERE = {
    "rule_files",
    "alerting",
    "remote_write",
    "remote_read",
    "storage",
    "tracing",
    "runtime",
    "scrape_config_files",
    "scrape_classic_histograms",
    "scrape_native_histograms",
    "always_scrape_classic_histograms",
    "native_histogram_bucket_limit",
    "keep_dropped_targets",
    "target_limit",
    "track_timestamps_staleness",
    "oauth2",
    "proxy_from_environment",
    "http_headers",
    "query_log_file",
}
"""Keys of Prometheus that mean nothing here; so do all that end in `_sd_configs` but one."""
_SECRETS = {"password", "credentials", "bearer_token"}
_UNSHOWN = "<secret>"
_USER = re.compile(r"://[^/@]*@")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_AT = re.compile(r"(.*?)(?: - at `(?:key in )?\$(.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class ConfigurationError(ValueError):
    """The file cannot be used; the message says where it is wrong, and what would be right."""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"defaults": "global"}):
    """The file as it is written."""

    defaults: Global = Global()
    scrape_configs: tuple[ScrapeConfig, ...] = ()
    otlp: OtlpOptions = OtlpOptions()


class Configuration(NamedTuple):
    """What the file says, defaults filled in."""

    path: Path | None = None
    jobs: tuple[ScrapeConfig, ...] = ()
    otlp: OtlpOptions = OtlpOptions()

    @property
    def base(self) -> Path:
        """The folder that files are named from."""
        return self.path.parent if self.path else Path()


def find(setting: str) -> Path | None:
    """Return the file that a setting names; if empty, the default one where it exists."""
    if setting:
        return Path(setting)
    path = Path(DEFAULT)
    return path if path.is_file() else None


def load(path: Path | None) -> Configuration:
    """Return what a file says; without one, that nothing is to be scraped.

    Raises:
        ConfigurationError: it cannot be read, or says what makes no sense.
    """
    if path is None:
        return Configuration()
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    return _Reader(path, text).configuration()


def check_files(read: Configuration) -> None:
    """Raise ConfigurationError where a file that the configuration names cannot be used."""
    for job in read.jobs:
        try:
            _check_files(job, read.base)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{read.path}: job {job.job_name}: {error}") from error


def _check_files(job: ScrapeConfig, base: Path) -> None:
    context(job.tls_config, base)
    for name in secret_files(job):
        (base / name).read_text()
    for each in job.file_sd_configs:
        for pattern in each.files:
            place = base / pattern
            for path in place.parent.glob(place.name):
                read_targets(path)


def shown(read: Configuration) -> str:
    """Return what is in force as YAML, defaults left out and secrets hidden."""
    if read.path is None:
        return ""
    import yaml

    told: dict[str, Any] = {"scrape_configs": msgspec.to_builtins(read.jobs)}
    if read.otlp != OtlpOptions():
        told["otlp"] = msgspec.to_builtins(read.otlp)
    return str(yaml.safe_dump(_hidden(told), sort_keys=False, allow_unicode=True))


def _hidden(told: Any) -> Any:
    if isinstance(told, list | tuple):
        return [_hidden(each) for each in told]
    if isinstance(told, str):
        return _USER.sub(f"://{_UNSHOWN}@", told)
    if not isinstance(told, dict):
        return told
    return {key: _UNSHOWN if key in _SECRETS else _hidden(each) for key, each in told.items()}


class _Reader:
    """One file, with the lines of its nodes at hand."""

    def __init__(self, path: Path, text: str) -> None:
        import yaml

        self._path = path
        try:
            # Scalars stay text: Prometheus takes `replacement: 1` for the text 1, too.
            self._root = yaml.compose(text, yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f"{path}:{mark.line + 1}" if mark else f"{path}"
            raise ConfigurationError(f"{line}: {getattr(error, 'problem', error)}") from error

    def configuration(self) -> Configuration:
        """Return the file's content, checked. Raises ConfigurationError."""
        plain = _plain(self._root, self._fail) if self._root is not None else {}
        try:
            file = msgspec.convert(plain or {}, File, strict=False)
        except msgspec.ValidationError as error:
            raise self._told(str(error)) from None
        return Configuration(self._path, tuple(self._jobs(file)), file.otlp)

    def _jobs(self, file: File) -> Iterator[ScrapeConfig]:
        names: set[str] = set()
        for number, job in enumerate(file.scrape_configs):
            place: _Path = ("scrape_configs", number)
            if job.job_name in names:
                raise self._error((*place, "job_name"), f"two jobs are called {job.job_name!r}")
            names.add(job.job_name)
            try:
                yield inherit(job, file.defaults)
            except ValueError as error:
                raise self._error(place, str(error)) from None

    def _told(self, text: str) -> ConfigurationError:
        """Return msgspec's complaint with its line, and with the key that was meant."""
        found = _AT.fullmatch(text)
        message, where = (found[1], found[2] or "") if found else (text, "")
        place: _Path = tuple(name or int(index) for name, index in _STEP.findall(where))
        unknown = _UNKNOWN.fullmatch(message)
        if unknown is None:
            return self._error(place, _reworded(message))
        key = unknown[1]
        return self._error((*place, key), f"there is no key {key!r} here{_meant(key, place)}")

    def _error(self, place: _Path, message: str) -> ConfigurationError:
        return self._fail(_line(self._root, place), message, _dotted(place))

    def _fail(self, line: int, message: str, dotted: str = "") -> ConfigurationError:
        where = f" {dotted}:" if dotted else ""
        return ConfigurationError(f"{self._path}:{line}:{where} {message}")


def _plain(node: Any, fail: Any) -> Any:
    """Return a node as dicts, lists and text; keys without a value are left out."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, fail) for each in node.value]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise fail(key.start_mark.line + 1, "a key is a word")
        if key.value in found:
            raise fail(key.start_mark.line + 1, f"the key {key.value!r} comes twice")
        if value.tag != "tag:yaml.org,2002:null":
            found[key.value] = _plain(value, fail)
    return found


def _line(node: Any, place: _Path) -> int:
    """Return the line of a place, or of the nearest thing around it."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in place:
        if node is None or isinstance(node.value, str):
            break
        if isinstance(step, int):
            node = node.value[step] if step < len(node.value) else None
            line = line if node is None else node.start_mark.line + 1
            continue
        pair = next((each for each in node.value if each[0].value == step), None)
        node = None if pair is None else pair[1]
        line = line if pair is None else pair[0].start_mark.line + 1
    return line


def _dotted(place: _Path) -> str:
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in place]
    return "".join(parts).lstrip(".")


def _meant(key: str, place: _Path) -> str:
    if key in _ELSEWHERE or (key.endswith("_sd_configs") and key != "file_sd_configs"):
        return ": Prometheus has it, Watchroom does not; take it out"
    known = _keys(place)
    close = get_close_matches(key, known, 1, cutoff=0.5)
    return f"; is {close[0]!r} meant?" if close else f"; there are {', '.join(sorted(known))}"


def _keys(place: _Path) -> list[str]:
    """Return the keys that are known at a place."""
    kind: Any = File
    for step in place:
        if isinstance(step, int):
            kind = get_args(kind)[0]
        else:
            fields = {each.encode_name: each.name for each in msgspec.structs.fields(kind)}
            kind = get_type_hints(kind)[fields[step]]
        kind = _struct(kind)
    return [each.encode_name for each in msgspec.structs.fields(kind)]


def _struct(kind: Any) -> Any:
    """Return the struct of an optional one."""
    if get_origin(kind) in {tuple, list, dict} or isinstance(kind, type):
        return kind
    return next((each for each in get_args(kind) if each is not type(None)), kind)


def _reworded(message: str) -> str:
    """Return msgspec's words without its way to call things."""
    words: Mapping[str, str] = {
        "Object missing required field": "this lacks the key",
        "`array`": "a list",
        "`object`": "a mapping",
        "`str`": "a text",
        "`int`": "a whole number",
        "`bool`": "true or false",
        "Expected": "expected",
        "Invalid enum value": "there is no value",
    }
    for theirs, ours in words.items():
        message = message.replace(theirs, ours)
    return message
