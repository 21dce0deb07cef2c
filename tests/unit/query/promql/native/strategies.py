"""Series of histograms as programs make them: growing, restarting, changing their layout."""

from hypothesis import strategies as st
from tests.unit.query.promql.native.reference import Sample, added, coarsened, widened

from watchroom.model.histogram import CUSTOM, Histogram

BOUNDS = [(0.1, 1.0, 5.0), (0.1, 0.5, 1.0), (-2.0, 0.0, 1.0, 5.0), ()]
THRESHOLDS = [0.0, 2.0**-10, 0.25, 0.3, 1.0]

counts = st.dictionaries(st.integers(-12, 12), st.integers(1, 9), max_size=5)


@st.composite
def exponential(draw: st.DrawFn, scale: int, threshold: float, gauge: bool = False) -> Histogram:
    positive, negative = draw(counts), draw(counts)
    near = lambda index: 2.0 ** (index * 2.0**-scale)  # noqa: E731
    positive = {k: n for k, n in positive.items() if near(k + 1) > threshold}
    negative = {k: n for k, n in negative.items() if near(k + 1) > threshold}
    zeros = draw(st.integers(0, 3))
    count = zeros + sum(positive.values()) + sum(negative.values())
    total = draw(st.integers(-1000, 1000)) / 8
    return Histogram(count, total, zeros, positive, negative, scale, threshold, (), gauge)


@st.composite
def custom(draw: st.DrawFn, bounds: tuple[float, ...], gauge: bool = False) -> Histogram:
    keys = st.integers(0, len(bounds))
    positive = draw(st.dictionaries(keys, st.integers(1, 9), max_size=4))
    total = draw(st.integers(-1000, 1000)) / 8
    return Histogram(sum(positive.values()), total, 0, positive, {}, CUSTOM, 0.0, bounds, gauge)


@st.composite
def any_exponential(draw: st.DrawFn) -> Histogram:
    scale, threshold = draw(st.integers(-1, 3)), draw(st.sampled_from(THRESHOLDS))
    return draw(exponential(scale, threshold))


@st.composite
def counter(draw: st.DrawFn) -> list[Sample]:
    """A cumulative series: it grows, gets coarser, begins again."""
    scale, threshold = draw(st.integers(0, 3)), 0.0
    now = draw(exponential(scale, threshold))
    samples, time = [], 0
    for _ in range(draw(st.integers(2, 16))):
        time += draw(st.sampled_from([15_000, 15_000, 15_000, 7_001, 40_000]))
        what = draw(st.sampled_from(["grow"] * 6 + ["stay", "coarsen", "widen", "begin"]))
        if what == "coarsen":
            now = coarsened(now, max(now.scale - 1, -2))
        elif what == "widen":
            now = widened(now, max(now.threshold, draw(st.sampled_from(THRESHOLDS))))
        elif what == "begin":
            scale, threshold = draw(st.integers(0, 3)), draw(st.sampled_from(THRESHOLDS))
            now = draw(exponential(scale, threshold))
        elif what == "grow":
            now = added(now, draw(exponential(now.scale, now.threshold)))
        samples.append((time, now))
    return samples


@st.composite
def jumble(draw: st.DrawFn) -> list[Sample]:
    """Samples that have nothing to do with each other, of few layouts, as gauges may be."""
    kinds = st.one_of(
        st.builds(lambda h: h._replace(gauge=True), any_exponential()),
        exponential(2, 0.0),
        exponential(1, 0.3),
        *(custom(bounds) for bounds in BOUNDS),
    )
    size = draw(st.integers(1, 8))
    return [(15_000 * (at + 1), draw(kinds)) for at in range(size)]
