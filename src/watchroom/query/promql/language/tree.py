"""The tree of a query. `start` is the first character of an expression in the text, `end` the one
after its last. Durations and times are whole milliseconds.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from watchroom.storage.contract import Matcher

Kind: TypeAlias = Literal["scalar", "vector", "matrix", "string"]
At: TypeAlias = int | Literal["start", "end"] | None
"""The moment after `@`: milliseconds since the epoch, an end of the query's range, or none."""
Card: TypeAlias = Literal["one-to-one", "many-to-one", "one-to-many", "many-to-many"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Where an expression stands in the text."""

    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number; a duration is its seconds."""

    value: float


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Selector(Node):
    """An instant vector selector; the name is among the matchers, too."""

    name: str
    matchers: tuple[Matcher, ...]
    offset: int = 0
    at: At = None


@dataclass(frozen=True, slots=True)
class Window(Node):
    """A range vector selector."""

    selector: Selector
    range: int


@dataclass(frozen=True, slots=True)
class Subquery(Node):
    """An expression evaluated every `step` over a range; a step of 0 is the default one."""

    expression: "Expression"
    range: int
    step: int = 0
    offset: int = 0
    at: At = None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of arguments."""

    function: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Aggregation(Node):
    """An aggregation over series."""

    operator: str
    expression: "Expression"
    parameter: "Expression | None" = None
    grouping: tuple[str, ...] = ()
    without: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors find each other."""

    card: Card = "one-to-one"
    on: bool = False
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """An operator between two expressions; `matching` where both are vectors."""

    operator: str
    left: "Expression"
    right: "Expression"
    returns_bool: bool = False
    matching: Matching | None = None


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """A sign before an expression."""

    operator: str
    expression: "Expression"


@dataclass(frozen=True, slots=True)
class Paren(Node):
    """An expression in parentheses."""

    expression: "Expression"


Expression: TypeAlias = (
    Number | Text | Selector | Window | Subquery | Call | Aggregation | Binary | Unary | Paren
)


class Position(NamedTuple):
    """A place in a text; both count from one."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


def position(text: str, offset: int) -> Position:
    """Return where the n-th character of a text stands."""
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - before.rfind("\n"))
