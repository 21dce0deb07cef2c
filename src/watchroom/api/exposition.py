"""Metrics as text: the Prometheus text format 0.0.4 and OpenMetrics 1.0.0, written by us.

https://prometheus.io/docs/instrumenting/exposition_formats/
https://prometheus.io/docs/specs/om/open_metrics_spec/

`expose` writes the few metrics of the server itself; `write` writes many series from arrays, in
chunks, with the text of each label set made once.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchroom.model.labels import NAME, Labels

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CHUNK = 2048
"""Series in one chunk: about a millisecond of work, so that a server stays quick between two."""

_VALUE = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})
_OPEN_HELP = _VALUE
_TOTAL = "_total"
_PLAIN_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_PLAIN_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_OPEN_KINDS = {"untyped": "unknown"}


class Exposed(NamedTuple):
    """One metric with its samples; `kind` is counter, gauge or untyped."""

    name: str
    kind: str
    help: str
    samples: Iterable[tuple[Mapping[str, str], float]]


def negotiate(accept: str) -> str:
    """Return the content type to answer an Accept header with: OPENMETRICS where it is preferred.

    Of the text format everything can be had by everybody, so it is also the answer to nonsense.
    """
    best, quality = TEXT, -1.0
    for part in accept.split(","):
        media, *parameters = (each.strip().lower() for each in part.split(";"))
        given = dict(each.partition("=")[::2] for each in parameters)
        offered = _OFFERS.get(media)
        if offered and given.get("version", "1.0.0") in {"0.0.1", "0.0.4", "1.0.0"}:
            wanted = _quality(given.get("q", "1"))
            if wanted > quality:
                best, quality = offered, wanted
    return best


def expose(metrics: Iterable[Exposed], content_type: str = TEXT) -> str:
    """Return the metrics as text of one of the two content types."""
    openly = content_type == OPENMETRICS
    lines: list[str] = []
    for metric in metrics:
        lines.extend(_head(metric, openly))
        lines.extend(
            f"{metric.name}{_braced(labels)} {_number(value)}" for labels, value in metric.samples
        )
    if openly:
        lines.append("# EOF")
    return "\n".join(lines) + "\n"


class LabelText:
    """The text of label sets, made once for as long as the same object comes again.

    The store hands out the same tuple for a series each time, so a look-up by identity spares
    the hash over all its strings. Bounded: at `most` entries everything is forgotten. `finish`
    gets a label set and returns the one that is written in its place.
    """

    def __init__(
        self, most: int = 200_000, finish: Callable[[Labels], Labels] | None = None
    ) -> None:
        self._most = most
        self._finish = finish
        self._known: dict[int, tuple[Labels, str, bytes]] = {}

    def of(self, labels: Labels) -> tuple[Labels, str, bytes]:
        """Return the label set, its metric name, and `name{…} ` as bytes."""
        entry = self._known.get(id(labels))
        if entry is None or entry[0] is not labels:
            if len(self._known) >= self._most:
                self._known.clear()
            written = labels if self._finish is None else self._finish(labels)
            entry = self._known[id(labels)] = (labels, *_entry(written))
        return entry


def write(
    series: Sequence[Labels],
    values: NDArray[np.float64],
    times: NDArray[np.int64] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    cache: LabelText | None = None,
    chunk: int = CHUNK,
    content_type: str = TEXT,
) -> Iterator[bytes]:
    """Yield samples as text of one of the two content types, some thousand series at a time.

    Args:
        series: n label sets; those of one metric name stand together.
        values: n numbers.
        times: n times in ms since the epoch; None leaves them out.
        kinds: type by metric name for the `# TYPE` lines; None writes none. A name that is not
            among them is untyped.
        cache: what remembers label sets from one call to the next.
        chunk: series to a chunk.
        content_type: TEXT, or OPENMETRICS, which has its times in seconds.
    """
    openly = content_type == OPENMETRICS
    untyped = "unknown" if openly else "untyped"
    remember = (cache or LabelText()).of
    last = ""
    for first in range(0, len(series), chunk):
        part = slice(first, first + chunk)
        entries = list(map(remember, series[part]))
        heads = [entry[2] for entry in entries]
        if kinds is not None:
            last = _announce(entries, heads, kinds, last, untyped)
        stamps = None if times is None else _stamps(times[part], openly=openly)
        yield _rows(heads, numbers(values[part]), stamps)
    if openly:
        yield b"# EOF\n"


def numbers(values: NDArray[np.float64]) -> list[bytes]:
    """Return numbers as text that reads back as the same numbers."""
    if not len(values):
        return []
    # The JSON encoder writes shortest round-trip floats several times faster than repr.
    text = msgspec.json.encode(values.tolist())[1:-1].replace(b".0,", b",")
    found = text.removesuffix(b".0").split(b",")
    for odd in np.flatnonzero(~np.isfinite(values)).tolist():
        found[odd] = _number(float(values[odd])).encode()
    return found


def _stamps(times: NDArray[np.int64], *, openly: bool) -> list[bytes]:
    return (
        numbers(times / 1000.0) if openly else msgspec.json.encode(times.tolist())[1:-1].split(b",")
    )


def _rows(heads: list[bytes], texts: list[bytes], stamps: list[bytes] | None) -> bytes:
    if stamps is None:
        return b"".join(chain.from_iterable(zip(heads, texts, repeat(b"\n"), strict=False)))
    return b"".join(
        chain.from_iterable(zip(heads, texts, repeat(b" "), stamps, repeat(b"\n"), strict=False))
    )


def _announce(
    entries: Sequence[tuple[Labels, str, bytes]],
    heads: list[bytes],
    kinds: Mapping[str, str],
    last: str,
    untyped: str,
) -> str:
    """Put a `# TYPE` line before the first sample of each name; return the last name."""
    for row, (_, name, head) in enumerate(entries):
        if name != last:
            last = name
            heads[row] = f"# TYPE {_quoted(name)} {kinds.get(name, untyped)}\n".encode() + head
    return last


def _entry(labels: Labels) -> tuple[str, bytes]:
    name = ""
    pairs = []
    for key, value in labels:
        if key == NAME:
            name = value
        else:
            pairs.append(f'{_label(key)}="{value.translate(_VALUE)}"')
    if not _PLAIN_METRIC.fullmatch(name):
        return name, f"{{{','.join([_quoted(name), *pairs])}}} ".encode()
    braced = f"{{{','.join(pairs)}}}" if pairs else ""
    return name, f"{name}{braced} ".encode()


def _quoted(name: str) -> str:
    return name if _PLAIN_METRIC.fullmatch(name) else f'"{name.translate(_VALUE)}"'


def _label(name: str) -> str:
    return name if _PLAIN_LABEL.fullmatch(name) else f'"{name.translate(_VALUE)}"'


def _head(metric: Exposed, openly: bool) -> Iterator[str]:
    name, kind = metric.name, metric.kind
    if openly:
        name = name.removesuffix(_TOTAL) if kind == "counter" else name
        kind = _OPEN_KINDS.get(kind, kind)
    yield f"# HELP {name} {metric.help.translate(_OPEN_HELP if openly else _HELP)}"
    yield f"# TYPE {name} {kind}"


def _braced(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{value.translate(_VALUE)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


_OFFERS = {
    "application/openmetrics-text": OPENMETRICS,
    "text/plain": TEXT,
    "text/*": TEXT,
    "*/*": TEXT,
}
