"""Names people use for labels, and the conditions they write."""

import re
from collections.abc import Iterable, Sequence

from watchroom.model.labels import INSTANCE, JOB, NAME
from watchroom.query.errors import QueryError
from watchroom.storage.contract import Matcher

ALIASES = {
    "endpoint": "http_route",
    "method": "http_request_method",
    "status": "http_response_status_code",
    "service": JOB,
    "instance": INSTANCE,
}
"""Short names; any other name is a label's own."""

_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HINT = f"use {', '.join(ALIASES)}, model, cache, or a label's own name"


def label(name: str) -> str:
    """Return the label behind a name.

    Raises:
        QueryError: no label can have that name.
    """
    if not _LABEL.fullmatch(name):
        raise QueryError("bad_label", f"{name!r} is no label", _HINT)
    return ALIASES.get(name, name)


def conditions(where: Iterable[str]) -> list[Matcher]:
    """Return the matchers of `label=value` conditions."""
    matchers = []
    for text in where:
        name, equals, value = text.partition("=")
        if not equals:
            raise QueryError("bad_where", f"where {text!r} has no '='", "where=endpoint=/predict")
        matchers.append(Matcher(label(name.strip()), "=", value))
    return matchers


def named(names: Sequence[str]) -> Matcher:
    """Return the matcher of any of the metrics."""
    if len(names) == 1:
        return Matcher(NAME, "=", names[0])
    return Matcher(NAME, "=~", "|".join(re.escape(name) for name in sorted(names)))


def of_service(service: str | None) -> list[Matcher]:
    """Return the matchers of a service; None is all of them."""
    return [] if service is None else [Matcher(JOB, "=", service)]
