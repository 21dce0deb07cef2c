"""Well-typed queries from a seed: every function, operator and modifier, to a bounded depth."""

import random
from collections.abc import Callable, Sequence

from tests.integration.query.differential.compare import Query
from tests.integration.query.differential.data import SPAN, START
from tests.integration.query.differential.expressions import Node
from tests.integration.query.differential.selectors import COUNTERS, GAUGES, NATIVE, WILD, Selectors

CONTINUOUS = (
    *("abs", "exp", "ln", "log2", "log10", "sqrt", "deg", "rad", "asinh", "atan", "tanh"),
    *("acos", "acosh", "asin", "atanh", "cos", "cosh", "sin", "sinh", "tan"),
)
"""Functions of one vector that answer nearly the same for nearly the same."""
PERIODIC = ("cos", "sin", "tan")
"""Of large values they answer anything for nearly the same."""
DISCRETE = ("ceil", "floor", "round", "sgn")
DATES = (
    *("days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute"),
    *("month", "year"),
)
OVER_TIME = ("min", "max", "count", "last", "sum", "present")
SPREAD = ("stddev_over_time", "stdvar_over_time", "deriv", "avg_over_time")
AGGREGATIONS = ("sum", "min", "max", "count", "group", "avg", "stddev", "stdvar")
EXACT_AGGREGATIONS = ("sum", "min", "max", "count", "group")
COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
LABELS = ("job", "instance", "code", "room", "le", "kind", "version", "__name__")
LITERALS = ("0", "1", "2", "3.7", "-1.25", "0.5", "1e3", "1e-3", "0x1f", "+Inf", "-Inf", "NaN")
QUANTILES = ("0", "0.3", "0.5", "0.95", "1", "1.5", "-1")


class Grammar:
    """Draws expressions. Each method returns one of a kind, no deeper than `depth`."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._leaf = Selectors(draw)

    def top(self, depth: int) -> Node:
        """Return a whole query."""
        chance = self._draw.random()
        if chance < 0.03:
            return self.scalar(depth)
        if chance < 0.07:
            return self._leaf.range((*COUNTERS, *GAUGES, *WILD, NATIVE))
        if chance < 0.10:
            return self.wrong(depth)
        if chance < 0.16:
            return self.native()
        return self.vector(depth)

    def vector(self, depth: int, *, exact: bool = False, tame: bool = False) -> Node:
        """Return an instant vector; exact or tame where that is asked for."""
        if depth <= 0:
            return self._leaf.any(tame=tame)
        choices = self._tame if tame else self._exact if exact else self._every
        for _ in range(20 if self._draw.random() < 0.9 else 0):
            found = self._draw.choice(choices)(depth - 1)
            if found.exact >= exact and found.tame >= tame:
                return found
        return self._leaf.any(tame=tame)

    @property
    def _tame(self) -> list[Callable[[int], Node]]:
        return [self.aggregation, self.over_time, self.shifted, self.relabelled]

    @property
    def _exact(self) -> list[Callable[[int], Node]]:
        return [
            *(
                self.aggregation,
                self.over_time,
                self.joined,
                self.sets,
                self.compared,
                self.discrete,
            ),
            *(self.relabelled, self.counted, self.stamped, self.ranked, self.negated),
        ]

    @property
    def _every(self) -> list[Callable[[int], Node]]:
        return [
            *self._exact,
            *(
                self.aggregation,
                self.over_time,
                self.rates,
                self.rates,
                self.spread,
                self.continuous,
            ),
            *(self.dates, self.absence, self.quantile, self.quantile_over_time, self.predicted),
            *(self.classic, self.clamped, self.powered, self.grouped, self.ordered, self.lifted),
            *[self.continuous] * 4,
        ]

    # Scalars and text.

    def literal(self) -> Node:
        """Return a number."""
        return Node("scalar", (self._draw.choice(LITERALS),))

    def scalar(self, depth: int) -> Node:
        """Return a scalar."""
        draw = self._draw
        if depth <= 0 or draw.random() < 0.5:
            return draw.choice((self.literal(), Node("scalar", ("time()",))))
        kind = draw.randrange(4)
        if kind == 0:
            inner = self.vector(depth - 1, exact=True)
            return Node("scalar", ("scalar(", inner, ")"), inner.exact, tame=False)
        if kind == 1:
            sides = self.scalar(depth - 1), self.scalar(depth - 1)
            same = sides[0].exact and sides[1].exact
            sign = f"{draw.choice(COMPARISONS)} bool" if same else "+"
            return Node("scalar", ("(", sides[0], f" {sign} ", sides[1], ")"), same)
        if kind == 2:
            inner = self.scalar(depth - 1)
            return Node("scalar", ("(-", inner, ")"), inner.exact)
        sides = self.scalar(depth - 1), self.scalar(depth - 1)
        same = sides[0].exact and sides[1].exact
        sign = draw.choice(("+", "-", "*", "/", "^", "atan2", "%" if same else "+"))
        exact = same and sign not in ("^", "atan2")
        return Node("scalar", ("(", sides[0], f" {sign} ", sides[1], ")"), exact)

    def some(self, labels: Sequence[str] = LABELS) -> str:
        """Return a list of labels."""
        wanted = self._draw.choice((0, 1, 1, 2, 3))
        return ", ".join(self._draw.sample(labels, min(wanted, len(labels))))

    # Windows.

    def window(
        self, depth: int, names: Sequence[str], *, exact: bool, tame: bool, pinned: bool = True
    ) -> Node:
        """Return a range vector: a selector's, or a subquery."""
        if depth <= 0 or self._draw.random() < 0.6:
            return self._leaf.range(names, pinned=pinned)
        inner = self.vector(depth - 1, exact=exact, tame=tame)
        parts = ("(", inner, f"){self._leaf.subquery(pinned=pinned)}")
        return Node("matrix", parts, inner.exact, inner.tame)

    def over_time(self, depth: int) -> Node:
        """Return an aggregation over time whose answer is exact for exact samples."""
        names = (*COUNTERS, *GAUGES, *GAUGES, *WILD)
        if self._draw.random() < 0.3:
            name = self._draw.choice(("changes", "resets", "idelta"))
            inner = self.window(depth, names, exact=True, tame=False)
        else:
            name = f"{self._draw.choice(OVER_TIME)}_over_time"
            inner = self.window(depth, names, exact=False, tame=False)
        return Node("vector", (f"{name}(", inner, ")"), inner.exact, inner.tame)

    def rates(self, depth: int) -> Node:
        """Return a rate of counters, or the like."""
        name = self._draw.choice(("rate", "increase", "irate", "delta", "rate", "increase"))
        names = COUNTERS if name != "delta" else GAUGES
        if self._draw.random() < 0.1:
            names = ("jobs_total",)
        if depth > 0 and self._draw.random() < 0.25:
            inner = Node("matrix", ("(", self._leaf.counter(), f"){self._leaf.subquery()}"))
            return Node("vector", (f"{name}(", inner, ")"), exact=False)
        return Node("vector", (f"{name}(", self._leaf.range(names), ")"), exact=False)

    def spread(self, depth: int) -> Node:
        """Return a mean, a deviation or a slope over time."""
        name = self._draw.choice(SPREAD)
        inner = self.window(depth, GAUGES, exact=True, tame=True)
        return Node("vector", (f"{name}(", inner, ")"), exact=False)

    def quantile_over_time(self, depth: int) -> Node:
        """Return a quantile over time."""
        inner = self.window(depth, GAUGES, exact=False, tame=True)
        q = self._draw.choice(QUANTILES)
        return Node("vector", (f"quantile_over_time({q}, ", inner, ")"), exact=False, tame=False)

    def predicted(self, depth: int) -> Node:
        """Return a prediction; with `@`, 2.42 reads the wrong windows."""
        inner = self.window(depth, GAUGES, exact=True, tame=True, pinned=False)
        ahead = self._draw.choice(("60", "3600", "-300", "0.5"))
        return Node("vector", ("predict_linear(", inner, f", {ahead})"), exact=False)

    # Aggregations.

    def aggregation(self, depth: int) -> Node:
        """Return an aggregation over series."""
        draw = self._draw
        name = draw.choice(AGGREGATIONS)
        exact = name in EXACT_AGGREGATIONS
        inner = self.vector(depth, tame=not exact, exact=not exact)
        parts = self._aggregated(name, "", inner)
        return Node("vector", parts, exact and inner.exact, inner.tame)

    def _aggregated(self, name: str, parameter: str, inner: Node) -> tuple[str | Node, ...]:
        draw = self._draw
        grouping = f"{draw.choice(('by', 'by', 'without', 'BY'))} ({self.some()})"
        name = name.upper() if draw.random() < 0.05 else name
        kind = draw.randrange(5)
        if kind == 0:
            return (f"{name}({parameter}", inner, ")")
        if kind == 1:
            return (f"{name}({parameter}", inner, f") {grouping}")
        return (f"{name} {grouping} ({parameter}", inner, ")")

    def counted(self, depth: int) -> Node:
        """Return how often each value is there.

        2.42 groups by the wrong labels where the new one is not the last in the alphabet.
        """
        inner = self.vector(depth, exact=True)
        return Node("vector", self._aggregated("count_values", '"z", ', inner))

    def ranked(self, depth: int) -> Node:
        """Return the largest or smallest of series no two of which are equal."""
        name, k = self._draw.choice(("topk", "bottomk")), self._draw.choice(("0", "1", "2", "5"))
        inner = self._leaf.instant(("temperature",), alone=True)
        return Node("vector", self._aggregated(name, f"{k}, ", inner))

    def quantile(self, depth: int) -> Node:
        """Return a quantile over series."""
        inner = self.vector(depth, tame=True)
        parts = self._aggregated("quantile", f"{self._draw.choice(QUANTILES)}, ", inner)
        return Node("vector", parts, exact=False, tame=False)

    # Operators.

    def joined(self, depth: int) -> Node:
        """Return arithmetic of two vectors, or of a vector and a scalar, of exact values."""
        draw = self._draw
        sign = draw.choice(("+", "-", "*", "/", "%"))
        if draw.random() < 0.4:
            sides = [self.vector(depth, exact=True), self.scalar(depth - 1)]
            draw.shuffle(sides)
            parts = ("(", sides[0], f" {sign} ", sides[1], ")")
            return Node("vector", parts, sides[0].exact and sides[1].exact, tame=False)
        left, right, matching = self._sides(depth, exact=True)
        parts = ("(", left, f" {sign} {matching}", right, ")")
        return Node("vector", parts, left.exact and right.exact, tame=False)

    def _sides(self, depth: int, *, exact: bool) -> tuple[Node, Node, str]:
        """Return two vectors, and how they match, most of them without an error."""
        draw = self._draw
        kind = draw.randrange(4)
        if kind == 0:
            keys = self.some(("job", "instance"))
            sides = [self.vector(depth - 1, exact=exact) for _ in range(2)]
            names = draw.choice(EXACT_AGGREGATIONS), draw.choice(EXACT_AGGREGATIONS)
            left, right = (
                Node("vector", (f"{name} by ({keys}) (", side, ")"), side.exact, side.tame)
                for name, side in zip(names, sides, strict=True)
            )
            return left, right, draw.choice(("", f"on ({keys}) ", "ignoring (code) "))
        if kind == 1:
            name = draw.choice((*COUNTERS, *GAUGES))
            return self._leaf.instant((name,)), self._leaf.instant((name,)), ""
        if kind == 2:
            keys = draw.choice(("on (job, instance) ", "ignoring (code, version, room) "))
            sides = self._leaf.instant(("up", "build_info")), self._leaf.instant(("up",))
            return *sides, keys
        keys = draw.choice((f"on ({self.some()}) ", f"ignoring ({self.some()}) ", ""))
        return self.vector(depth - 1, exact=exact), self.vector(depth - 1, exact=exact), keys

    def grouped(self, depth: int) -> Node:
        """Return arithmetic of many to one."""
        draw = self._draw
        many = self.vector(depth, exact=True)
        one: Node = self._leaf.instant(("build_info", "up"))
        if draw.random() < 0.3:
            inner = self.vector(depth - 1, exact=True)
            one = Node("vector", ("sum by (job, instance) (", inner, ")"))
        labels = draw.choice(("", "version", "version, room", "code"))
        sign = draw.choice(("*", "+", "-", "/", *COMPARISONS))
        if sign in COMPARISONS:
            sign += draw.choice(("", " bool"))
        if draw.random() < 0.5:
            matching = f"on (job, instance) group_left ({labels}) "
            return Node("vector", ("(", many, f" {sign} {matching}", one, ")"), tame=False)
        matching = f"on (job, instance) group_right ({labels}) "
        return Node("vector", ("(", one, f" {sign} {matching}", many, ")"), tame=False)

    def compared(self, depth: int) -> Node:
        """Return what a comparison leaves, or its verdicts."""
        draw = self._draw
        sign = draw.choice(COMPARISONS) + draw.choice((" ", " bool "))
        if draw.random() < 0.6:
            sides = [self.vector(depth, exact=True), self.scalar(0)]
            draw.shuffle(sides)
            parts = ("(", sides[0], f" {sign}", sides[1], ")")
            return Node("vector", parts, tame=sides[0].tame and sides[1].tame and False)
        left, right, matching = self._sides(depth, exact=True)
        return Node("vector", ("(", left, f" {sign}{matching}", right, ")"), tame=False)

    def sets(self, depth: int) -> Node:
        """Return an intersection, a union or a difference."""
        draw = self._draw
        left, right = self.vector(depth), self.vector(depth)
        matching = draw.choice(("", f"on ({self.some()}) ", f"ignoring ({self.some()}) "))
        parts = ("(", left, f" {draw.choice(('and', 'or', 'unless', 'OR'))} {matching}", right, ")")
        return Node("vector", parts, left.exact and right.exact, left.tame and right.tame)

    def shifted(self, depth: int) -> Node:
        """Return a vector moved by a number."""
        inner = self.vector(depth, tame=True)
        sign, number = self._draw.choice("+-*"), self._draw.choice(("0.125", "2", "4"))
        return Node("vector", ("(", inner, f" {sign} {number})"), inner.exact)

    def powered(self, depth: int) -> Node:
        """Return a power, or an angle."""
        if self._draw.random() < 0.3:
            left, right, matching = self._sides(depth, exact=True)
            return Node("vector", ("(", left, f" atan2 {matching}", right, ")"), False, False)
        inner = self.vector(depth, exact=True)
        exponent = self._draw.choice(("2", "-1", "0.5", "3"))
        return Node("vector", ("(", inner, f" ^ {exponent})"), False, False)

    def negated(self, depth: int) -> Node:
        """Return a vector with its sign turned, or left as it is."""
        inner = self.vector(depth)
        sign = self._draw.choice("---+")
        return Node("vector", (f"({sign}", inner, ")"), inner.exact, inner.tame)

    # Functions.

    def continuous(self, depth: int) -> Node:
        """Return a function of each value."""
        name = self._draw.choice(CONTINUOUS)
        inner = self.vector(depth, exact=name in PERIODIC, tame=True)
        return Node("vector", (f"{name}(", inner, ")"), exact=False, tame=False)

    def discrete(self, depth: int) -> Node:
        """Return a rounding of each value."""
        inner = self.vector(depth, exact=True)
        name = self._draw.choice(DISCRETE)
        nearest = self._draw.choice(("", ", 0.5", ", 10", ", -3")) if name == "round" else ""
        return Node("vector", (f"{name}(", inner, f"{nearest})"), tame=inner.tame)

    def clamped(self, depth: int) -> Node:
        """Return values held within limits."""
        inner = self.vector(depth)
        name, limits = self._draw.choice(
            (("clamp", "-1, 20"), ("clamp", "5, 1"), ("clamp_min", "3.5"), ("clamp_max", "100"))
        )
        return Node("vector", (f"{name}(", inner, f", {limits})"), inner.exact, False)

    def dates(self, depth: int) -> Node:
        """Return a part of a date."""
        name = self._draw.choice(DATES)
        if self._draw.random() < 0.2:
            return Node("vector", (f"{name}()",))
        inner = Node("vector", ("timestamp(", self._leaf.any(tame=True), ")"))
        return Node("vector", (f"{name}(", inner, f" * {self._draw.choice((1, 0.3, -1, 1.7))})"))

    def stamped(self, depth: int) -> Node:
        """Return the times of samples."""
        inner = self.vector(depth if self._draw.random() < 0.3 else 0)
        return Node("vector", ("timestamp(", inner, ")"), tame=False)

    def lifted(self, depth: int) -> Node:
        """Return a vector made of a scalar."""
        inner = self.scalar(depth)
        return Node("vector", ("vector(", inner, ")"), inner.exact, False)

    def ordered(self, depth: int) -> Node:
        """Return a sorted vector."""
        name = self._draw.choice(("sort", "sort_desc"))
        inner = self._leaf.instant(("temperature",), alone=True)
        return Node("vector", (f"{name}(", inner, ")"))

    def absence(self, depth: int) -> Node:
        """Return one where nothing is."""
        if self._draw.random() < 0.5:
            inner = self.vector(depth) if self._draw.random() < 0.5 else self._missing()
            return Node("vector", ("absent(", inner, ")"))
        window = self.window(depth, (*GAUGES, *WILD), exact=False, tame=False)
        return Node("vector", ("absent_over_time(", window, ")"))

    def _missing(self) -> Node:
        draw = self._draw
        matchers = draw.sample(('job="x"', 'job=~"x"', 'a="1"', 'a!="2"', 'b="y"', 'b="z"'), 2)
        return Node("vector", (f"nothing{{{','.join(matchers)}}}",))

    def relabelled(self, depth: int) -> Node:
        """Return series with other labels."""
        inner = self.vector(depth)
        text = self._draw.choice(
            (
                'label_replace({}, "place", "$1-x", "instance", "(.*):.*")',
                'label_replace({}, "job", "", "job", "a.*")',
                'label_replace({}, "place", "${{1}}$2", "code", "(.)(.*)")',
                'label_replace({}, "place", "all", "nothing", "")',
                'label_replace({}, "instance", "one", "", "")',
                'label_join({}, "place", "-", "job", "instance", "nothing")',
                'label_join({}, "job", "", "code")',
            )
        )
        before, after = text.replace("${{1}}", "${1}").split("{}")
        return Node("vector", (before, inner, after), inner.exact, inner.tame)

    def classic(self, depth: int) -> Node:
        """Return a quantile of a classic histogram."""
        draw = self._draw
        buckets: Node = self._leaf.range(("latency_bucket",))
        name = draw.choice(("rate", "increase", "last_over_time", "delta"))
        inner = Node("vector", (f"{name}(", buckets, ")"), exact=False)
        if draw.random() < 0.6:
            inner = Node("vector", ("sum by (le, job) (", inner, ")"), exact=False)
        q = draw.choice(QUANTILES)
        return Node("vector", (f"histogram_quantile({q}, ", inner, ")"), False, False)

    def native(self) -> Node:
        """Return what is asked of native histograms, as far as 2.42 answers as 3.x does."""
        draw = self._draw
        window = self._leaf.range((NATIVE,))
        if draw.random() < 0.1:
            counted = draw.choice(("count_over_time(", "present_over_time("))
            return Node("vector", (counted, window, ")"), tame=False)
        if draw.random() < 0.1:  # alone: its buckets may cancel out, and what is left is rounding
            return Node("vector", ("delta(", window, ")"), exact=False, tame=False)
        inner = Node("vector", (draw.choice(("rate(", "increase(")), window, ")"), exact=False)
        plain = draw.choice((inner, self._leaf.instant((NATIVE,))))
        if draw.random() < 0.2:
            both = (f"sum by ({draw.choice(('job', 'instance'))}) (", plain, ")")
            shapes = ((*both, " + ", *both), (plain, draw.choice((" and ", " or ")), inner))
            return Node("vector", draw.choice(shapes), exact=False, tame=False)
        outer = draw.choice(
            (
                *("", "histogram_count", "histogram_sum", "sum", "sum by (job) ", "count"),
                *("group", "histogram_fraction"),
            )
        )
        if outer == "histogram_fraction":
            return Node("vector", (outer, "(0, +Inf, ", plain, ")"), exact=False, tame=False)
        return Node("vector", (f"{outer}(", plain, ")"), exact=False, tame=False)

    def wrong(self, depth: int) -> Node:
        """Return what is no query."""
        vector, scalar = self.vector(depth - 1), self.scalar(depth - 1)
        shapes: tuple[tuple[str | Node, ...], ...] = (
            ("rate(", vector, ")"),
            ("abs(", scalar, ")"),
            (scalar, " == ", scalar),
            ("unheard_of(", vector, ")"),
            ("sum(", scalar, ")"),
            (scalar, " and ", vector),
            (vector, " + on (job) ", scalar),
            (vector, " + on (job) group_left (job) ", vector, "("),
            ("topk(", vector, ")"),
            ("sum(", vector, ")[5m]"),
            ("histogram_quantile(", vector, ")"),
            ('{job=~".*"}',),
            ('{job=~"("}',),
            ("up[0s]",),
            ("label_replace(", vector, ', "place", "$1", "job", "(")'),
            ("(", vector),
        )
        return Node("vector", self._draw.choice(shapes), False, False)


def query(seed: int, number: int) -> tuple[Query, Node]:
    """Return the n-th query of a seed, and its tree."""
    draw = random.Random(f"{seed}/{number}")
    node = Grammar(draw).top(draw.choice((1, 2, 2, 3, 3, 4)))
    end = START + draw.randrange(-60, SPAN // 1000 + 400) * 1000 + 500
    ranged = draw.random() < 0.5 and node.kind != "matrix"
    step = draw.choice((7_000, 15_000, 30_000, 60_000, 300_000)) if ranged else 0
    start = end - step * draw.randrange(25)
    ordered = not step and str(node).startswith("sort")
    return Query(str(node), start, end + (3_000 if step else 0), step, ordered), node
