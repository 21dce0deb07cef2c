"""A training that writes its metrics to a file: `python examples/training.py metrics.jsonl`

The lines are OTLP-JSON, so the OpenTelemetry Collector and others read them too.
"""

import math
import sys

import watchroom

EPOCHS = 3
STEPS = 20

watchroom.init("training-example", file=sys.argv[1] if len(sys.argv) > 1 else "metrics.jsonl")

samples = watchroom.counter("training_samples_total", unit="{sample}", help="samples seen")
loss = watchroom.gauge("training_loss", ("split",), help="mean loss of the last step")
norms = watchroom.histogram("training_gradient_norm", help="length of the gradient")
steps = watchroom.timer("training_step_seconds", help="time of one step")


@steps
def step(number: int) -> float:
    """Return the gradient of a parabola, whose minimum is the goal."""
    return 2.0 * math.exp(-number / 25)


watchroom.event("training.started", epochs=EPOCHS, steps=STEPS)
for epoch in range(EPOCHS):
    for index in range(STEPS):
        gradient = step(epoch * STEPS + index)
        norms.record(gradient)
        samples.add(32)
        loss.set(gradient**2 / 4, "train")
    watchroom.event("training.epoch", {"epoch": epoch, "loss": gradient**2 / 4})
watchroom.event("training.ended", level="INFO")

# What is left is written when the interpreter exits; this says when, and how long it may take.
watchroom.shutdown(timeout=2.0)
