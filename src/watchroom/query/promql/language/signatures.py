"""What functions and aggregations take and give."""

from typing import NamedTuple

from watchroom.query.promql.language.tree import Kind


class Signature(NamedTuple):
    """The kinds of the arguments; `more` of the last one may be left out or added, -1 any."""

    arguments: tuple[Kind, ...]
    gives: Kind = "vector"
    more: int = 0


_OF_A_VECTOR = (
    *("abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh"),
    *("deg", "exp", "floor", "ln", "log10", "log2", "rad", "sgn", "sin", "sinh", "sort"),
    *("sort_desc", "sqrt", "tan", "tanh", "timestamp"),
    *("histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"),
)
_OF_A_DATE = (
    *("day_of_month", "day_of_week", "day_of_year", "days_in_month"),
    *("hour", "minute", "month", "year"),
)
_OF_A_MATRIX = (
    *("absent_over_time", "avg_over_time", "count_over_time", "first_over_time"),
    *("last_over_time", "max_over_time", "min_over_time", "present_over_time"),
    *("stddev_over_time", "stdvar_over_time", "sum_over_time"),
    *("changes", "delta", "deriv", "idelta", "increase", "irate", "rate", "resets"),
)

FUNCTIONS: dict[str, Signature] = {
    **{name: Signature(("vector",)) for name in _OF_A_VECTOR},
    **{name: Signature(("vector",), more=1) for name in _OF_A_DATE},
    **{name: Signature(("matrix",)) for name in _OF_A_MATRIX},
    "clamp": Signature(("vector", "scalar", "scalar")),
    "clamp_max": Signature(("vector", "scalar")),
    "clamp_min": Signature(("vector", "scalar")),
    "histogram_fraction": Signature(("scalar", "scalar", "vector")),
    "histogram_quantile": Signature(("scalar", "vector")),
    "label_join": Signature(("vector", "string", "string", "string"), more=-1),
    "label_replace": Signature(("vector", "string", "string", "string", "string")),
    "pi": Signature((), "scalar"),
    "predict_linear": Signature(("matrix", "scalar")),
    "quantile_over_time": Signature(("scalar", "matrix")),
    "round": Signature(("vector", "scalar"), more=1),
    "scalar": Signature(("vector",), "scalar"),
    "time": Signature((), "scalar"),
    "vector": Signature(("scalar",)),
}

EXPERIMENTAL = frozenset(
    (
        *("double_exponential_smoothing", "end", "histogram_quantiles", "info", "mad_over_time"),
        *("max_of", "min_of", "range", "sort_by_label", "sort_by_label_desc", "start"),
        *("start_timestamp", "step", "ts_of_first_over_time", "ts_of_last_over_time"),
        *("ts_of_max_over_time", "ts_of_min_over_time"),
    )
)
"""Functions that Prometheus has behind a feature flag, and we do not have."""

AGGREGATIONS: dict[str, Kind | None] = {
    **dict.fromkeys(("avg", "count", "group", "max", "min", "stddev", "stdvar", "sum")),
    "bottomk": "scalar",
    "count_values": "string",
    "quantile": "scalar",
    "topk": "scalar",
}
"""The aggregations, each with the kind of its parameter."""
