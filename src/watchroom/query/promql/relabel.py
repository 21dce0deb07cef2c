"""label_replace and label_join."""

import re
from collections.abc import Callable, Sequence

from watchroom.model.labels import Labels, value_of
from watchroom.query.errors import QueryError
from watchroom.query.promql.text import is_label_name
from watchroom.query.promql.values import Vector, joined

_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


def label_replace(vector: Vector, target: str, template: str, source: str, pattern: str) -> Vector:
    """Return the series with a label made of what a regex found in another one.

    `$1` or `${name}` in the template stand for groups. Where the whole value does not match, the
    labels stay; an empty result removes the label.

    Raises:
        QueryError: the regex or the label's name is wrong, or two series become the same.
    """
    find = _finder(pattern)
    _check(target, "destination", "label_replace")

    def changed(labels: Labels) -> Labels:
        groups = find(value_of(labels, source))
        return labels if groups is None else _with(labels, target, _expanded(template, groups))

    return joined(vector._replace(labels=[changed(each) for each in vector.labels]))


def label_join(vector: Vector, target: str, separator: str, sources: Sequence[str]) -> Vector:
    """Return the series with a label made of the values of others.

    Raises:
        QueryError: the label's name is wrong, or two series become the same.
    """
    for source in sources:
        _check(source, "source", "label_join")
    _check(target, "destination", "label_join")

    def changed(labels: Labels) -> Labels:
        return _with(labels, target, separator.join(value_of(labels, each) for each in sources))

    return joined(vector._replace(labels=[changed(each) for each in vector.labels]))


def _check(name: str, what: str, function: str) -> None:
    if not is_label_name(name):
        raise QueryError("execution", f"invalid {what} label name in {function}(): {name!a}")


def _with(labels: Labels, name: str, value: str) -> Labels:
    kept = [pair for pair in labels if pair[0] != name]
    return tuple(sorted([*kept, (name, value)] if value else kept))


Groups = dict[str, str]


def _finder(pattern: str) -> Callable[[str], Groups | None]:
    """Return what finds the groups of a whole match, by number and by name."""
    import re2  # a server without queries does not need it

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(f"(?s:{pattern})", options)
    except re2.error:
        raise QueryError(
            "execution",
            f"invalid regular expression in label_replace(): {pattern}",
            "the syntax is that of RE2",
        ) from None
    names = {str(number): name for name, number in compiled.groupindex.items()}

    def find(value: str) -> Groups | None:
        match = compiled.fullmatch(value)
        if match is None:
            return None
        found = {str(i): match.group(i) or "" for i in range(compiled.groups + 1)}
        return found | {name: found[number] for number, name in names.items()}

    return find


def _expanded(template: str, groups: Groups) -> str:
    """Return the template with its references replaced, as Go's regexp does it.

    `$name` takes as many letters, digits and underscores as follow; an unknown group is empty.
    """

    def replaced(reference: "re.Match[str]") -> str:
        if reference[0] == "$$":
            return "$"
        return groups.get(reference[1] or reference[2], "")

    return _REFERENCE.sub(replaced, template)
