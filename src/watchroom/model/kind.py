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
    """A cumulative exponential histogram."""


class Metadata(NamedTuple):
    """What a metric says of itself."""

    name: str
    kind: Kind
    unit: str = ""
    help: str = ""
