"""T1: what it costs to add one to a counter with two labels, drain included."""

from benchmarks import recording
from benchmarks.harness import Row, show


def rows() -> list[Row]:
    return recording.rows(
        "T1",
        "counter +1 with labels, drain included",
        "one C call",
        lambda recorder: recorder.count,
    )


if __name__ == "__main__":
    show(rows())
