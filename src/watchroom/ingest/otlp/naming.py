"""From OpenTelemetry's names to those of Prometheus.

https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

import re
from collections.abc import Iterable

from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.model.kind import Kind

_UNITS = {
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "TiBy": "tibibytes",
    "KBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "1": "",
    "%": "percent",
}
_PER = {
    "s": "second",
    "m": "minute",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
}
_NO_NAME = re.compile(r"[^a-zA-Z0-9:]+")
_NO_NAME_KEPT = re.compile(r"[^a-zA-Z0-9:_]+")
_NO_UNIT = re.compile(r"[^a-zA-Z0-9]+")
_NO_LABEL = re.compile(r"[^a-zA-Z0-9_]")


def metric_name(name: str, unit: str, kind: Kind, options: OtlpOptions) -> str:
    """Return the name of a metric's series, without the suffixes that histograms have by part."""
    if not options.suffixes:
        return _led(_NO_NAME_KEPT.sub("_", name)) if options.escapes else name
    if not options.escapes:
        return _suffixed(name, unit, kind)
    tokens = [token for token in _NO_NAME.split(name) if token]
    main, per = unit_words(unit)
    if main and main not in tokens:
        tokens.append(main)
    if per and per not in tokens:
        tokens.append(per)
    last = _last_word(unit, kind)
    if last:
        tokens = [token for token in tokens if token != last] + [last]
    return _led("_".join(tokens))


def unit_words(unit: str) -> tuple[str, str]:
    """Return what a unit in UCUM is called: its main part, and `per_…` of its divisor."""
    main, _, divisor = (part.strip() for part in unit.partition("/"))
    word = "" if _annotates(main) else _word(_UNITS.get(main, main))
    per = "" if _annotates(divisor) else _word(_PER.get(divisor, divisor))
    return word, f"per_{per}" if per else ""


def label_name(name: str, options: OtlpOptions) -> str:
    """Return the label of an attribute."""
    if not options.escapes:
        return name
    label = _NO_LABEL.sub("_", name)
    if label[:1].isdigit():
        return f"key_{label}"
    if label.startswith("_") and not label.startswith("__"):
        return f"key{label}"
    return label


def label_pairs(
    attributes: Iterable[tuple[str, str]], options: OtlpOptions
) -> list[tuple[str, str]]:
    """Return labels of attributes; the values of those that meet in one name are joined by `;`."""
    found: dict[str, str] = {}
    for key, value in sorted(attributes):
        name = label_name(key, options)
        found[name] = f"{found[name]};{value}" if name in found else value
    return list(found.items())


def _suffixed(name: str, unit: str, kind: Kind) -> str:
    words = [word for word in (*unit_words(unit), _last_word(unit, kind)) if word]
    for word in words:
        if not name.endswith(word):
            name = f"{name}_{word}"
    return name


def _last_word(unit: str, kind: Kind) -> str:
    if kind is Kind.COUNTER:
        return "total"
    return "ratio" if unit == "1" and kind is Kind.GAUGE else ""


def _annotates(unit: str) -> bool:
    """Say whether a unit is a remark such as {request}, which has no word."""
    return "{" in unit or "}" in unit


def _word(text: str) -> str:
    return _NO_UNIT.sub("_", text).strip("_")


def _led(name: str) -> str:
    return f"_{name}" if name[:1].isdigit() else name
