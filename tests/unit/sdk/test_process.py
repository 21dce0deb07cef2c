import os
import threading

import psutil
import pytest

from watchroom.runtime.clock import SystemClock
from watchroom.sdk.process import Process
from watchroom.sdk.registry import Registry


def read(registry: Registry) -> dict[str, float]:
    return {dict(labels)["__name__"]: value for labels, _, value in registry.read()}  # type: ignore[misc]


@pytest.mark.parametrize("with_psutil", [True, False])
def test_the_figures_are_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch, *, with_psutil: bool
) -> None:
    registry = Registry()
    process = Process(registry, SystemClock.now)
    if not with_psutil:
        monkeypatch.setattr(process, "_psutil", None)
    process.read()
    found = read(registry)
    me = psutil.Process()
    times = os.times()
    assert 0 < found["process_cpu_seconds_total"] <= times.user + times.system
    assert found["process_resident_memory_bytes"] == pytest.approx(me.memory_info().rss, rel=0.2)
    assert found["process_threads"] >= threading.active_count()
    assert 0 <= found["process_uptime_seconds"] < 86_400
    assert 0 < found["system_disk_usage_ratio"] < 1
    assert found["process_open_fds"] >= 3


def test_time_on_the_processor_is_counted_once() -> None:
    registry = Registry()
    process = Process(registry, SystemClock.now)
    for _ in range(3):
        process.read()
    spent = os.times()
    assert read(registry)["process_cpu_seconds_total"] <= spent.user + spent.system
