"""Relabelling, each action as Prometheus documents it."""

from typing import Any

import msgspec
import pytest

from watchroom.ingest.scrape.relabel import RelabelConfig, relabel, rules

FROM = {"__address__": "db-1:9100", "__meta_rack": "r7", "__meta_row": "", "env": "prod"}


def after(*configs: dict[str, Any], labels: dict[str, str] | None = None) -> dict[str, str] | None:
    made = [msgspec.convert(config, RelabelConfig) for config in configs]
    return relabel(FROM if labels is None else labels, rules(made))


def changed(*configs: dict[str, Any]) -> dict[str, str]:
    """Return the labels that are new or have another value."""
    found = after(*configs)
    assert found is not None
    return {name: value for name, value in found.items() if FROM.get(name) != value}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"source_labels": ["env"], "target_label": "stage"}, {"stage": "prod"}),
        ({"source_labels": ["env", "__meta_rack"], "target_label": "a"}, {"a": "prod;r7"}),
        (
            {"source_labels": ["env", "none"], "separator": "/", "target_label": "a"},
            {"a": "prod/"},
        ),
        ({"target_label": "a", "replacement": "fixed"}, {"a": "fixed"}),
        (
            {"source_labels": ["__address__"], "regex": "(.+):.*", "target_label": "host"},
            {"host": "db-1"},
        ),
        (
            {
                "source_labels": ["__address__"],
                "regex": "(?P<name>.+)-(.)(?:.*)",
                "target_label": "n_${2}",
                "replacement": "$name-${name}-$2x-$$",
            },
            {"n_1": "db-db--$"},
        ),
        ({"source_labels": ["env"], "regex": "rod", "target_label": "a"}, {}),
        ({"source_labels": ["env"], "target_label": "a", "action": "uppercase"}, {"a": "PROD"}),
        ({"source_labels": ["env"], "target_label": "a", "action": "Lowercase"}, {"a": "prod"}),
        (
            {
                "source_labels": ["__address__"],
                "target_label": "shard",
                "modulus": 8,
                "action": "hashmod",
            },
            {"shard": "7"},
        ),
        (
            {"regex": "__meta_(.+)", "action": "labelmap"},
            {"rack": "r7"},
        ),
        (
            {"regex": "__meta_(.+)", "replacement": "at_$1", "action": "labelmap"},
            {"at_rack": "r7"},
        ),
    ],
)
def test_changes(config: dict[str, Any], told: dict[str, str]) -> None:
    assert changed(config) == told


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({"source_labels": ["env"], "regex": "prod|test", "action": "keep"}, True),
        ({"source_labels": ["env"], "regex": "pro", "action": "keep"}, False),
        ({"source_labels": ["env"], "regex": "prod", "action": "drop"}, False),
        ({"source_labels": ["env"], "regex": "pro", "action": "drop"}, True),
        ({"source_labels": ["env"], "target_label": "env", "action": "keepequal"}, True),
        ({"source_labels": ["env"], "target_label": "__meta_rack", "action": "keepequal"}, False),
        ({"source_labels": ["env"], "target_label": "env", "action": "dropequal"}, False),
        ({"source_labels": ["env"], "target_label": "none", "action": "dropequal"}, True),
        ({"regex": ".*\n.*", "source_labels": ["lines"], "action": "drop"}, False),
    ],
)
def test_choices(config: dict[str, Any], kept: bool) -> None:
    assert (after(config, labels={**FROM, "lines": "a\nb"}) is not None) is kept


def test_names_alone() -> None:
    assert after({"regex": "__.*", "action": "labeldrop"}) == {"env": "prod"}
    assert after({"regex": "env|job", "action": "labelkeep"}) == {"env": "prod"}


def test_an_empty_replacement_takes_the_label_away() -> None:
    found = after({"target_label": "env", "replacement": ""})
    assert found is not None
    assert "env" not in found


def test_rules_run_in_order() -> None:
    told = changed(
        {"target_label": "a", "replacement": "1"},
        {"source_labels": ["a"], "regex": "1", "target_label": "b", "replacement": "2"},
    )
    assert told == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"action": "rename"}, "there is no action 'rename'"),
        ({"regex": "("}, "no regular expression of RE2: missing"),
        ({"regex": "(a)\\1"}, "no regular expression"),
        ({}, "needs a target_label"),
        ({"action": "hashmod", "target_label": "a"}, "modulus above 0"),
        ({"action": "labeldrop", "regex": "a", "source_labels": ["b"]}, "and nothing else"),
        (
            {"action": "keepequal", "source_labels": ["a"], "target_label": "b", "regex": "x"},
            "alone",
        ),
    ],
)
def test_rules_that_make_no_sense(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=reason.replace("(", r"\(")):
        msgspec.convert(config, RelabelConfig)
