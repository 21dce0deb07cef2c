"""Relabelling: rules that rewrite, keep and drop label sets.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import md5
from typing import Any, TypeAlias

import msgspec

Names: TypeAlias = dict[str, str]
Rule: TypeAlias = Callable[[Names], Names | None]
"""Returns the labels as they are then, or None where they are not wanted."""

_ANY = "(.*)"
_FIRST = "$1"
_NEED_TARGET = {"replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal"}
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)


class RelabelConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule, as it is written."""

    source_labels: tuple[str, ...] = ()
    separator: str = ";"
    target_label: str = ""
    regex: str = _ANY
    modulus: int = 0
    replacement: str = _FIRST
    action: str = "replace"

    def __post_init__(self) -> None:
        if self.kind not in _MAKERS:
            raise ValueError(
                f"there is no action {self.action!r}; there are {', '.join(sorted(_MAKERS))}"
            )
        compiled(self.regex)
        if self.kind in _NEED_TARGET and not self.target_label:
            raise ValueError(f"the action {self.kind} needs a target_label")
        if self.kind == "hashmod" and self.modulus <= 0:
            raise ValueError("the action hashmod needs a modulus above 0")
        if self.kind in {"labeldrop", "labelkeep"} and (self.source_labels or self.target_label):
            raise ValueError(f"the action {self.kind} takes a regex and nothing else")
        if self.kind in {"keepequal", "dropequal"} and (
            self.regex != _ANY or self.replacement != _FIRST
        ):
            raise ValueError(f"the action {self.kind} takes source_labels and target_label alone")

    @property
    def kind(self) -> str:
        """The action in small letters."""
        return self.action.lower()


def rules(configs: Iterable[RelabelConfig]) -> list[Rule]:
    """Return rules ready to run."""
    return [_MAKERS[config.kind](config) for config in configs]


def relabel(labels: Mapping[str, str], each: Sequence[Rule]) -> Names | None:
    """Return labels after the rules, without empty ones; None where they are not wanted."""
    now: Names | None = dict(labels)
    for rule in each:
        now = rule(now)  # type: ignore[arg-type]  # never None here
        if now is None:
            return None
    return {name: value for name, value in (now or {}).items() if value}


@cache
def compiled(pattern: str) -> Any:
    """Return a regular expression of RE2; it takes time linear in its text.

    Raises:
        ValueError: it is none.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?s:{pattern})", options)
    except re2.error as error:
        reason = (
            error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        )
        raise ValueError(f"{pattern!r} is no regular expression of RE2: {reason}") from None


def _replace(config: RelabelConfig) -> Rule:
    source, pattern = _source(config), compiled(config.regex)

    def rule(labels: Names) -> Names:
        found = pattern.fullmatch(source(labels))
        if found is None:
            return labels
        target = _expand(config.target_label, found)
        if target:
            labels[target] = _expand(config.replacement, found)
        return labels

    return rule


def _keep(config: RelabelConfig) -> Rule:
    source, pattern = _source(config), compiled(config.regex)
    return lambda labels: labels if pattern.fullmatch(source(labels)) else None


def _drop(config: RelabelConfig) -> Rule:
    source, pattern = _source(config), compiled(config.regex)
    return lambda labels: None if pattern.fullmatch(source(labels)) else labels


def _keepequal(config: RelabelConfig) -> Rule:
    source, target = _source(config), config.target_label
    return lambda labels: labels if source(labels) == labels.get(target, "") else None


def _dropequal(config: RelabelConfig) -> Rule:
    source, target = _source(config), config.target_label
    return lambda labels: None if source(labels) == labels.get(target, "") else labels


def _hashmod(config: RelabelConfig) -> Rule:
    source = _source(config)

    def rule(labels: Names) -> Names:
        digest = md5(source(labels).encode(), usedforsecurity=False).digest()
        number = int.from_bytes(digest[8:], "big") % config.modulus
        labels[config.target_label] = str(number)
        return labels

    return rule


def _labelmap(config: RelabelConfig) -> Rule:
    pattern = compiled(config.regex)

    def rule(labels: Names) -> Names:
        for name, value in list(labels.items()):
            found = pattern.fullmatch(name)
            if found is not None:
                labels[_expand(config.replacement, found)] = value
        return labels

    return rule


def _labeldrop(config: RelabelConfig) -> Rule:
    pattern = compiled(config.regex)
    return lambda labels: {
        name: value for name, value in labels.items() if not pattern.fullmatch(name)
    }


def _labelkeep(config: RelabelConfig) -> Rule:
    pattern = compiled(config.regex)
    return lambda labels: {name: value for name, value in labels.items() if pattern.fullmatch(name)}


def _cased(change: Callable[[str], str]) -> Callable[[RelabelConfig], Rule]:
    def make(config: RelabelConfig) -> Rule:
        source = _source(config)

        def rule(labels: Names) -> Names:
            labels[config.target_label] = change(source(labels))
            return labels

        return rule

    return make


def _source(config: RelabelConfig) -> Callable[[Names], str]:
    names, separator = config.source_labels, config.separator
    return lambda labels: separator.join([labels.get(name, "") for name in names])


def _expand(template: str, found: Any) -> str:
    """Return a template with what groups hold, as Go's regexp.Expand has it."""
    if "$" not in template:
        return template

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError):
            return ""

    return _REFERENCE.sub(group, template)


_MAKERS: dict[str, Callable[[RelabelConfig], Rule]] = {
    "replace": _replace,
    "keep": _keep,
    "drop": _drop,
    "keepequal": _keepequal,
    "dropequal": _dropequal,
    "hashmod": _hashmod,
    "labelmap": _labelmap,
    "labeldrop": _labeldrop,
    "labelkeep": _labelkeep,
    "lowercase": _cased(str.lower),
    "uppercase": _cased(str.upper),
}
