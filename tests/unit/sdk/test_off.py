import inspect
import subprocess
import sys

import pytest

import watchroom
from watchroom.config.settings import switched_off
from watchroom.sdk import off, verbs

VERBS = [name for name in watchroom.__all__ if inspect.isfunction(getattr(verbs, name, None))]


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_takes_what_the_live_one_takes(name: str) -> None:
    parameters = inspect.signature(getattr(verbs, name)).parameters.values()
    given = {each.name: None for each in parameters if each.kind is not each.VAR_KEYWORD}
    getattr(off, name)(**given)


def test_the_instruments_keep_nothing() -> None:
    off.counter("jobs_total", ("queue",)).inc("mail")
    off.counter("jobs_total").add(3.0)
    off.gauge("depth").set(1.0)
    off.histogram("size").record(1.0)
    for instrument in (off.counter(""), off.gauge(""), off.histogram("")):
        instrument.drain()
        assert instrument.cells == {}


def test_a_timer_leaves_what_it_times_alone() -> None:
    def work() -> int:
        return 7

    timer = off.timer("work_seconds")
    assert timer(work) is work
    assert timer("mail")(work) is work
    with pytest.raises(ZeroDivisionError), timer, timer("mail"):
        work() / 0


def test_a_prediction_keeps_the_id_it_was_given() -> None:
    assert off.record_prediction("price", 1.0, id="mine") == "mine"
    assert off.record_prediction("price", 1.0) == ""
    assert off.record_outcome("mine", 1.0) is False


@pytest.mark.parametrize(
    ("word", "is_off"),
    [("false", True), ("0", True), ("true", False), ("", False), ("maybe", False)],
)
def test_the_environment_decides(word: str, *, is_off: bool) -> None:
    assert switched_off({"MONITORING_ENABLED": word}) is is_off


def test_the_door_serves_the_verbs_that_do_nothing() -> None:
    code = """
import threading, watchroom
watchroom.init("shop", enabled=True)
assert watchroom.counter.__module__ == "watchroom.sdk.off"
assert threading.active_count() == 1
"""
    environ = {"MONITORING_ENABLED": "false"}
    subprocess.run([sys.executable, "-c", code], env=environ, check=True, timeout=60)
