"""T1: what it costs to add one to a counter with two labels, drain included."""

from benchmarks import recording
from benchmarks.harness import Row, compare, micro, peer, show

TARGETS = {"prometheus-client": 0.25, "opentelemetry-sdk": 0.10}


def rows() -> list[Row]:
    figures = compare(recording.measured(lambda recorder: recorder.count), recording.ROUNDS)
    ours = figures["watchroom"]
    return [
        Row(
            "T1",
            "counter +1 with labels, drain included",
            micro(ours),
            peer(name),
            micro(figures[name]),
            ours.median / figures[name].median,
            target,
            f"one C call {micro(figures['floor'])}",
        )
        for name, target in TARGETS.items()
    ]


if __name__ == "__main__":
    show(rows())
