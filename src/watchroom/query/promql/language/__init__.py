"""From the text of a query to its tree: Prometheus 3's grammar, checks and messages."""

from watchroom.query.promql.language.check import Checker
from watchroom.query.promql.language.parser import Parser
from watchroom.query.promql.language.tree import Expression


def parse(text: str, *, step: int = 0, span: int = 0) -> Expression:
    """Return the tree of a query. `step` and `span` (ms) are what step() and range() mean.

    Raises:
        QueryError: bad_data; it is no query.
    """
    return Checker(text).checked(Parser(text, step, span).parse())
