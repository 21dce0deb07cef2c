"""The functions by name."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.query.promql import distributions, elementwise, over_time, rates
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.sliding import Sliding
from watchroom.query.promql.values import Scalar, Value, as_vector, without_names
from watchroom.storage.contract import Floats, Times


class Arguments(NamedTuple):
    """The arguments of a function, and the times of the steps in ms."""

    values: Sequence[Value]
    steps: Times
    said: Annotations


Function: TypeAlias = Callable[[Arguments], Value]

SLIDING: dict[str, Sliding] = {
    "avg_over_time": Sliding(over_time.avg_over_time),
    "changes": Sliding(rates.changes),
    "count_over_time": Sliding(over_time.count_over_time),
    "delta": Sliding(rates.delta, least=2),
    "idelta": Sliding(rates.idelta, least=2),
    "increase": Sliding(rates.increase, least=2),
    "irate": Sliding(rates.irate, least=2),
    "last_over_time": Sliding(over_time.last_over_time, keeps_name=True),
    "max_over_time": Sliding(over_time.max_over_time),
    "min_over_time": Sliding(over_time.min_over_time),
    "present_over_time": Sliding(over_time.present_over_time),
    "rate": Sliding(rates.rate, least=2),
    "resets": Sliding(rates.resets),
    "sum_over_time": Sliding(over_time.sum_over_time),
}


def _elementwise(operation: Callable[[Floats], Floats]) -> Function:
    def apply(call: Arguments) -> Value:
        vector = as_vector(call.values[0])
        with np.errstate(all="ignore"):
            values = operation(vector.values)
        return without_names(vector._replace(values=values, ordered=False, parts=()))

    return apply


def _of_histograms(function: distributions.Function) -> Function:
    return lambda call: function(call.values, call.said)


def _time(call: Arguments) -> Value:
    return Scalar(call.steps / 1000.0)


def _pi(call: Arguments) -> Value:
    return Scalar(np.full(len(call.steps), np.pi))


FUNCTIONS: dict[str, Function] = {
    **{name: _elementwise(each) for name, each in elementwise.FUNCTIONS.items()},
    **{name: _of_histograms(each) for name, each in distributions.FUNCTIONS.items()},
    "pi": _pi,
    "time": _time,
}
