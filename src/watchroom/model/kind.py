"""The kinds of a metric and the units its values are counted in."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What the values of a metric mean; it decides which functions make sense of them."""

    COUNTER = "counter"
    """A cumulative sum that only grows; a fall is a reset of the process."""
    GAUGE = "gauge"
    """A value that goes up and down."""
    HISTOGRAM = "histogram"
    """A cumulative histogram, exponential or of classic buckets."""
    GAUGEHISTOGRAM = "gaugehistogram"
    """A histogram of what is there now: its buckets go up and down."""
    SUMMARY = "summary"
    """Quantiles computed at the source, with a cumulative sum and count."""
    INFO = "info"
    """The constant 1, whose labels say something."""
    STATESET = "stateset"
    """Series of 0 and 1, one for each state."""
    UNKNOWN = "unknown"
    """The source did not say."""


class Metadata(NamedTuple):
    """What a metric says of itself."""

    name: str
    kind: Kind
    unit: str = ""
    help: str = ""
