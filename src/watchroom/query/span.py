"""From the words of a request to the grid it is evaluated on."""

from watchroom.query import durations
from watchroom.query.errors import QueryError
from watchroom.query.plan import Grid, aligned

MOST_POINTS = 11_000
"""Points per series, as in Prometheus."""

GOAL_POINTS = 300
ROUND_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14_400,
    21_600,
    43_200,
)
SMOOTH_WINDOW = 5_000
"""Below it a window holds too few flushes of a second for a ratio or a quantile."""


def bounds(
    now: float, range_: str | None, start: float | None, end: float | None
) -> tuple[int, int]:
    """Return start and end in milliseconds; a range ends at `end`, which is now if not given.

    Raises:
        QueryError: start is not before end, or there are both a range and a start.
    """
    last = now if end is None else end
    if range_ is not None and start is not None:
        raise QueryError(
            "bad_range", "both range and start are given", "give range, or start and end"
        )
    first = last - durations.seconds(range_ or "1h") if start is None else start
    if not first < last:
        raise QueryError(
            "bad_range", f"start {first:.3f} is not before end {last:.3f}", "swap them"
        )
    return round(first * 1000), round(last * 1000)


def step_of(text: str | None, start: int, end: int) -> int:
    """Return the step in milliseconds; a round one with at most 300 points where none is given.

    Raises:
        QueryError: it is below a second, or makes too many points.
    """
    length = (end - start) / 1000.0
    if text is None:
        return 1000 * _round_step(length / GOAL_POINTS)
    step = durations.seconds(text, "step")
    if step < 1.0:
        raise QueryError("bad_step", f"step {text} is below 1s", "series have a sample a second")
    if length / step > MOST_POINTS:
        right = _round_step(length / MOST_POINTS)
        message = f"step {text} makes {int(length / step)} points, more than {MOST_POINTS}"
        raise QueryError("too_many_points", message, f"take a step of {right}s or more")
    return round(step * 1000)


def grid(start: int, end: int, step: int, *, smooth: bool) -> Grid:
    """Return the aligned grid, with wider windows where a step is too short for a ratio."""
    window = max(step, SMOOTH_WINDOW) if smooth else step
    return aligned(start, end, step, window)


def _round_step(seconds: float) -> int:
    for step in ROUND_STEPS:
        if step >= seconds:
            return step
    days = -(-seconds // 86_400)
    return int(days) * 86_400
