"""Forks and spawns: every process counts its own facts, once."""

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


def test_a_fork_counts_on_both_sides_and_nothing_twice(run, totals, tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    done = run(FORK.format(file=str(file)))
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
watchroom.counter("early_total").inc()
watchroom.init("work", file={str(file)!r}, enabled=True, series_limit=10_000)
jobs = watchroom.counter("jobs_total", ("queue",))
for number in range(50):
    jobs.inc(str(number))
watchroom.shutdown()
"""
    done = run(code, {"MONITORING_ENABLED": "false", "WATCHROOM_SERIES_LIMIT": "3"})
    assert (done.returncode, done.stderr) == (0, "")
    assert list(totals(file, "jobs_total").values()) == [50.0]
    assert totals(file, "early_total") == {}
    lines = file.read_text()
    assert lines.count('"queue"') == 50
    assert '"other"' not in lines
