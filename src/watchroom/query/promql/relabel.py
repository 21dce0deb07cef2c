"""label_replace and label_join."""

import re
from collections.abc import Callable, Sequence

from watchroom.model.labels import Labels, value_of
from watchroom.query.errors import QueryError
from watchroom.query.promql.text import is_label_name
from watchroom.query.promql.values import Vector, joined

_LONGEST_PATTERN = 10_000
"""Characters of a regex with groups: what those within groups take is quadratic."""
_MOST_CHARACTERS = 64 << 20
"""Of the labels of all series that one call makes."""
_LONGEST_VALUE = 1 << 20
"""Characters of one label that a call makes."""
_SHORTER = "make shorter ones, or of fewer series"
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

    return _relabelled(vector, changed)


def label_join(vector: Vector, target: str, separator: str, sources: Sequence[str]) -> Vector:
    """Return the series with a label made of the values of others.

    Raises:
        QueryError: the label's name is wrong, or two series become the same.
    """
    for source in sources:
        _check(source, "source", "label_join")
    _check(target, "destination", "label_join")

    def changed(labels: Labels) -> Labels:
        values = [value_of(labels, each) for each in sources]
        _check_length(sum(map(len, values)) + len(separator) * len(values))
        return _with(labels, target, separator.join(values))

    return _relabelled(vector, changed)


def _relabelled(vector: Vector, changed: Callable[[Labels], Labels]) -> Vector:
    made, left = [], _MOST_CHARACTERS
    for each in vector.labels:
        made.append(changed(each))
        left -= sum(len(value) for _, value in made[-1])
        if left < 0:
            raise QueryError(
                "execution",
                f"the labels would have more than {_MOST_CHARACTERS} characters together",
                _SHORTER,
            )
    return joined(vector._replace(labels=made))


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

    if len(pattern) > _LONGEST_PATTERN:
        raise QueryError(
            "execution",
            f"invalid regular expression in label_replace(): it has {len(pattern)} characters",
            f"at most {_LONGEST_PATTERN} are allowed",
        )
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(f"(?s:{pattern})", options)
    except (re2.error, UnicodeEncodeError):
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

    longest = max(map(len, groups.values()), default=0)
    _check_length(len(template) + template.count("$") * longest)
    return _REFERENCE.sub(replaced, template)


def _check_length(characters: int) -> None:
    """Refuse a label before it is made. Raises QueryError."""
    if characters > _LONGEST_VALUE:
        raise QueryError(
            "execution", f"a label would have more than {_LONGEST_VALUE} characters", _SHORTER
        )
