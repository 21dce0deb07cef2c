"""The door for text: whole bodies in the formats of Prometheus and OpenMetrics."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from watchroom.ingest.body import unpack
from watchroom.ingest.door import Door
from watchroom.ingest.guarded import Guarded
from watchroom.ingest.intake import Intake
from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import checked
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.text import EXEMPLAR_CHARACTERS, UNTIMED, Lines, Parsed, parse
from watchroom.model.labels import Labels
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import Exemplar, Receipt, Times, Write

Extra: TypeAlias = tuple[tuple[str, str], ...]

_SOURCES = 16


class Options(NamedTuple):
    """How a body is to be read."""

    openmetrics: bool = False
    extra: Extra = ()
    """Labels that every series gets, in the place of those it has."""
    time: int | None = None
    """Of samples without a time of their own, in ms; now, if None."""


class TextImport(Door):
    """Takes text; replies when all is durable. A body with a wrong line is refused whole."""

    def __init__(self, store: Guarded, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(store, limits or Limits())
        self._clock = clock
        self._sources: dict[Extra, Lines] = {}

    async def take(self, body: bytes, encoding: str, options: Options) -> Receipt:
        """Make a body durable.

        Raises:
            BodyTooLarge, BodyMalformed, UnknownEncoding: the body cannot be unpacked.
            TextError: a line is not in the format.
            Refused: the extra labels are no labels.
            StoreUnavailable: the store cannot write now; nothing was kept.
        """
        _, receipt = await self.keep(len(body), partial(self._read, body, encoding, options))
        return receipt

    def _read(self, body: bytes, encoding: str, options: Options) -> tuple[Intake, Refusals]:
        raw = unpack(body, encoding, self.limits.unpacked_bytes)
        lines = self._lines(options.extra)
        parsed = parse(raw, options.openmetrics, lines, self.limits.samples)
        now = int(self._clock.now() * 1000) if options.time is None else options.time
        refusals = Refusals()
        if parsed.long_exemplars:
            refusals.add(
                f"the labels of an exemplar have at most {EXEMPLAR_CHARACTERS} characters",
                parsed.long_exemplars,
            )
        return self._store.intake(_write(parsed, now), refusals), refusals

    def _lines(self, extra: Extra) -> Lines:
        lines = self._sources.get(extra)
        if lines is None:
            if len(self._sources) >= _SOURCES:
                self._sources.clear()
            lines = self._sources[extra] = Lines(_finisher(extra, self.limits), self.limits)
        return lines


def _finisher(extra: Extra, limits: Limits) -> Callable[[Labels], Labels] | None:
    if not extra:
        return None
    names = {name for name, _ in extra}

    def finish(labels: Labels) -> Labels:
        return checked([*(pair for pair in labels if pair[0] not in names), *extra], limits)

    return finish


def _write(parsed: Parsed, now: int) -> Write:
    times: Times = np.full(len(parsed.series), now, np.int64)
    if parsed.times is not None:
        times = np.where(parsed.times == UNTIMED, times, parsed.times)
    exemplars = [
        Exemplar(each.series, each.labels, now if each.time == UNTIMED else each.time, each.value)
        for each in parsed.exemplars
    ]
    return Write(
        "", parsed.series, times, parsed.values, exemplars=exemplars, metadata=parsed.metadata
    )
