"""T2: what it costs to record a duration with two labels, drain included."""

from benchmarks import recording
from benchmarks.harness import Row, show


def rows() -> list[Row]:
    return recording.rows(
        "T2",
        "record a duration with labels, drain included",
        "clock read + append",
        lambda recorder: recorder.time,
    )


if __name__ == "__main__":
    show(rows())
