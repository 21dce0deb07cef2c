"""What a process says of itself: CPU, memory, threads, descriptors, uptime, the disk under it."""

import os
import resource
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchroom.sdk.instruments import Counter, Gauge
from watchroom.sdk.registry import Registry


class Process:
    """Reads the process at every flush, through psutil where it is installed."""

    def __init__(self, registry: Registry, now: Callable[[], float]) -> None:
        make = registry.instrument
        self._now = now
        self._psutil = _psutil()
        self._started = self._psutil.create_time() if self._psutil else now()
        self._spent = 0.0
        self._cpu = make(Counter, "process_cpu_seconds_total", unit="s")
        self._memory = make(Gauge, "process_resident_memory_bytes", unit="By")
        self._threads = make(Gauge, "process_threads")
        self._files = make(Gauge, "process_open_fds")
        self._start = make(Gauge, "process_start_time_seconds", unit="s")
        self._uptime = make(Gauge, "process_uptime_seconds", unit="s")
        self._disk = make(Gauge, "system_disk_usage_ratio", ("mountpoint",), unit="1")

    def read(self) -> None:
        """Record the figures of now."""
        times = os.times()
        spent = times.user + times.system
        self._cpu.add(max(0.0, spent - self._spent))
        self._spent = spent
        self._memory.set(float(self._resident()))
        self._threads.set(float(self._thread_count()))
        files = _open_files()
        if files is not None:
            self._files.set(float(files))
        self._start.set(self._started)
        self._uptime.set(self._now() - self._started)
        disk = shutil.disk_usage("/")
        self._disk.set(disk.used / (disk.used + disk.free), "/")

    def _resident(self) -> int:
        if self._psutil:
            return int(self._psutil.memory_info().rss)
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return peak if sys.platform == "darwin" else peak * 1024

    def _thread_count(self) -> int:
        return int(self._psutil.num_threads()) if self._psutil else threading.active_count()


def _open_files() -> int | None:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(os.listdir(folder))  # noqa: PTH208 - counts, makes no paths
        except OSError:
            continue
    return None


def _psutil() -> Any:
    try:
        import psutil
    except ImportError:
        return None
    return psutil.Process()
