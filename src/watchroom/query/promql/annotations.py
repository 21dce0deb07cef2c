"""What an evaluation has to say beside its result: warnings and infos, in Prometheus' words."""

from collections.abc import Iterable

from watchroom.query.promql.language.tree import Expression, position
from watchroom.query.promql.native.notes import Note

_OPERATIONS = {"+": "addition", "-": "subtraction"}


class Annotations:
    """The warnings and infos of one query, each once, in the order they came up.

    `text` is the query; what is said ends with the place in it of the expression it is about.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._subject = self._parameter = 0
        self._warnings: dict[str, None] = {}
        self._infos: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._warnings)

    @property
    def infos(self) -> tuple[str, ...]:
        return tuple(self._infos)

    def about(self, subject: Expression, parameter: Expression | None = None) -> None:
        """Turn to an expression, and to the one that is its parameter."""
        self._subject = subject.start
        self._parameter = subject.start if parameter is None else parameter.start

    def warn(self, text: str, *, parameter: bool = False) -> None:
        """Say that something is likely wrong."""
        place = position(self._text, self._parameter if parameter else self._subject)
        self._warnings[f"PromQL warning: {text} ({place})"] = None

    def inform(self, text: str) -> None:
        """Say what one may want to know."""
        self._infos[f"PromQL info: {text} ({position(self._text, self._subject)})"] = None

    def of_histograms(
        self, notes: Iterable[Note], *, metric: str | None = None, operation: str = ""
    ) -> None:
        """Say what came up with histograms, of a metric or of an operation."""
        for note in sorted(notes):
            (self.warn if note.warning else self.inform)(_text(note, metric, operation))


def _text(note: Note, metric: str | None, operation: str) -> str:
    match note:
        case Note.MIXED:
            about = operation if metric is None else f'metric name "{metric}"'
            return f"{note} {about}"
        case Note.LAYOUTS | Note.NOT_COUNTER | Note.NOT_GAUGE | Note.IGNORED_IN_RANGE:
            return f'{note} "{metric or ""}"'
        case Note.BOUNDS:
            return f"{note} {_OPERATIONS.get(operation, 'aggregation')}"
        case Note.BINARY_LAYOUTS:
            return f"{note} {operation}"
        case Note.IGNORED:
            return f"{note} {operation} aggregation"
        case Note.HISTOGRAM_FLOAT | Note.FLOAT_HISTOGRAM | Note.HISTOGRAMS:
            left, right = note.split()
            return (
                "incompatible sample types encountered for binary operator "
                f'"{operation}": {left} {operation} {right}'
            )
    return f'{note} for metric name "{metric}"' if metric else str(note)
