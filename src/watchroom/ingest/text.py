"""The text formats of Prometheus and OpenMetrics, read into columns.

https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4) and
https://prometheus.io/docs/specs/om/open_metrics_spec/ (1.0), with the quoted UTF-8 names of
Prometheus 3. A line is a left side, which names the series, and numbers. The left sides of a source
hardly change, so they are read once and then looked up (`Lines`); a body that the quick look-up
cannot make sense of is read again with care, and that reading alone decides what is wrong.
"""

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import checked
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import NAME, Labels
from watchroom.storage.contract import Floats, Times

UNTIMED = -(1 << 63)
"""The time of a sample or an exemplar that brings none, among others that do."""

DROPPED: Labels = ()
"""What a source's `finish` returns for a series that is not wanted."""

EXEMPLAR_CHARACTERS = 128
"""Most characters in the names and values of an exemplar's labels, as OpenMetrics has it."""

_NUMBERS = re.compile(r"[-+.0-9a-zA-Z ]*")  # float() and int() would take underscores, too
_BARE = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_TEXT = r'"([^"\\]*(?:\\.[^"\\]*)*)"'
_PAIR = re.compile(
    rf"[ \t]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|{_TEXT})[ \t]*(?:=[ \t]*{_TEXT}[ \t]*)?(,|(?=\}}))"
)
_CLOSE = re.compile(r"[ \t]*\}")
_REST = re.compile(r"[ \t]*(?![ \t{#])([^ \t#]+)(?:[ \t]+([^ \t#]+))?[ \t]*(?:#[ \t]*(\{.*))?")
_SAID = re.compile(r"#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:([^ \t\"]+)|" + _TEXT + r")(?:[ \t]+(.*))?")
_ESCAPE = re.compile(r'\\([\\"n])')
_KINDS = {kind.value: kind for kind in Kind}
_TYPES = {
    *("counter", "gauge", "histogram", "summary", "untyped", "unknown"),
    *("info", "stateset", "gaugehistogram"),
}


class TextError(ValueError):
    """A body is not in the format; the message names the line, and says what is wrong."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


class TextExemplar(NamedTuple):
    """An exemplar of a series, with its own labels and value; `time` in ms, or UNTIMED."""

    series: Labels
    labels: Labels
    time: int
    value: float


class Parsed(NamedTuple):
    """What a body says, n samples in the order of its lines."""

    series: list[Labels]
    """n; a series that `finish` did not want is left out."""
    values: Floats
    """n"""
    times: Times | None
    """n, in ms since the epoch, UNTIMED where a line has none; None where no line has one."""
    exemplars: list[TextExemplar]
    metadata: list[Metadata]
    lines: int
    """How many samples the body holds, those left out included."""
    long_exemplars: int
    """How many exemplars were left out for labels of more than EXEMPLAR_CHARACTERS."""


class Lines:
    """What the left sides of one source's lines mean.

    `finish` gets the labels a line spells out and returns those to keep, or DROPPED: labels of the
    target, relabelling. It is asked once per left side and may raise Refused. Beyond `size`
    left sides all are forgotten and learnt again.
    """

    def __init__(
        self,
        finish: Callable[[Labels], Labels] | None = None,
        limits: Limits | None = None,
        size: int = 200_000,
    ) -> None:
        self.known: dict[str, Labels] = {}
        self.finish = finish
        self.limits = limits or Limits()
        self._size = size
        self._said: tuple[list[str], list[Metadata]] = ([], [])

    def tidy(self) -> None:
        """Forget all where too much is known."""
        if len(self.known) > self._size:
            self.known = {}

    def learn(self, left: str, pairs: list[tuple[str, str]]) -> Labels:
        """Note what a left side means. Raises Refused."""
        labels = checked(pairs, self.limits)
        kept = self.finish(labels) if self.finish is not None else labels
        self.known[left] = kept
        return kept

    def metadata(self, said: list[str]) -> list[Metadata]:
        """Return what comments say of metrics; the same comments are read once."""
        if said != self._said[0]:
            self._said = (said, _metadata(said))
        return self._said[1]


def parse(body: bytes, openmetrics: bool, lines: Lines | None = None) -> Parsed:
    """Return the samples of a body; give the `lines` of its source where it will come again.

    Raises:
        TextError: a line is not in the format, or the end of an OpenMetrics body is missing.
    """
    lines = lines or Lines()
    lines.tidy()
    rows, said = _rows(body, openmetrics)
    reading = _Reading(lines, openmetrics)
    if not reading.quickly(rows):
        reading = _Reading(lines, openmetrics)
        reading.carefully(rows, body)
    try:
        metadata = lines.metadata(said)
    except _Wrong as wrong:
        raise TextError(_line(body, wrong.row), str(wrong)) from None
    return reading.parsed(metadata)


class _Wrong(ValueError):
    """What is wrong with a row."""

    def __init__(self, row: str, message: str) -> None:
        super().__init__(message)
        self.row = row


class _Reading:
    """The columns of a body as they grow."""

    def __init__(self, lines: Lines, openmetrics: bool) -> None:
        self._lines = lines
        self._openmetrics = openmetrics
        self._series: list[Labels] = []
        self._values: list[str] = []
        self._times: list[str] = []
        self._exemplars: list[TextExemplar] = []
        self._long = 0
        self._floats: Floats = np.empty(0)
        self._stamps: Times | None = None

    def quickly(self, rows: Sequence[str]) -> bool:
        """Read rows by their known left sides; False where that makes no sense of one.

        A left side that was understood ends where it ends in every line that begins so, since
        lines are read from left to right; whatever else is odd shows in the numbers.
        """
        known = self._lines.known
        series, values, times = self._series, self._values, self._times
        try:
            for row in rows:
                left, _, value = row.rpartition(" ")
                time = ""
                labels = known.get(left)
                if labels is None:
                    time = value
                    left, _, value = left.rpartition(" ")
                    labels = known.get(left)
                    if labels is None:
                        labels, value, time = self._row(row)
                series.append(labels)
                values.append(value)
                times.append(time)
            self._convert()
        except ValueError:
            return False
        return True

    def carefully(self, rows: Sequence[str], body: bytes) -> None:
        """Read rows one by one. Raises TextError."""
        for row in rows:
            try:
                labels, value, time = self._row(row)
                self._number(value)
                self._stamp(time)
            except ValueError as error:
                raise TextError(_line(body, row), str(error)) from None
            self._series.append(labels)
            self._values.append(value)
            self._times.append(time)
        self._convert()

    def parsed(self, metadata: list[Metadata]) -> Parsed:
        """Return the columns without what is not wanted."""
        series, values, times = self._series, self._floats, self._stamps
        lines = len(series)
        if self._lines.finish is not None and DROPPED in series:
            kept = np.array([bool(labels) for labels in series], np.bool_)
            series = [labels for labels in series if labels]
            values = values[kept]
            times = None if times is None else times[kept]
        return Parsed(series, values, times, self._exemplars, metadata, lines, self._long)

    def _convert(self) -> None:
        """Make numbers of the texts. Raises ValueError."""
        if not _NUMBERS.fullmatch(" ".join(self._values)):
            raise ValueError
        self._floats = np.array(list(map(float, self._values)), np.float64)
        if any(self._times):
            self._stamps = np.array(list(map(self._stamp, self._times)), np.int64)

    def _number(self, text: str) -> float:
        try:
            if _NUMBERS.fullmatch(text):
                return float(text)
        except ValueError:
            pass
        raise ValueError(f"{text[:40]!r} is no number")

    def _stamp(self, text: str) -> int:
        """Return a time in ms: of OpenMetrics in seconds, else in ms itself."""
        if not text:
            return UNTIMED
        try:
            if _NUMBERS.fullmatch(text):
                time = round(float(text) * 1000) if self._openmetrics else int(text)
                if abs(time) < 1 << 62:
                    return time
        except (ValueError, OverflowError):
            pass
        unit = "seconds" if self._openmetrics else "whole milliseconds"
        raise ValueError(f"{text[:40]!r} is no time in {unit} since the epoch")

    def _row(self, row: str) -> tuple[Labels, str, str]:
        """Read one line from left to right: its series, value, time. Raises ValueError."""
        end, pairs = _left(row)
        left = row[:end]
        labels = self._lines.known.get(left)
        if labels is None:
            labels = self._lines.learn(left, pairs)
        rest = _REST.fullmatch(row, end)
        if rest is None or (row[end - 1] != "}" and row[end] not in " \t"):
            raise ValueError("after the series stands its value, and then at most its time")
        value, time, exemplar = rest.groups()
        if exemplar is not None:
            self._exemplar(labels, exemplar)
        return labels, value, time or ""

    def _exemplar(self, series: Labels, text: str) -> None:
        if not self._openmetrics:
            raise ValueError("exemplars are of OpenMetrics")
        end, pairs = _pairs(text, 1)
        rest = _REST.fullmatch(text, end)
        if rest is None or rest[3] is not None:
            raise ValueError("after an exemplar's labels stands its value, and then its time")
        labels = tuple(sorted(pairs))
        time, value = self._stamp(rest[2] or ""), self._number(rest[1])
        if sum(map(len, chain(*pairs))) > EXEMPLAR_CHARACTERS:
            self._long += 1
        elif series:
            self._exemplars.append(TextExemplar(series, labels, time, value))


def _rows(body: bytes, openmetrics: bool) -> tuple[list[str], list[str]]:
    """Return the lines with samples, and the comments. Raises TextError."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise TextError(body.count(b"\n", 0, error.start) + 1, "this is no UTF-8") from None
    rows = text.split("\n")
    if "\n " in text or "\n\t" in text or text[:1] in {" ", "\t"}:
        rows = [row.lstrip(" \t") for row in rows]
    if openmetrics:
        rows = _ended(rows)
    return [row for row in rows if row and row[0] != "#"], [row for row in rows if row[:1] == "#"]


def _ended(rows: list[str]) -> list[str]:
    """Return the rows up to the end of an OpenMetrics body. Raises TextError."""
    try:
        end = rows.index("# EOF")
    except ValueError:
        raise TextError(len(rows), "OpenMetrics ends with '# EOF'; this was cut short") from None
    if any(rows[end + 1 :]):
        raise TextError(end + 2, "nothing stands behind '# EOF'")
    return rows[:end]


def _left(row: str) -> tuple[int, list[tuple[str, str]]]:
    """Return where the left side of a row ends, and its labels. Raises ValueError."""
    bare = _BARE.match(row)
    pairs = [(NAME, bare[0])] if bare else []
    end = bare.end() if bare else 0
    brace = end
    while row[brace : brace + 1] in {" ", "\t"}:
        brace += 1
    if row[brace : brace + 1] != "{":
        if not bare:
            raise ValueError(f"{row[:40]!r} begins with no metric name")
        return end, pairs
    end, found = _pairs(row, brace + 1)
    return end, pairs + found


def _pairs(row: str, start: int) -> tuple[int, list[tuple[str, str]]]:
    """Return where the labels end that begin behind a brace, and them. Raises ValueError."""
    found: list[tuple[str, str]] = []
    while (close := _CLOSE.match(row, start)) is None:
        pair = _PAIR.match(row, start)
        if pair is None:
            raise ValueError(f'{row[start : start + 40]!r} is no label: name="value", or }}')
        name, quoted, value, _ = pair.groups()
        if name is None:
            name = _unescaped(quoted)
        if value is not None:
            found.append((name, _unescaped(value)))
        elif quoted is not None and not found:
            found.append((NAME, name))  # {"metric.name", ...}
        else:
            raise ValueError(f"the label {name[:40]!r} has no value")
        start = pair.end()
    return close.end(), found


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def _metadata(said: list[str]) -> list[Metadata]:
    """Return what HELP, TYPE and UNIT say. Raises _Wrong."""
    told: dict[str, dict[str, str]] = {}
    for row in said:
        match = _SAID.fullmatch(row)
        if match is None:
            continue  # an ordinary comment
        what, bare, quoted, text = match.groups()
        name = bare if bare is not None else _unescaped(quoted)
        if what == "TYPE" and (text or "").strip() not in _TYPES:
            raise _Wrong(row, f"{(text or '')[:40]!r} is no type of a metric")
        told.setdefault(name, {})[what] = _unescaped(text or "")
    return [
        Metadata(name, kind, each.get("UNIT", "").strip(), each.get("HELP", ""))
        for name, each in told.items()
        if (kind := _kind(each.get("TYPE", "unknown").strip())) is not None
    ]


def _kind(text: str) -> Kind | None:
    return _KINDS.get("unknown" if text == "untyped" else text)


def _line(body: bytes, row: str) -> int:
    """Return the number of the first line that is this row, wherever it is indented."""
    for number, line in enumerate(body.decode().split("\n"), 1):
        if line.lstrip(" \t") == row:
            return number
    return 0
