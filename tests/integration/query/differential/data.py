"""Random series that have what makes PromQL hard, the same ones for the same seed.

Values are whole numbers or eighths where a sum of them is to be exact in any order, since 2.42 adds
naively and 3.x compensates. Sample times are never on a whole or half second: queries are evaluated
at half seconds and subqueries at whole ones, so that no sample is ever on the edge of a window.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

from watchroom.model import stale
from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels, labels

START = 1_700_000_000_000
"""The first moment of the data, in milliseconds since the epoch."""
SPAN = 45 * 60_000
"""How long the data are, in milliseconds."""
STALE = "stale"
"""In the place of a value: the series ends here."""

JOBS = ("api", "web")
INSTANCES = ("a:1", "b:1", "c:1")
BOUNDS = ("0.1", "0.5", "1", "5", "+Inf")


class Line(NamedTuple):
    """One series: pairs of time in ms and value, in time order."""

    labels: Labels
    samples: list[tuple[int, float | str | Histogram]]


def series(seed: int) -> list[Line]:
    """Return the series of a seed."""
    draw = random.Random(seed)
    found: list[Line] = []
    for make in (counters, fresh, gauges, flags, information, odd, extremes, classic, native):
        found += make(draw)
    return found


def shared(step: int = 15_000, offset: int = 137) -> Iterator[int]:
    """Yield the times that every series of a job shares."""
    yield from range(START + offset, START + SPAN, step)


def unsynchronised(draw: random.Random, step: int) -> Iterator[int]:
    """Yield times of a series' own: a phase of its own, and some jitter."""
    time = START + draw.randrange(step)
    while time < START + SPAN:
        yield time - time % 500 + draw.randrange(20, 480)
        time += step + draw.randrange(-step // 8, step // 8 + 1)


def gappy(draw: random.Random, line: Line, *, gaps: int = 2, stale: float = 0.4) -> Line:
    """Return a series with holes, some of which begin with a stale marker."""
    samples = line.samples
    for _ in range(draw.randrange(gaps + 1)):
        if len(samples) < 20:
            break
        first = draw.randrange(len(samples) - 10)
        rest = samples[first + draw.randrange(1, 60) :]
        marked = [(samples[first][0], STALE)] if draw.random() < stale else []
        samples = [*samples[:first], *marked, *rest]
    return line._replace(samples=samples)


def counters(draw: random.Random) -> Iterator[Line]:
    """Yield counters that are large from the start, with resets, at shared times."""
    for job in JOBS:
        for instance in INSTANCES:
            for code in ("200", "404", "500"):
                value = float(draw.randrange(1_000_000, 2_000_000))
                pace, calm = draw.choice((1, 40, 900)), draw.random() < 0.2
                samples = []
                for time in shared():
                    value += 0 if calm and draw.random() < 0.8 else draw.randrange(pace + 1)
                    if draw.random() < 0.006:
                        value = float(draw.randrange(500_000, 600_000))
                    samples.append((time, value))
                named = labels("requests_total", {"job": job, "instance": instance, "code": code})
                yield gappy(draw, Line(named, samples))


def fresh(draw: random.Random) -> Iterator[Line]:
    """Yield counters that begin at nothing while we look."""
    for instance in INSTANCES:
        value, begin = 0.0, START + draw.randrange(SPAN // 2)
        samples = []
        for time in unsynchronised(draw, 10_000):
            if time >= begin:
                samples.append((time, value))
                value += draw.randrange(3, 6)
        yield Line(labels("jobs_total", {"job": "batch", "instance": instance}), samples)


def gauges(draw: random.Random) -> Iterator[Line]:
    """Yield gauges of eighths, no two of which are ever equal, each at times of its own."""
    for number, (job, instance) in enumerate((j, i) for j in JOBS for i in INSTANCES):
        for room in ("north", "south"):
            own = (2 * number + (room == "south")) / 128
            step = draw.choice((7_000, 15_000, 30_000, 61_000))
            samples = [
                (time, draw.randrange(-800, 3_200) / 8 + own) for time in unsynchronised(draw, step)
            ]
            named = labels("temperature", {"job": job, "instance": instance, "room": room})
            yield gappy(draw, Line(named, samples), gaps=3)


def flags(draw: random.Random) -> Iterator[Line]:
    """Yield gauges that are nought or one."""
    for job in JOBS:
        for instance in INSTANCES:
            samples = [(time, float(draw.random() < 0.7)) for time in shared(offset=211)]
            yield gappy(draw, Line(labels("up", {"job": job, "instance": instance}), samples))


def information(draw: random.Random) -> Iterator[Line]:
    """Yield series that are always one and carry labels, for `group_left`."""
    for job in JOBS:
        for instance in INSTANCES:
            named = labels(
                "build_info",
                {"job": job, "instance": instance, "version": draw.choice(("1.0", "1.1", "2.0"))},
            )
            yield Line(named, [(time, 1.0) for time in shared(30_000, offset=307)])


def odd(draw: random.Random) -> Iterator[Line]:
    """Yield series of values that are no numbers, or are none that one expects."""
    values = {
        "nan": (float("nan"),),
        "infinite": (float("inf"), 1.0, -2.5),
        "both": (float("inf"), float("-inf"), 0.0),
        "mixed": (float("nan"), float("inf"), 3.0, -0.0, 7.25),
        "zero": (0.0, -0.0),
        "constant": (42.0,),
    }
    for kind, choices in values.items():
        times = shared() if draw.random() < 0.5 else unsynchronised(draw, 20_000)
        samples = [(time, draw.choice(choices)) for time in times]
        yield Line(labels("odd", {"kind": kind}), samples)


def extremes(draw: random.Random) -> Iterator[Line]:
    """Yield values near the ends of what a double can hold."""
    for size, scale in (("huge", 2.0**1000), ("tiny", 2.0**-1000)):
        samples = [(time, draw.randrange(1, 64) * scale) for time in shared(20_000, 419)]
        yield Line(labels("extreme", {"size": size}), samples)


def classic(draw: random.Random) -> Iterator[Line]:
    """Yield the series of classic histograms, with resets."""
    for job in JOBS:
        for instance in INSTANCES[:2]:
            counts, total = [draw.randrange(1000, 2000) for _ in BOUNDS], 5000.0
            rows: list[tuple[int, list[int], float]] = []
            for time in shared(offset=571):
                counts = [count + draw.randrange(4) for count in counts]
                total += draw.randrange(80) / 8
                if draw.random() < 0.004:
                    counts, total = [draw.randrange(400, 900) for _ in BOUNDS], 2000.0
                rows.append((time, [sum(counts[: k + 1]) for k in range(len(counts))], total))
            yield from _classic({"job": job, "instance": instance}, rows)


def _classic(own: dict[str, str], rows: list[tuple[int, list[int], float]]) -> Iterator[Line]:
    for number, bound in enumerate(BOUNDS):
        samples = [(time, float(counts[number])) for time, counts, _ in rows]
        yield Line(labels("latency_bucket", {**own, "le": bound}), samples)
    whole = [(time, float(counts[-1])) for time, counts, _ in rows]
    yield Line(labels("latency_count", own), whole)
    yield Line(labels("latency_sum", own), [(time, total) for time, _, total in rows])


def native(draw: random.Random) -> Iterator[Line]:
    """Yield native histograms: buckets that appear, resets, gaps, a schema that changes."""
    for job in JOBS:
        for instance in INSTANCES[:2]:
            named = labels("rpc_seconds", {"job": job, "instance": instance})
            line = gappy(draw, Line(named, list(_native(draw))))
            # a marker among histograms is a histogram, too
            marker = Histogram(sum=stale.STALE)
            samples = [(at, marker if value == STALE else value) for at, value in line.samples]
            yield line._replace(samples=samples)


def _native(draw: random.Random) -> Iterator[tuple[int, Histogram]]:
    """Yield samples that start high, so that 2.42 need not know of a counter's zero (3.6 does).

    The scale only falls, since 2.42 minds the layout even of a sample right before a reset.
    """
    scale = draw.choice((2, 3, 4))
    state = _begun(draw, scale)
    for time in shared(offset=683):
        if draw.random() < 0.01:
            scale = max(0, scale - draw.randrange(2))
            state = _begun(draw, scale)
        state = _observe(draw, state)
        yield time, state


def _begun(draw: random.Random, scale: int) -> Histogram:
    positive = {index: draw.randrange(40, 90) for index in range(-4, 9, draw.choice((1, 2)))}
    negative = {index: draw.randrange(1, 9) for index in range(-2, 3)}
    count = sum(positive.values()) + sum(negative.values())
    return Histogram(count, draw.randrange(8_000) / 8, 0, positive, negative, scale)


def _observe(draw: random.Random, state: Histogram) -> Histogram:
    positive, negative = dict(state.positive), dict(state.negative)
    zeros, total = draw.randrange(2), 0.0
    for _ in range(draw.randrange(6)):
        side = positive if draw.random() < 0.8 else negative
        index = draw.randrange(-6, 12)
        side[index] = side.get(index, 0) + 1
        total += draw.randrange(1, 64) / 8 if side is positive else -1.0
    count = sum(positive.values()) + sum(negative.values()) + state.zeros + zeros
    return Histogram(count, state.sum + total, state.zeros + zeros, positive, negative, state.scale)
