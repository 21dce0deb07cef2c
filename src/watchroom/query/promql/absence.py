"""absent and absent_over_time: 1 where there is nothing."""

import numpy as np

from watchroom.model.labels import NAME, Labels
from watchroom.query.promql.language.tree import Expression, Paren, Selector, Window
from watchroom.query.promql.values import Vector
from watchroom.storage.contract import Bools


def absent(there: Bools, argument: Expression) -> Vector:
    """Return one series with 1 at the steps where no series [k, T] is there."""
    missing: Bools = np.logical_not(np.logical_or.reduce(there, axis=0))
    return Vector([absent_labels(argument)], np.ones((1, len(missing))), missing[None, :])


def absent_labels(argument: Expression) -> Labels:
    """Return the labels that a selector demands by `=`, each once."""
    while isinstance(argument, Paren):
        argument = argument.expression
    selector = argument.selector if isinstance(argument, Window) else argument
    if not isinstance(selector, Selector):
        return ()
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name, op, value in selector.matchers:
        if name == NAME:
            continue
        if op == "=" and name not in seen:
            found[name] = value
            seen.add(name)
        else:
            found.pop(name, None)
    return tuple(sorted((name, value) for name, value in found.items() if value))
