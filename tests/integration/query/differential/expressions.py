"""Expressions as trees, so that a query that shows a difference can be made smaller."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["scalar", "vector", "matrix"]


class Node(NamedTuple):
    """An expression: pieces of text and expressions in it.

    `exact`: both sides get the same bits. Only such a value may go where a small change of the
    value is a large one of the answer (a comparison, `floor`, the text of a number).
    `tame`: no infinity, no NaN, and small enough to be squared.
    """

    kind: Kind
    parts: tuple["str | Node", ...]
    exact: bool = True
    tame: bool = True

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def inner(self) -> Iterator["Node"]:
        """Yield every expression below this one, the outer before the inner."""
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.inner()


def smaller(node: Node) -> Iterator[Node]:
    """Yield what is left when one expression in the tree is replaced by one inside of it."""
    yield from (each for each in node.inner() if each.kind == node.kind)
    for place, part in enumerate(node.parts):
        if isinstance(part, Node):
            for less in smaller(part):
                yield node._replace(parts=(*node.parts[:place], less, *node.parts[place + 1 :]))
