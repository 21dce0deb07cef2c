"""Ask both sides the same, and make smaller what they answer differently."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.integration.query.differential import ours, prometheus
from tests.integration.query.differential.accepted import accepted
from tests.integration.query.differential.compare import Query, Result, difference
from tests.integration.query.differential.data import series
from tests.integration.query.differential.expressions import Node, smaller
from tests.integration.query.differential.queries import query

MOST_TRIALS = 200
"""How many smaller queries are tried for one difference."""


class Difference(NamedTuple):
    """One query that the two sides answer differently, as small as it could be made."""

    number: int
    query: Query
    smallest: Query
    what: str
    expected: Result
    found: Result
    reason: str
    """Why it is accepted; empty where it is not."""

    def __str__(self) -> str:
        return "\n".join(
            (
                f"query {self.number}: {self.query.text}",
                f"smallest: {self.smallest}",
                f"difference: {self.what}",
                f"Prometheus: {_short(self.expected)}",
                f"Watchroom:  {_short(self.found)}",
            )
        )


class Sides(NamedTuple):
    """Prometheus and Watchroom, with the same samples."""

    prometheus: prometheus.Prometheus
    watchroom: ours.Ours

    def differ(self, asked: Query) -> str:
        """Say how they differ."""
        return self.difference(asked)[0]

    def difference(self, asked: Query) -> tuple[str, Result, Result]:
        """Say how they differ, and return both answers."""
        expected, found = self.prometheus.answer(asked), self.watchroom.answer(asked)
        return difference(expected, found, ordered=asked.ordered), expected, found

    def compared(self, seed: int, number: int) -> Difference | None:
        """Ask both the n-th query of a seed."""
        asked, node = query(seed, number)
        if not self.differ(asked):
            return None
        small = self._smallest(asked, node)
        what, expected, found = self.difference(small)
        reason = accepted(small.text, expected, found)
        return Difference(number, asked, small, what, expected, found, reason)

    def _smallest(self, asked: Query, node: Node) -> Query:
        trials = 0
        while trials < MOST_TRIALS:
            for less in smaller(node):
                trials += 1
                small = asked._replace(text=str(less), ordered=False)
                if self.differ(small):
                    asked, node = small, less
                    break
                if trials >= MOST_TRIALS:
                    return asked
            else:
                return asked
        return asked


@contextlib.contextmanager
def sides(seed: int) -> Iterator[Sides]:
    """Start both sides with the data of a seed."""
    with tempfile.TemporaryDirectory() as folder:
        theirs, our = Path(folder) / "prometheus", Path(folder) / "watchroom"
        theirs.mkdir()
        our.mkdir()
        with prometheus.running(theirs) as left, ours.opened(our) as right:
            lines = series(seed)
            left.write(lines)
            right.write(lines)
            yield Sides(left, right)


def run(
    seed: int, queries: int, tell: Callable[[Difference], object] | None = None
) -> list[Difference]:
    """Compare the first queries of a seed; tell of each difference as it is found."""
    found = []
    with sides(seed) as both:
        for number in range(queries):
            if one := both.compared(seed, number):
                found.append(one)
                if tell:
                    tell(one)
    return found


def _short(result: Result) -> str:
    text = f"{result.error}: {result.text}" if result.error else str(result.rows or result.text)
    return text if len(text) < 1500 else f"{text[:1500]} …"
