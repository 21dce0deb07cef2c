"""The leaves of a query: selectors with matchers, offsets, `@`, ranges."""

import random
from collections.abc import Sequence

from tests.integration.query.differential.data import SPAN, START
from tests.integration.query.differential.expressions import Node

COUNTERS = ("requests_total", "latency_count", "latency_sum", "latency_bucket")
GAUGES = ("temperature", "up", "build_info", "requests_total")
WILD = ("odd", "extreme", "jobs_total", "nothing")
NATIVE = "rpc_seconds"

RANGES = ("30s", "1m", "1m30s", "2m", "5m", "10m", "20m")
STEPS = ("10s", "30s", "1m", "", "47s")
OFFSETS = (*[""] * 12, *[" offset 1m", " offset 5m", " offset -45s"] * 2, " offset 1h")
_MATCHERS = {
    "job": (
        'job="api"',
        "job!='api'",
        "job=`web`",
        r'job="\x77\u0065b"',
        'job=~"a.*|w.b"',
        'job!~"w.*"',
        'job=~"API|(?i:WEB)"',
    ),
    "instance": ('instance=~"[ab]:.+"', 'instance!~"(a|c):1"', 'instance="b:1"'),
    "code": ('code=~"2..|5.."', 'code!=""'),
    "room": ('room="north"', 'room=~".+"'),
    "kind": ('kind!~"nan|both"', 'kind=~"zero|mixed|infinite"'),
    "le": ('le=~"0.*|.Inf"', 'le!="1"'),
    "version": ('version=~"1[.].{1}"', 'version!=""'),
    "": ('none=""', 'none!~".+"', 'room=""', 'job=~""', 'le!~"[0-9].*"'),
}
_LABELS = {
    "requests_total": ("job", "instance", "code"),
    "temperature": ("job", "instance", "room"),
    "build_info": ("job", "instance", "version"),
    "latency_bucket": ("job", "instance", "le"),
    "odd": ("kind",),
    "extreme": (),
}


class Selectors:
    """Draws the leaves."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def counter(self) -> Node:
        """Return an instant selector of counters that are large from the start."""
        return self.instant(COUNTERS)

    def any(self, *, tame: bool) -> Node:
        """Return an instant selector of floats."""
        draw = self._draw
        names = GAUGES + COUNTERS if tame or draw.random() < 0.75 else WILD
        return self.instant(names)

    def instant(self, names: Sequence[str], *, alone: bool = False) -> Node:
        """Return an instant selector of one of some names; alone: of no other one beside it."""
        name = self._draw.choice(names)
        text = self.plain(name, alone=alone)
        return Node("vector", (text, self.moved()), tame=name not in WILD)

    def range(self, names: Sequence[str], *, pinned: bool = True) -> Node:
        """Return a range selector of one of some names; not pinned: without `@`."""
        name = self._draw.choice(names)
        text = f"{self.plain(name)}[{self._draw.choice(RANGES)}]{self.moved(pinned=pinned)}"
        return Node("matrix", (text,), tame=name not in WILD)

    def plain(self, name: str, *, alone: bool = False) -> str:
        """Return a name with matchers."""
        draw = self._draw
        about = (*_LABELS.get(name, ("job", "instance")), "")
        several = min(draw.choice((0, 0, 0, 1, 1, 2)), len(about))
        matchers = [draw.choice(_MATCHERS[label]) for label in draw.sample(about, several)]
        if draw.random() < 0.08:
            matchers = [f'__name__="{name}"', *matchers]
            return f"{{{', '.join(matchers)}}}"
        if not alone and draw.random() < 0.03:
            return f'{{__name__=~"{name}|up"}}'
        return f"{name}{{{','.join(matchers)}}}" if matchers else name

    def moved(self, *, pinned: bool = True) -> str:
        """Return an offset and an `@`, mostly none."""
        draw = self._draw
        at = ""
        if pinned and draw.random() < 0.12:
            moment = (START + draw.randrange(SPAN) // 1000 * 1000 + 500) / 1000
            at = draw.choice((" @ start()", " @ end()", f" @ {moment:.3f}"))
        offset = draw.choice(OFFSETS)
        return offset + at if draw.random() < 0.5 else at + offset

    def subquery(self, *, pinned: bool = True) -> str:
        """Return the brackets of a subquery; no step of it is ever on the window's edge."""
        draw = self._draw
        window = draw.choice(RANGES[1:])
        return f"[{window}1ms:{draw.choice(STEPS)}]{self.moved(pinned=pinned)}"
