"""From found labels to a target."""

from typing import Any

import pytest
from tests.unit.ingest.scrape.jobs import job

from watchroom.ingest.scrape.relabel import rules
from watchroom.ingest.scrape.target import Dropped, Found, Target, resolve


def found(labels: dict[str, str], **given: Any) -> Found | Dropped:
    made = job(**given)
    return resolve(made, {"__address__": "a:9100", **labels}, rules(made.relabel_configs))


def target(labels: dict[str, str], **given: Any) -> Target:
    one = found(labels, **given)
    assert isinstance(one, Found)
    return one.target


def test_defaults() -> None:
    one = target({"env": "prod"})
    assert one.url == "http://a:9100/metrics"
    assert one.labels == (("env", "prod"), ("instance", "a:9100"), ("job", "node"))
    assert (one.interval, one.timeout) == (10.0, 5.0)


def test_everything_can_be_set_by_labels() -> None:
    one = target(
        {
            "__scheme__": "https",
            "__metrics_path__": "probe",
            "__param_module": "tcp",
            "__scrape_interval__": "1m",
            "__scrape_timeout__": "30s",
            "instance": "named",
            "job": "other",
        },
        params={"module": ["http", "dns"], "debug": ["a b"]},
    )
    assert one.url == "https://a:9100/probe?module=tcp&module=dns&debug=a+b"
    assert one.labels == (("instance", "named"), ("job", "other"))
    assert (one.interval, one.timeout) == (60.0, 30.0)


def test_the_blackbox_pattern() -> None:
    one = target(
        {},
        relabel_configs=[
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": "blackbox:9115"},
        ],
        metrics_path="/probe",
    )
    assert one.url == "http://blackbox:9115/probe?target=a%3A9100"
    assert dict(one.labels)["instance"] == "a:9100"


def test_unwanted() -> None:
    rule = {"source_labels": ["env"], "regex": "prod", "action": "drop"}
    one = found({"env": "prod"}, relabel_configs=[rule])
    assert isinstance(one, Dropped)
    assert one.discovered["__address__"] == "a:9100"


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({"__address__": ""}, "has the address ''"),
        ({"__address__": "a/b"}, "has the address 'a/b'"),
        ({"__scrape_interval__": "soon"}, "no duration"),
        ({"__scrape_timeout__": "11s"}, "between 0 and the interval 10s"),
    ],
)
def test_targets_that_make_no_sense(labels: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        found(labels)


def test_offsets_are_spread_and_stay() -> None:
    offsets = [target({"__address__": f"host-{i}:9100"}).offset() for i in range(200)]
    assert all(0 <= each < 10 for each in offsets)
    assert all(sum(low <= each < low + 2 for each in offsets) >= 10 for low in range(0, 10, 2))
    assert offsets[7] == target({"__address__": "host-7:9100"}).offset()
