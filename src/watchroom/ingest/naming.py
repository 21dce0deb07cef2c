"""The rules a label set keeps at every door."""

import re
from collections.abc import Iterable
from itertools import pairwise

from watchroom.ingest.limits import Limits
from watchroom.model.labels import NAME, Labels

__all__ = ["Refused", "checked"]

_LONE = re.compile(r"[\ud800-\udfff]")
"""Surrogates, which stand for bytes that were no UTF-8."""


class Refused(ValueError):
    """A metric or a point cannot be taken; the message says why and what would be right."""


def checked(pairs: Iterable[tuple[str, str]], limits: Limits) -> Labels:
    """Return labels as the store keeps them: sorted, each name once, none empty.

    Names may be any UTF-8 text, as in Prometheus 3. An empty value means an absent label.

    Raises:
        Refused: no metric name, an empty or doubled label name, too many or too long labels.
    """
    labels = tuple(sorted(pair for pair in pairs if pair[1]))
    name = next((value for key, value in labels if key == NAME), "")
    if not name:
        raise Refused("a series has a metric name, the label __name__")
    if len(labels) > limits.labels:
        raise Refused(f"{name[:80]}: {len(labels)} labels, {limits.labels} are allowed")
    if not labels[0][0]:
        raise Refused(f"{name[:80]}: a label name is empty")
    for (before, _), (after, _) in pairwise(labels):
        if before == after:
            raise Refused(f"{name[:80]}: the label {before[:80]!r} comes twice")
    _check_lengths(name, labels, limits)
    return labels


def _check_lengths(name: str, labels: Labels, limits: Limits) -> None:
    for key, value in labels:
        if not (key.isascii() and value.isascii()) and _LONE.search(key + value):
            raise Refused(f"{name[:80]!a}: a label is no UTF-8: {key[:40]!a} = {value[:40]!a}")
        most = limits.name_bytes if key == NAME else limits.label_value_bytes
        if _longer(key, limits.name_bytes):
            raise Refused(f"{name[:80]}: a label name has at most {limits.name_bytes} bytes")
        if _longer(value, most):
            raise Refused(f"{name[:80]}: the value of {key[:80]} has at most {most} bytes")


def _longer(text: str, most: int) -> bool:
    return len(text) * 4 > most and len(text.encode()) > most
