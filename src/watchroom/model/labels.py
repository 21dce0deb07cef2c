"""Labels: the identity of a series, as Prometheus understands it."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name, no empty values. The metric name is `__name__`."""

NAME = "__name__"
JOB = "job"
INSTANCE = "instance"


def labels(name: str, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> Labels:
    """Return the labels of the series `name{pairs}`; an empty value means an absent label."""
    merged = dict(pairs)
    merged[NAME] = name
    return tuple(sorted((key, value) for key, value in merged.items() if value))


def value_of(series: Labels, name: str) -> str:
    """Return the value of one label, or the empty string where the series lacks it."""
    for key, value in series:
        if key == name:
            return value
    return ""
