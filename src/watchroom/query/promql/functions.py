"""The functions by name."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.query.promql import (
    absence,
    classic,
    dates,
    distributions,
    elementwise,
    moments,
    ordering,
    over_time,
    quantiles,
    rates,
    relabel,
)
from watchroom.query.promql.annotations import Annotations
from watchroom.query.promql.language.tree import Expression
from watchroom.query.promql.limits import Budget
from watchroom.query.promql.sliding import Kernel, Sliding
from watchroom.query.promql.values import (
    Scalar,
    Value,
    Vector,
    as_scalar,
    as_text,
    as_vector,
    joined,
    stacked,
    without_names,
)
from watchroom.storage.contract import Floats, Times


class Arguments(NamedTuple):
    """The arguments of a function, as written, and the times of the steps in ms."""

    values: Sequence[Value]
    steps: Times
    said: Annotations
    written: Sequence[Expression]
    budget: Budget

    def vector(self, place: int) -> Vector:
        """Return an argument that is a vector."""
        return as_vector(self.values[place])

    def scalar(self, place: int) -> Floats:
        """Return an argument that is a scalar [T]."""
        return as_scalar(self.values[place]).values

    def text(self, place: int) -> str:
        """Return an argument that is a string."""
        return as_text(self.values[place])


Function: TypeAlias = Callable[[Arguments], Value]

_ONE: dict[str, Kernel] = {
    "avg_over_time": over_time.avg_over_time,
    "changes": rates.changes,
    "count_over_time": over_time.count_over_time,
    "max_over_time": over_time.max_over_time,
    "min_over_time": over_time.min_over_time,
    "present_over_time": over_time.present_over_time,
    "quantile_over_time": quantiles.quantile_over_time,
    "resets": rates.resets,
    "stddev_over_time": moments.stddev_over_time,
    "stdvar_over_time": moments.stdvar_over_time,
    "sum_over_time": over_time.sum_over_time,
}
_TWO: dict[str, Kernel] = {
    "delta": rates.delta,
    "deriv": moments.deriv,
    "idelta": rates.idelta,
    "increase": rates.increase,
    "irate": rates.irate,
    "predict_linear": moments.predict_linear,
    "rate": rates.rate,
}
SLIDING: dict[str, Sliding] = {
    **{name: Sliding(name, kernel) for name, kernel in _ONE.items()},
    **{name: Sliding(name, kernel, least=2) for name, kernel in _TWO.items()},
    "first_over_time": Sliding("first_over_time", over_time.first_over_time, keeps_name=True),
    "last_over_time": Sliding("last_over_time", over_time.last_over_time, keeps_name=True),
}


def _changed(vector: Vector, values: Floats) -> Vector:
    """Return a vector of numbers with other values, and without names and histograms."""
    return without_names(vector._replace(values=values, ordered=False, parts=()))


def _elementwise(operation: Callable[[Floats], Floats]) -> Function:
    def apply(call: Arguments) -> Value:
        with np.errstate(all="ignore"):
            return _changed(call.vector(0), operation(call.vector(0).values))

    return apply


def _of_histograms(function: distributions.Function) -> Function:
    return lambda call: function(call.values, call.said)


def _with_classic(name: str, reading: classic.Reading) -> Function:
    """Return a function of histograms of both kinds, whose last argument they are."""
    native = distributions.FUNCTIONS[name]

    def apply(call: Arguments) -> Value:
        parameters = [call.scalar(place) for place in range(len(call.values) - 1)]
        vector = classic.apart(call.vector(-1), call.said)
        found = classic.read(vector, reading, call.said, call.budget, *parameters)
        numbers = native([*call.values[:-1], vector], call.said)
        return joined(stacked([numbers, found], len(call.steps)))

    return apply


def _clamped(call: Arguments, least: Floats, most: Floats) -> Value:
    vector = call.vector(0)
    values = np.maximum(least, np.minimum(most, vector.values))
    present = vector.present & ~(most < least)
    return _changed(vector._replace(present=present), values)


def _clamp(call: Arguments) -> Value:
    return _clamped(call, call.scalar(1), call.scalar(2))


def _clamp_min(call: Arguments) -> Value:
    return _changed(call.vector(0), np.maximum(call.scalar(1), call.vector(0).values))


def _clamp_max(call: Arguments) -> Value:
    return _changed(call.vector(0), np.minimum(call.scalar(1), call.vector(0).values))


@np.errstate(all="ignore")
def _round(call: Arguments) -> Value:
    """Round to the nearest multiple, ties up."""
    inverse = 1.0 / call.scalar(1) if len(call.values) > 1 else np.ones(1)
    return _changed(call.vector(0), np.floor(call.vector(0).values * inverse + 0.5) / inverse)


def _date(name: str, call: Arguments) -> Value:
    if call.values:
        return _changed(call.vector(0), dates.part(name, call.vector(0).values))
    return _alone(dates.part(name, np.floor(call.steps / 1000.0)))


def _alone(values: Floats) -> Vector:
    """Return a vector of one series without labels."""
    return Vector([()], values[None, :], np.ones((1, len(values)), np.bool_))


def _scalar(call: Arguments) -> Value:
    """Return the only value of each step, NaN where there is none or more than one."""
    vector = call.vector(0)
    sums = np.where(vector.present, vector.values, 0.0).sum(axis=0)
    return Scalar(np.where(vector.present.sum(axis=0) == 1, sums, np.nan))


def _sorted(call: Arguments, order: Callable[[Vector], Vector]) -> Value:
    if len(call.steps) > 1:
        call.said.warn(
            "sort is ineffective for range queries since results are always ordered by labels"
        )
    return order(call.vector(0)._replace(parts=()))


def _timestamp(call: Arguments) -> Value:
    """Return the time of the step; that of samples is known to selectors only."""
    vector = call.vector(0)
    times = np.broadcast_to(call.steps / 1000.0, vector.values.shape)
    present = vector.occupied
    return _changed(vector._replace(present=present), times)


def _label_replace(call: Arguments) -> Value:
    texts = [call.text(place) for place in range(1, 5)]
    return relabel.label_replace(call.vector(0), *texts)


def _label_join(call: Arguments) -> Value:
    texts = [call.text(place) for place in range(1, len(call.values))]
    return relabel.label_join(call.vector(0), texts[0], texts[1], texts[2:])


def _absent(call: Arguments) -> Value:
    there = call.vector(0).occupied
    return absence.absent(there, call.written[0])


FUNCTIONS: dict[str, Function] = {
    **{name: _elementwise(each) for name, each in elementwise.FUNCTIONS.items()},
    **{name: _of_histograms(each) for name, each in distributions.FUNCTIONS.items()},
    **{name: partial(_date, name) for name in dates.PARTS},
    "absent": _absent,
    "clamp": _clamp,
    "clamp_max": _clamp_max,
    "clamp_min": _clamp_min,
    "histogram_fraction": _with_classic("histogram_fraction", classic.fraction),
    "histogram_quantile": _with_classic("histogram_quantile", classic.quantile),
    "label_join": _label_join,
    "label_replace": _label_replace,
    "pi": lambda call: Scalar(np.full(len(call.steps), np.pi)),
    "round": _round,
    "scalar": _scalar,
    "sort": partial(_sorted, order=ordering.ascending),
    "sort_desc": partial(_sorted, order=ordering.descending),
    "time": lambda call: Scalar(call.steps / 1000.0),
    "timestamp": _timestamp,
    "vector": lambda call: _alone(call.scalar(0)),
}
