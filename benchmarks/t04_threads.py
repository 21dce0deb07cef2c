"""T4: facts per second that 8 threads record at once, until all are drained.

Each thread counts and times on the same two instruments. Wall time, since throughput is what the
threads get out of one interpreter together.
"""

import threading
import time
from functools import partial

from benchmarks import recording
from benchmarks.harness import Figure, Row, compare, peer, same, show
from benchmarks.recording import Recorder

THREADS = 8
FACTS = THREADS * 2 * recording.TURNS


def record(recorder: Recorder) -> float:
    """Return the seconds from the start of all threads to the end of the drain."""
    start = threading.Barrier(THREADS + 1)

    def work() -> None:
        start.wait()
        recorder.count()
        recorder.time()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    start.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    recorder.drain()
    return time.perf_counter() - started


def rows() -> list[Row]:
    names = ("watchroom", "prometheus-client", "floor")
    made = {name: recording.RECORDERS[name]() for name in names}
    figures = compare({name: partial(record, each) for name, each in made.items()})
    same({name: each.counted() for name, each in made.items() if name != "floor"})
    ours, theirs = figures["watchroom"], figures["prometheus-client"]
    return [
        Row(
            "T4",
            f"{THREADS} threads recording, drain included",
            rate(ours),
            peer("prometheus-client"),
            rate(theirs),
            theirs.median / ours.median,
            4.0,
            f"the GIL, with one C call a fact: {rate(figures['floor'])}",
            at_least=True,
        )
    ]


def rate(seconds: Figure) -> str:
    """Write the facts per second of a run, with its spread."""
    spread = seconds.spread / seconds.median
    return f"{FACTS / seconds.median / 1e6:.2f} M/s ±{spread * 100:.0f} %"


if __name__ == "__main__":
    show(rows())
