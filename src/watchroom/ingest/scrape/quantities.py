"""Durations and sizes as Prometheus writes them: 1m30s, 10MB."""

import re

_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?"
)
_SECONDS = (365 * 86_400.0, 7 * 86_400.0, 86_400.0, 3600.0, 60.0, 1.0, 0.001)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTPE]?)i?B?")
_POWERS = "KMGTPE"


def seconds(text: str) -> float:
    """Return a duration in seconds.

    Raises:
        ValueError: it is none; says what would be one.
    """
    found = _DURATION.fullmatch(text)
    if text == "0":
        return 0.0
    if not text or found is None:
        raise ValueError(f"{text!r} is no duration; for example 15s, 1m30s, 500ms")
    return sum(
        int(part) * unit for part, unit in zip(found.groups(), _SECONDS, strict=True) if part
    )


def size(text: str) -> int:
    """Return a size in bytes; units are powers of 1024, as in Prometheus.

    Raises:
        ValueError: it is none; says what would be one.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no size; for example 10MB, 512KiB")
    power = _POWERS.index(found[2]) + 1 if found[2] else 0
    return int(float(found[1]) * 1024**power)


def duration_text(value: float) -> str:
    """Return a duration as Prometheus writes it."""
    if value == 0:
        return "0s"
    rest = round(value * 1000)
    parts = []
    for unit, name in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count}{name}")
    return "".join(parts)
