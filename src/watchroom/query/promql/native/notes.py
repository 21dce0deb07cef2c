"""What an evaluation has to say about histograms beside its result, in Prometheus' words."""

from enum import StrEnum


class Note(StrEnum):
    """Warnings and infos, which the name of a metric or of an operation follows.

    The last three are kinds of operands that an operator has no meaning for.
    """

    MIXED = "encountered a mix of histograms and floats for"
    LAYOUTS = (
        "vector contains a mix of histograms with exponential and custom buckets schemas "
        "for metric name"
    )
    NOT_COUNTER = "this native histogram metric is not a counter:"
    NOT_GAUGE = "this native histogram metric is not a gauge:"
    BINARY_LAYOUTS = "incompatible bucket layout encountered for binary operator"
    CLASSIC = "vector contains a mix of classic and native histograms"
    IGNORED = "ignored histogram in"
    IGNORED_IN_RANGE = (
        "ignored histograms in a range containing both floats and histograms for metric name"
    )
    BOUNDS = "mismatched custom buckets were reconciled during"
    QUANTILE_NAN = "input to histogram_quantile has NaN observations, result is NaN"
    QUANTILE_SKEWED = "input to histogram_quantile has NaN observations, result is skewed higher"
    FRACTION_NAN = (
        "input to histogram_fraction has NaN observations, which are excluded from all fractions"
    )
    HISTOGRAM_FLOAT = "histogram float"
    FLOAT_HISTOGRAM = "float histogram"
    HISTOGRAMS = "histogram histogram"

    @property
    def warning(self) -> bool:
        """Whether Prometheus calls it a warning; otherwise it is an info."""
        return self in _WARNINGS


_WARNINGS = {
    Note.MIXED,
    Note.LAYOUTS,
    Note.NOT_COUNTER,
    Note.NOT_GAUGE,
    Note.BINARY_LAYOUTS,
    Note.CLASSIC,
}
