"""From one answer to the next: samples, their ends, limits."""

from typing import Any

import pytest
from tests.unit.ingest.scrape.jobs import job

from watchroom.ingest.limits import Limits
from watchroom.ingest.scrape.fetching import Body, ScrapeFailed
from watchroom.ingest.scrape.reading import REPORT, Reading
from watchroom.ingest.scrape.relabel import rules
from watchroom.ingest.scrape.target import Target
from watchroom.model.labels import NAME, Labels
from watchroom.model.stale import marks_stale
from watchroom.storage.contract import Write

OWN = (("instance", "a:1"), ("job", "node"))


def reading(labels: Labels = OWN, **given: Any) -> Reading:
    made = job(**given)
    target = Target("node", "http://a:1/metrics", labels, 10.0, 5.0)
    return Reading(made, target, rules(made.metric_relabel_configs), Limits())


def body(*lines: str, openmetrics: bool = False) -> Body:
    return Body("".join(f"{line}\n" for line in lines).encode(), openmetrics)


def samples(write: Write, *hidden: str) -> dict[str, tuple[int, float | str]]:
    """Return time and value by series, without some labels."""
    found: dict[str, tuple[int, float | str]] = {}
    for labels, time, value in zip(write.series, write.times, write.values, strict=True):
        pairs = {key: each for key, each in labels if key not in hidden}
        name = pairs.pop(NAME)
        text = name + "".join(f" {key}={each}" for key, each in pairs.items())
        found[text] = int(time), "stale" if marks_stale(float(value)) else float(value)
    return found


def test_samples_get_the_labels_of_their_target() -> None:
    outcome = reading().read(body("a 1", 'b{x="y"} 2'), 1000)
    assert samples(outcome.write) == {
        "a instance=a:1 job=node": (1000, 1.0),
        "b instance=a:1 job=node x=y": (1000, 2.0),
    }
    assert outcome[1:] == (2, 2, 2)


def test_labels_that_collide() -> None:
    line = 'a{job="theirs",exported_job="older",instance=""} 1'
    ours = reading().read(body(line), 1).write
    assert samples(ours) == {
        "a exported_exported_job=theirs exported_job=older instance=a:1 job=node": (1, 1.0)
    }
    theirs = reading(honor_labels=True).read(body(line), 1).write
    assert samples(theirs) == {"a exported_job=older instance=a:1 job=theirs": (1, 1.0)}


def test_a_series_that_is_missing_ends() -> None:
    source = reading()
    source.read(body("a 1", "b 1"), 1000)
    outcome = source.read(body("b 2", "c 2"), 2000)
    assert samples(outcome.write, "instance", "job") == {
        "a": (2000, "stale"),
        "b": (2000, 2.0),
        "c": (2000, 2.0),
    }
    assert outcome.added == 1


def test_a_scrape_in_vain_ends_all_and_is_reported() -> None:
    source = reading()
    source.read(body("a 1"), 1000)
    outcome = source.failed(ScrapeFailed("away"), 2000)
    write = source.reported(outcome, 2000, 0.5, up=False)
    told = samples(write, "instance", "job")
    assert told == {
        "a": (2000, "stale"),
        "up": (2000, 0.0),
        "scrape_duration_seconds": (2000, 0.5),
        "scrape_samples_scraped": (2000, 0.0),
        "scrape_samples_post_metric_relabeling": (2000, 0.0),
        "scrape_series_added": (2000, 0.0),
    }
    assert source.read(body("a 1"), 3000).added == 1


def test_a_target_that_is_no_more_ends_with_its_report() -> None:
    source = reading()
    source.read(body("a 1"), 1000)
    told = samples(source.ended(2000), "instance", "job")
    assert set(told) == {"a", *REPORT}
    assert set(told.values()) == {(2000, "stale")}


def test_times_of_the_source() -> None:
    source = reading()
    source.read(body("a 1 500", "b 2"), 1000)
    outcome = source.read(body("b 2"), 2000)
    assert samples(outcome.write, "instance", "job") == {"b": (2000, 2.0)}
    ignored = reading(honor_timestamps=False)
    assert samples(ignored.read(body("a 1 500"), 1000).write, "instance", "job") == {
        "a": (1000, 1.0)
    }


def test_relabelling_of_metrics() -> None:
    source = reading(
        metric_relabel_configs=[
            {"source_labels": ["__name__"], "regex": "go_.*", "action": "drop"},
            {"regex": "id", "action": "labeldrop"},
        ]
    )
    outcome = source.read(body("go_x 1", 'a{id="7"} 2'), 1000)
    assert samples(outcome.write, "instance", "job") == {"a": (1000, 2.0)}
    assert (outcome.scraped, outcome.kept) == (2, 1)


def test_exemplars_and_metadata() -> None:
    text = ["# TYPE a counter", "# HELP a As.", 'a_total 3 # {trace_id="x"} 0.5 0.2', "# EOF"]
    source = reading()
    write = source.read(body(*text, openmetrics=True), 1000).write
    ((series, labels, time, value),) = write.exemplars
    assert dict(series)[NAME] == "a_total"
    assert (labels, time, value) == ((("trace_id", "x"),), 200, 0.5)
    assert [each.help for each in write.metadata] == ["As."]
    assert source.read(body(*text, openmetrics=True), 2000).write.metadata == ()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"sample_limit": 1}, "2 samples, sample_limit allows 1"),
        ({"label_limit": 3}, "label_limit allows 3"),
        ({"label_name_length_limit": 8}, "label_name_length_limit"),
        ({"label_value_length_limit": 3}, "label_value_length_limit"),
    ],
)
def test_limits(given: dict[str, int], reason: str) -> None:
    source = reading(**given)
    with pytest.raises(ScrapeFailed, match=reason):
        source.read(body("abcd 1", 'b{longername="y"} 2'), 1000)


def test_no_format_at_all() -> None:
    with pytest.raises(ScrapeFailed, match="line 1"):
        reading().read(body("<html>"), 1000)
