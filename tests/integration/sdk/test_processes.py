"""Forks and spawns: every process counts its own facts, once."""

import json
from pathlib import Path

import pytest

CHILDREN = """
import multiprocessing
import watchroom

def work(times):
    watchroom.init("work", file={file!r})
    jobs = watchroom.counter("jobs_total", ("queue",))
    for _ in range(times):
        jobs.inc("mail")

if __name__ == "__main__":
    watchroom.init("work", file={file!r})
    watchroom.counter("jobs_total", ("queue",)).add(7, "mail")
    context = multiprocessing.get_context({method!r})
    children = [context.Process(target=work, args=(100,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    watchroom.shutdown()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_of_multiprocessing_lose_nothing(run, totals, tmp_path: Path, method) -> None:
    file = tmp_path / "metrics.jsonl"
    done = run(CHILDREN.format(file=str(file), method=method))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(totals(file, "jobs_total").values()) == [7.0, 100.0, 100.0, 100.0]


INIT_IN_CHILD = """
import concurrent.futures
import multiprocessing
import watchroom

def begin():
    watchroom.init("work", file={file!r})

def work(times):
    begin()
    for _ in range(times):
        watchroom.counter("jobs_total").inc()

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    child = context.Process(target=work, args=(100,))
    child.start()
    child.join()
    with concurrent.futures.ProcessPoolExecutor(2, context, initializer=begin) as pool:
        list(pool.map(work, [10] * 5))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_that_begin_by_themselves_lose_nothing(run, totals, tmp_path, method) -> None:
    file = tmp_path / "metrics.jsonl"
    done = run(INIT_IN_CHILD.format(file=str(file), method=method))
    assert (done.returncode, done.stderr) == (0, "")
    assert sum(totals(file, "jobs_total").values()) == 150.0


FORK = """
import os, sys
import watchroom

watchroom.init("work", file={file!r})
jobs = watchroom.counter("jobs_total")
jobs.add(5)
child = os.fork()
jobs.add(1 if child else 2)
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""

FORK_AMID_LOADING = """
import os, sys, time
import watchroom

watchroom.init("work", file={file!r})
jobs = watchroom.counter("jobs_total")
jobs.add(5)
while "watchroom.sdk.sender" not in sys.modules:
    time.sleep(0)
child = os.fork()
jobs.add(1 if child else 2)
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.mark.parametrize("code", [FORK, FORK_AMID_LOADING], ids=["at rest", "amid loading"])
def test_a_fork_counts_on_both_sides_and_nothing_twice(run, totals, tmp_path: Path, code) -> None:
    file = tmp_path / "metrics.jsonl"
    done = run(code.format(file=str(file)))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(totals(file, "jobs_total").values()) == [2.0, 6.0]


def test_off_is_silent_however_often_it_is_said(run) -> None:
    code = """
import threading
import watchroom
watchroom.init("work", enabled=False)
watchroom.init("work", enabled=False)
watchroom.counter("jobs_total").inc()
watchroom.record_cache("features", True)
assert threading.active_count() == 1
"""
    done = run(code, {"MONITORING_ENABLED": "false"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_code_says_wins_over_the_environment(run, totals, tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    code = f"""
import watchroom
watchroom.init("work", enabled=False)
watchroom.counter("early_total").inc()
watchroom.init("work", file={str(file)!r}, enabled=True, series_limit=10_000)
jobs = watchroom.counter("jobs_total", ("queue",))
for number in range(50):
    jobs.inc(str(number))
watchroom.shutdown()
"""
    done = run(code, {"WATCHROOM_SERIES_LIMIT": "3"})
    assert (done.returncode, done.stderr) == (0, "")
    assert list(totals(file, "jobs_total").values()) == [50.0]
    assert totals(file, "early_total") == {}
    lines = file.read_text()
    assert lines.count('"queue"') == 50
    assert '"other"' not in lines


def test_mistakes_of_the_program_are_told_and_never_raised(run, totals, tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    code = f"""
import watchroom
watchroom.init("work", file={str(file)!r})
for verb in (watchroom.counter, watchroom.gauge, watchroom.histogram):
    refused = verb("a bad name")
    for fact in ("inc", "add", "set", "record"):
        if hasattr(refused, fact):
            getattr(refused, fact)(*() if fact == "inc" else (1.0,))
with watchroom.timer("also bad")():
    pass
watchroom.counter("jobs_total").inc("a label too many")
watchroom.gauge("jobs_total").set(1.0)
watchroom.record_request("/", "slow", 200)
assert watchroom.record_prediction("model", "text") == ""
assert watchroom.record_outcome(None, None) is False
watchroom.init("work", no_such_setting=1)
watchroom.counter("jobs_total").add(3)
watchroom.shutdown()
"""
    done = run(code)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
    assert list(totals(file, "jobs_total").values()) == [3.0]


def test_an_event_says_what_it_can_of_any_payload(run, totals, tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    code = f"""
import numpy, pathlib, watchroom
watchroom.init("work", file={str(file)!r})
watchroom.counter("jobs_total").inc()
watchroom.event("odd", {{
    1: numpy.float32(0.5), "path": pathlib.Path("a"), "set": {{3}}, "array": numpy.arange(2),
}})
watchroom.shutdown()
"""
    done = run(code)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(totals(file, "jobs_total").values()) == [1.0]
    record = json.loads(file.read_text().splitlines()[1])["resourceLogs"][0]["scopeLogs"][0]
    payload = json.loads(record["logRecords"][0]["body"]["stringValue"])
    assert payload == {"1": 0.5, "path": "a", "set": [3], "array": "[0 1]"}
