"""Everything that answers requests, joined."""

from typing import NamedTuple

from watchroom.api.prometheus.queries import Asked
from watchroom.api.prometheus.status import Facts
from watchroom.ingest.guard import Guard
from watchroom.ingest.native import Ingest
from watchroom.ingest.otlp.door import OtlpDoor
from watchroom.ingest.remote.door import RemoteWrite
from watchroom.ingest.scrape.scraper import Scraper
from watchroom.ingest.text_import import TextImport
from watchroom.live.channels import LiveChannels
from watchroom.live.sockets import Sockets
from watchroom.query.engine import Engine
from watchroom.runtime.clock import Clock
from watchroom.runtime.loop import Loop
from watchroom.server.reload import Reload
from watchroom.server.upkeep import StoreUpkeep
from watchroom.storage.contract import Store


class Parts(NamedTuple):
    """What is built at the start, and lives to the end."""

    clock: Clock
    began: float
    store: Store
    engine: Engine
    ingest: Ingest
    otlp: OtlpDoor
    scraper: Scraper
    reload: Reload
    remote: RemoteWrite
    text: TextImport
    guard: Guard
    channels: LiveChannels
    sockets: Sockets
    retention: Loop
    asked: Asked
    guarding: Loop
    facts: Facts
    upkeep: StoreUpkeep
