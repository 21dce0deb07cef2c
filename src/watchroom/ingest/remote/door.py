"""The door of remote write."""

from enum import StrEnum
from functools import partial
from typing import NamedTuple

from watchroom.ingest.body import unpack
from watchroom.ingest.door import Door
from watchroom.ingest.guarded import Guarded
from watchroom.ingest.intake import Intake
from watchroom.ingest.limits import Limits
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.remote import v1, v2
from watchroom.ingest.remote.known import Known
from watchroom.storage.contract import Receipt


class Version(StrEnum):
    """The message a request holds, by its full name."""

    ONE = "prometheus.WriteRequest"
    TWO = "io.prometheus.write.v2.Request"


class Written(NamedTuple):
    """What was made durable of a request, and one sentence for each reason something was not."""

    samples: int
    histograms: int
    exemplars: int
    rejected: tuple[str, ...]


class RemoteWrite(Door):
    """Takes requests of remote write; replies when all is durable."""

    def __init__(self, store: Guarded, limits: Limits | None = None) -> None:
        super().__init__(store, limits or Limits())
        self._known = {version: Known(store.guard, self.limits) for version in Version}

    async def take(self, body: bytes, encoding: str, version: Version) -> Written:
        """Make a request durable.

        Raises:
            BodyTooLarge, BodyMalformed, UnknownEncoding: the body cannot be unpacked.
            Malformed, TooMany: it is no request, or holds too much.
            StoreUnavailable: the store cannot write now; nothing was kept.
        """
        read = partial(self._read, body, encoding, version)
        return _written(*await self.keep(len(body), read))

    def known(self) -> int:
        """Return how many label sets are remembered by what spells them."""
        return sum(map(len, self._known.values()))

    def _read(self, body: bytes, encoding: str, version: Version) -> tuple[Intake, Refusals]:
        raw = unpack(body, encoding, self.limits.unpacked_bytes)
        decode = v1.decode if version is Version.ONE else v2.decode
        return decode(raw, self._known[version])


def _written(intake: Intake, receipt: Receipt) -> Written:
    """Return what a receipt says; what the store refused it refused of the samples first."""
    samples, histograms = len(intake.times), len(intake.histograms)
    refused = samples + histograms - receipt.samples
    floats = max(0, samples - refused)
    return Written(floats, receipt.samples - floats, len(intake.exemplars), receipt.rejected)
