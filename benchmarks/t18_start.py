"""T18: what a program pays from its start to its first record, beside the bare interpreter.

Each run is a process of its own, and its CPU time is what the system says when it has ended. The
program that stops at its first record leaves the sender's work undone, so one that ends as usual,
batch and spool included, is measured beside it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable

from benchmarks.harness import Figure, Row, compare, show
from benchmarks.processes import free_port

RECORD = "import watchroom; watchroom.init('bench'); watchroom.counter('jobs_total').inc()"
PROGRAMS = {
    "interpreter": "import os; os._exit(0)",
    "first record": f"{RECORD}; import os; os._exit(0)",
    "interpreter, whole": "pass",
    "whole": RECORD,
}
LIMIT_SECONDS = 0.020
ROUNDS = 10


def starter(program: str, folder: str) -> Callable[[], float]:
    """Return the measurement of one program: the CPU seconds of its process."""
    environ = {
        **os.environ,
        "WATCHROOM_SPOOL_DIR": folder,
        "WATCHROOM_URL": f"http://127.0.0.1:{free_port()}",
    }

    def run() -> float:
        process = subprocess.Popen([sys.executable, "-c", program], env=environ)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{program!r} ended with {process.returncode}")
        return usage.ru_utime + usage.ru_stime

    return run


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        starters = {name: starter(program, folder) for name, program in PROGRAMS.items()}
        figures = compare(starters, ROUNDS)
    bare, first = figures["interpreter"], figures["first record"]
    whole = figures["whole"].median - figures["interpreter, whole"].median
    added = first.median - bare.median
    return [
        Row(
            "T18",
            f"import + init to first record, over the interpreter's ÷ {LIMIT_SECONDS * 1e3:.0f} ms",
            f"{milli(first)}; to the end, a batch spooled: +{whole * 1e3:.1f} ms",
            f"python {sys.version.split()[0]}",
            milli(bare),
            added / LIMIT_SECONDS,
            1.0,
            "the interpreter",
        )
    ]


def milli(seconds: Figure) -> str:
    """Write a figure in milliseconds."""
    return f"{seconds.median * 1e3:.1f} ±{seconds.spread * 1e3:.1f} ms"


if __name__ == "__main__":
    show(rows())
