"""T2: what it costs to record a duration with two labels, drain included."""

from benchmarks import recording
from benchmarks.harness import Row, compare, micro, peer, show

TARGETS = {"prometheus-client": 0.25, "opentelemetry-sdk": 0.10}


def rows() -> list[Row]:
    figures = compare(recording.measured(lambda recorder: recorder.time), recording.ROUNDS)
    ours = figures["watchroom"]
    return [
        Row(
            "T2",
            "record a duration with labels, drain included",
            micro(ours),
            peer(name),
            micro(figures[name]),
            ours.median / figures[name].median,
            target,
            f"clock read + append {micro(figures['floor'])}",
        )
        for name, target in TARGETS.items()
    ]


if __name__ == "__main__":
    show(rows())
