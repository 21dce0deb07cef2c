"""The text formats of Prometheus and OpenMetrics, read into columns.

https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4) and
https://prometheus.io/docs/specs/om/open_metrics_spec/ (1.0), with the quoted UTF-8 names of
Prometheus 3. A line is a left side, which names the series, and numbers. The left sides of a source
hardly change, so they are read once and then looked up (`Lines`); a body that the quick look-up
cannot make sense of is read again with care, and that reading alone decides what is wrong.
"""

import re
from collections.abc import Callable, Iterator, Sequence
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
_KINDS = {kind.value: kind for kind in Kind} | {"untyped": Kind.UNKNOWN}
_END = "# EOF"
_BLOCK = 64 << 10
"""Bytes read at a time: their lines are held as texts."""
_LONGEST_LINE = 1 << 20
_MOST_SAID = 50_000
_OVERHEAD = 400
"""Bytes of a known left side beside its text."""


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
    target, relabelling. It is asked once per left side and may raise Refused. Where all
    that is known takes more than `size` bytes, it is forgotten and learnt again.
    """

    def __init__(
        self,
        finish: Callable[[Labels], Labels] | None = None,
        limits: Limits | None = None,
        size: int = 32 << 20,
    ) -> None:
        self.known: dict[str, Labels] = {}
        self.finish = finish
        self.limits = limits or Limits()
        self._size = size
        self._held = 0
        self._said: tuple[list[str], list[Metadata]] = ([], [])

    def tidy(self) -> None:
        """Forget all where too much is known."""
        if self._held > self._size:
            self.forget()

    def forget(self) -> None:
        """Forget all; it is learnt again."""
        self.known = {}
        self._held = 0

    def learn(self, left: str, pairs: list[tuple[str, str]]) -> Labels:
        """Note what a left side means. Raises Refused."""
        labels = checked(pairs, self.limits)
        kept = self.finish(labels) if self.finish is not None else labels
        self.known[left] = kept
        self._held += _OVERHEAD + len(left)
        return kept

    def metadata(self, said: list[str]) -> list[Metadata]:
        """Return what comments say of metrics; the same comments are read once."""
        if said != self._said[0]:
            self._said = (said, _metadata(said))
        return self._said[1]


def parse(
    body: bytes, openmetrics: bool, lines: Lines | None = None, most: int = 1_000_000
) -> Parsed:
    """Return the samples of a body; give the `lines` of its source where it will come again.

    Raises:
        TextError: a line is not in the format, the end of an OpenMetrics body is missing, or there
            are more than `most` samples.
    """
    lines = lines or Lines()
    lines.tidy()
    reading = _Reading(lines, openmetrics)
    first, ended = 1, False
    for block in _blocks(body):
        rows, said, ended = _rows(block, openmetrics, first, ended)
        reading.block(rows, said, block, first)
        first += block.count(b"\n")
        if reading.samples() > most:
            raise TextError(first, f"a body holds at most {most} samples")
    if openmetrics and not ended:
        raise TextError(first, "OpenMetrics ends with '# EOF'; this was cut short")
    return reading.parsed()


class _Wrong(ValueError):
    """What is wrong with a row."""

    def __init__(self, row: str, message: str) -> None:
        super().__init__(message)
        self.row = row


class _Columns:
    """The columns of one block as they grow."""

    def __init__(self) -> None:
        self.series: list[Labels] = []
        self.values: list[str] = []
        self.times: list[str] = []
        self.exemplars: list[TextExemplar] = []
        self.long = 0


class _Reading:
    """A body as it is read, block by block."""

    def __init__(self, lines: Lines, openmetrics: bool) -> None:
        self._lines = lines
        self._openmetrics = openmetrics
        self._series: list[Labels] = []
        self._values: list[Floats] = []
        self._times: list[Times] = []
        self._timed = False
        self._exemplars: list[TextExemplar] = []
        self._long = 0
        self._said: list[str] = []

    def samples(self) -> int:
        """Return how many samples were read."""
        return len(self._series)

    def block(self, rows: Sequence[str], said: Sequence[str], block: bytes, first: int) -> None:
        """Read the lines of a block, whose first is number `first`. Raises TextError."""
        columns = self._quickly(rows)
        try:
            if columns is None:
                columns = self._carefully(rows)
            self._said += _telling(said)
            if len(self._said) > _MOST_SAID:
                raise TextError(first, f"a body holds at most {_MOST_SAID} comments on metrics")
        except _Wrong as wrong:
            raise TextError(first + _line(block, wrong.row), str(wrong)) from None
        self._series += columns.series
        self._exemplars += columns.exemplars
        self._long += columns.long

    def parsed(self) -> Parsed:
        """Return the columns without what is not wanted."""
        series, lines = self._series, len(self._series)
        values = np.concatenate([*self._values, np.empty(0)])
        times = np.concatenate([*self._times, np.empty(0, np.int64)]) if self._timed else None
        if self._lines.finish is not None and DROPPED in series:
            kept = np.array([bool(labels) for labels in series], np.bool_)
            series = [labels for labels in series if labels]
            values = values[kept]
            times = None if times is None else times[kept]
        metadata = self._lines.metadata(self._said)
        return Parsed(series, values, times, self._exemplars, metadata, lines, self._long)

    def _quickly(self, rows: Sequence[str]) -> _Columns | None:
        """Read rows by their known left sides; None where that makes no sense of one.

        A left side that was understood ends where it ends in every line that begins so, since
        lines are read from left to right; whatever else is odd shows in the numbers.
        """
        columns = _Columns()
        known = self._lines.known
        series, values, times = columns.series, columns.values, columns.times
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
                        labels, value, time = self._row(row, columns)
                series.append(labels)
                values.append(value)
                times.append(time)
            self._convert(columns)
        except ValueError:
            return None
        return columns

    def _carefully(self, rows: Sequence[str]) -> _Columns:
        """Read rows one by one. Raises _Wrong."""
        columns = _Columns()
        for row in rows:
            try:
                labels, value, time = self._row(row, columns)
                self._number(value)
                self._stamp(time)
            except ValueError as error:
                raise _Wrong(row, str(error)) from None
            columns.series.append(labels)
            columns.values.append(value)
            columns.times.append(time)
        self._convert(columns)
        return columns

    def _convert(self, columns: _Columns) -> None:
        """Make numbers of the texts. Raises ValueError."""
        if not _NUMBERS.fullmatch(" ".join(columns.values)):
            raise ValueError
        values = np.array(list(map(float, columns.values)), np.float64)
        if any(columns.times):
            times = np.array(list(map(self._stamp, columns.times)), np.int64)
            self._timed = True
        else:
            times = np.full(len(values), UNTIMED)
        self._values.append(values)
        self._times.append(times)

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

    def _row(self, row: str, columns: _Columns) -> tuple[Labels, str, str]:
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
            self._exemplar(labels, exemplar, columns)
        return labels, value, time or ""

    def _exemplar(self, series: Labels, text: str, columns: _Columns) -> None:
        if not self._openmetrics:
            raise ValueError("exemplars are of OpenMetrics")
        end, pairs = _pairs(text, 1)
        rest = _REST.fullmatch(text, end)
        if rest is None or rest[3] is not None:
            raise ValueError("after an exemplar's labels stands its value, and then its time")
        labels = tuple(sorted(pairs))
        time, value = self._stamp(rest[2] or ""), self._number(rest[1])
        if sum(map(len, chain(*pairs))) > EXEMPLAR_CHARACTERS:
            columns.long += 1
        elif series:
            columns.exemplars.append(TextExemplar(series, labels, time, value))


def _blocks(body: bytes) -> Iterator[bytes]:
    """Yield a body in pieces that end with a line. Raises TextError."""
    start = 0
    while start < len(body):
        stop = body.find(b"\n", min(start + _BLOCK, len(body))) + 1 or len(body)
        if stop - start > _BLOCK + _LONGEST_LINE:
            line = body.count(b"\n", 0, stop - 1) + 1
            raise TextError(line, f"a line has at most {_LONGEST_LINE} bytes")
        yield body[start:stop]
        start = stop


def _rows(
    block: bytes, openmetrics: bool, first: int, ended: bool
) -> tuple[list[str], list[str], bool]:
    """Return the lines with samples, the comments, and whether the body ended with them.

    Raises TextError.
    """
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        line = first + block.count(b"\n", 0, error.start)
        raise TextError(line, "this is no UTF-8") from None
    rows = text.split("\n")
    if "\n " in text or "\n\t" in text or text[:1] in {" ", "\t"}:
        rows = [row.lstrip(" \t") for row in rows]
    end = rows.index(_END) if openmetrics and _END in rows else len(rows)
    beyond = rows if ended else rows[end + 1 :]
    if any(beyond):
        line = (
            first + len(rows) - len(beyond) + next(filter(beyond.__getitem__, range(len(beyond))))
        )
        raise TextError(line, "nothing stands behind '# EOF'")
    ended = ended or end < len(rows)
    rows = rows[:end]
    comments = [row for row in rows if row[:1] == "#"]
    return [row for row in rows if row and row[0] != "#"], comments, ended


def _telling(said: Sequence[str]) -> list[str]:
    """Return the comments that tell of a metric. Raises _Wrong."""
    found = []
    for row in said:
        match = _SAID.fullmatch(row)
        if match is None:
            continue  # an ordinary comment
        if match[1] == "TYPE" and (match[4] or "").strip() not in _KINDS:
            raise _Wrong(row, f"{(match[4] or '')[:40]!r} is no type of a metric")
        found.append(row)
    return found


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
    """Return what HELP, TYPE and UNIT say."""
    told: dict[str, dict[str, str]] = {}
    for row in said:
        match = _SAID.fullmatch(row)
        if match is not None:
            what, bare, quoted, text = match.groups()
            name = bare if bare is not None else _unescaped(quoted)
            told.setdefault(name, {})[what] = _unescaped(text or "")
    return [
        Metadata(
            name,
            _KINDS[each.get("TYPE", "unknown").strip()],
            each.get("UNIT", "").strip(),
            each.get("HELP", ""),
        )
        for name, each in told.items()
    ]


def _line(block: bytes, row: str) -> int:
    """Return the place of the first line that is this row, wherever it is indented."""
    lines = (line.lstrip(" \t") for line in block.decode().split("\n"))
    return next(number for number, line in enumerate(lines) if line == row)
