"""What a query answers."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels
from watchroom.storage.contract import Floats, Times


class AnswerSeries(NamedTuple):
    """One series of an answer: n float samples, and those samples that are histograms."""

    labels: Labels
    times: Times
    values: Floats
    histograms: Sequence[tuple[int, Histogram]] = ()


class Answer(NamedTuple):
    """A scalar is one series without labels; a vector has one sample per series.

    `text` is the value of a string. `samples` says how many samples were read.
    """

    kind: Literal["scalar", "vector", "matrix", "string"]
    series: Sequence[AnswerSeries]
    text: str = ""
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    samples: int = 0
