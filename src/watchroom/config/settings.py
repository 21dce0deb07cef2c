"""Every setting of Watchroom, and where its value came from.

A value given in code or on the command line wins over the environment, which wins over the default.
"""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

Value = str | int | float | bool


class Setting(NamedTuple):
    """One setting. Its type is the type of its default; a number is not below `least`."""

    name: str
    default: Value
    env: str
    help: str
    least: float = 0


class Resolved(NamedTuple):
    """A setting's value with its source: `default`, `argument`, or the environment variable."""

    setting: Setting
    value: Value
    source: str


SETTINGS: tuple[Setting, ...] = (
    # the watched side
    Setting("enabled", True, "MONITORING_ENABLED", "false turns every SDK verb into a no-op"),
    Setting("url", "http://127.0.0.1:8003", "WATCHROOM_URL", "the server the SDK sends to"),
    Setting("service", "", "WATCHROOM_SERVICE", "the service name where init() gives none"),
    Setting("file", "", "WATCHROOM_FILE", "write OTLP-JSON lines to this file, not to a server"),
    Setting("file_max_mb", 64, "WATCHROOM_FILE_MAX_MB", "rotate the file at this size"),
    Setting("file_keep", 3, "WATCHROOM_FILE_KEEP", "rotated files to keep"),
    Setting("flush_seconds", 1.0, "WATCHROOM_FLUSH_SECONDS", "seconds between two batches", 0.01),
    Setting("buffer_size", 100_000, "WATCHROOM_BUFFER_SIZE", "recorded facts held before a drop"),
    Setting("series_limit", 10_000, "WATCHROOM_SERIES_LIMIT", "series one process may create"),
    Setting(
        "spool_dir", "", "WATCHROOM_SPOOL_DIR", "where unsent batches wait; empty: a cache folder"
    ),
    Setting("spool_max_mb", 64, "WATCHROOM_SPOOL_MAX_MB", "size of the spool; 0 keeps none"),
    # the served side
    Setting("host", "127.0.0.1", "WATCHROOM_HOST", "address the server binds"),
    Setting("port", 8003, "WATCHROOM_PORT", "port the server binds"),
    Setting("data", "data", "WATCHROOM_DATA", "folder that holds the server's data"),
    Setting(
        "config_file",
        "",
        "WATCHROOM_CONFIG",
        "file with what to scrape; empty: watchroom.yml where it is present",
    ),
    Setting(
        "retention_days", 15.0, "WATCHROOM_RETENTION_DAYS", "age until which samples are kept whole"
    ),
    Setting(
        "coarse_days",
        365.0,
        "WATCHROOM_COARSE_DAYS",
        "age until which one of 5 min is kept; 0: none",
    ),
    Setting("store_max_mb", 0, "WATCHROOM_STORE_MAX_MB", "size of the store; 0 sets no bound"),
    Setting(
        "ingest_max_mb", 16, "WATCHROOM_INGEST_MAX_MB", "largest body a door in accepts, unpacked"
    ),
    Setting(
        "series_per_source_limit",
        200_000,
        "WATCHROOM_SERIES_PER_SOURCE_LIMIT",
        "active label sets one job may have; 0 is any number",
    ),
    Setting(
        "series_per_metric_limit",
        20_000,
        "WATCHROOM_SERIES_PER_METRIC_LIMIT",
        "active label sets one metric of a job may have; 0 is any number",
    ),
    Setting("query_concurrency", 4, "WATCHROOM_QUERY_CONCURRENCY", "queries that run at a time", 1),
    Setting(
        "query_timeout_seconds",
        120.0,
        "WATCHROOM_QUERY_TIMEOUT_SECONDS",
        "the longest one query may take, its waiting included",
    ),
    Setting(
        "query_max_samples",
        50_000_000,
        "WATCHROOM_QUERY_MAX_SAMPLES",
        "samples one query may read, and values it may hold at a time",
        1,
    ),
    Setting(
        "query_max_series",
        100_000,
        "WATCHROOM_QUERY_MAX_SERIES",
        "series a selector may find, or an operation make",
        1,
    ),
    Setting(
        "query_max_points",
        11_000,
        "WATCHROOM_QUERY_MAX_POINTS",
        "points per series that a query over a range may ask for",
        1,
    ),
    Setting("log_level", "INFO", "WATCHROOM_LOG_LEVEL", "least level logged to standard error"),
    Setting("sync", True, "WATCHROOM_SYNC", "fsync before a batch is acknowledged"),
)

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


class SettingError(ValueError):
    """A setting has a value that cannot be read as its type."""


def resolve(
    given: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ
) -> dict[str, Resolved]:
    """Return every setting with its value and source; `None` in `given` means not given.

    Raises:
        SettingError: an unknown name, or a value of the wrong type; says what would be right.
    """
    given = given or {}
    unknown = sorted(set(given) - set(BY_NAME))
    if unknown:
        raise SettingError(f"no setting is called {', '.join(unknown)}; see `watchroom config`")
    return {setting.name: _resolve(setting, given, environ) for setting in SETTINGS}


def values(
    given: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return the values alone, by name."""
    return {name: resolved.value for name, resolved in resolve(given, environ).items()}


def switched_off(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether the environment turns monitoring off; a value that is no truth does not."""
    setting = BY_NAME["enabled"]
    try:
        return not _resolve(setting, {}, environ).value
    except SettingError:
        return False


def _resolve(setting: Setting, given: Mapping[str, Any], environ: Mapping[str, str]) -> Resolved:
    argument = given.get(setting.name)
    if argument is not None:
        return Resolved(setting, _parse(setting, argument, "argument"), "argument")
    text = environ.get(setting.env, "")
    if text:
        return Resolved(setting, _parse(setting, text, setting.env), setting.env)
    return Resolved(setting, setting.default, "default")


def _parse(setting: Setting, raw: Any, source: str) -> Value:
    kind = type(setting.default)
    try:
        value: Value = _truth(raw) if kind is bool else kind(raw)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(
            f"{setting.name} is {raw!r} ({source}), which is no {kind.__name__}; "
            f"for example: {setting.default!r}"
        ) from None
    if not isinstance(value, str) and not value >= setting.least:  # NaN is not, either
        raise SettingError(
            f"{setting.name} is {raw!r} ({source}); it is at least {setting.least:g}"
        )
    return value


def _truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError(word)
