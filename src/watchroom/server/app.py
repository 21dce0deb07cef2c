"""Where the parts are built and joined, and the only such place."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from watchroom._version import __version__
from watchroom.api import (
    doors,
    errors,
    events,
    health,
    ingest,
    live,
    metrics,
    otlp,
    reload,
    services,
)
from watchroom.api.openapi import Schemas
from watchroom.api.prometheus import admin
from watchroom.api.prometheus import router as prometheus
from watchroom.api.prometheus.parameters import format_duration
from watchroom.api.prometheus.queries import Asked
from watchroom.api.prometheus.slots import Slots
from watchroom.api.prometheus.status import Facts
from watchroom.ingest.guard import Caps, Guard
from watchroom.ingest.guarded import Guarded
from watchroom.ingest.limits import Limits
from watchroom.ingest.native import Ingest
from watchroom.ingest.otlp.door import OtlpDoor
from watchroom.ingest.remote.door import RemoteWrite
from watchroom.ingest.scrape.scraper import Scraper
from watchroom.ingest.text_import import TextImport
from watchroom.live.channels import LiveChannels
from watchroom.live.sockets import PATH as SOCKETS_PATH
from watchroom.live.sockets import Sockets
from watchroom.query.engine import Engine
from watchroom.query.promql.engine import PromQL
from watchroom.query.promql.limits import Limits as QueryLimits
from watchroom.runtime.clock import Clock
from watchroom.runtime.loop import Loop
from watchroom.server import metrics as own
from watchroom.server.condition import exposed, health_of
from watchroom.server.pages import Pages
from watchroom.server.parts import Parts
from watchroom.server.reload import Reload
from watchroom.server.shield import Shield, answering_hosts, is_loopback
from watchroom.server.upkeep import StoreUpkeep
from watchroom.storage.contract import Store
from watchroom.storage.embedded import EmbeddedStore

logger = logging.getLogger(__name__)

_RETENTION_INTERVAL = 300.0
_GUARD_INTERVAL = 60.0
_LIVE_INTERVAL = 1.0
_SERVICES_INTERVAL = 5.0
_DAY_SECONDS = 86_400.0

_DESCRIPTION = """\
What Watchroom hears from your services, as numbers. Times are seconds since the epoch; null
means that there is no data. Every error has the shape
`{"error": {"code", "message", "hint"}}`."""


class Watchroom(NamedTuple):
    """The running server: its ASGI application, and the parts that outlive a request."""

    app: ASGIApp
    api: FastAPI
    store: Store
    sockets: Sockets
    reload: Reload


@asynccontextmanager
async def open_watchroom(settings: Mapping[str, Any], clock: Clock) -> AsyncIterator[Watchroom]:
    """Build the server from settings by name, start its loops, and end all of it on leaving.

    What is entered last is left first: no loop outlives the store it reads.
    """
    async with AsyncExitStack() as stack:
        # First in, last out: everything else reads or writes the store.
        store = await asyncio.to_thread(_open_store, settings, clock)
        stack.push_async_callback(asyncio.to_thread, store.close)
        parts = _build(store, settings, clock)
        # Queries read the store in threads of their own: none is left when it closes.
        stack.push_async_callback(asyncio.to_thread, parts.asked.slots.close)
        # What it remembers is saved when all doors are shut.
        await asyncio.to_thread(parts.guard.restore)
        stack.push_async_callback(asyncio.to_thread, parts.guard.turn)
        await stack.enter_async_context(parts.guarding)
        # Old samples go as long as the server runs.
        await stack.enter_async_context(parts.retention)
        # Scrapes write until the store closes.
        await stack.enter_async_context(parts.scraper)
        await parts.reload()
        # Ticks ask the engine, so they stop before the store closes.
        await stack.enter_async_context(parts.channels)
        # Clients leave first, so that nothing ticks into closed sockets.
        stack.push_async_callback(parts.sockets.close)
        api = build_api(parts)
        front = _Front(api, parts.sockets)
        app = Shield(front, answering_hosts(str(settings["host"])))
        yield Watchroom(app, api, store, parts.sockets, parts.reload)


def _open_store(settings: Mapping[str, Any], clock: Clock) -> EmbeddedStore:
    return EmbeddedStore(
        Path(str(settings["data"])),
        sync=bool(settings["sync"]),
        now=clock.now,
        retention_seconds=float(settings["retention_days"]) * _DAY_SECONDS,
    )


def _build(store: EmbeddedStore, settings: Mapping[str, Any], clock: Clock) -> Parts:
    engine = Engine(store, clock)
    channels = LiveChannels(clock)
    _offer(channels, engine)
    most = int(settings["ingest_max_mb"]) << 20
    limits = Limits(packed_bytes=most, unpacked_bytes=most)
    guarded = Guarded(store, _guard(store, settings, clock))
    door = Ingest(guarded, clock, limits, announce=_Announcer(channels).service_seen)
    otlp_door = OtlpDoor(guarded, clock, limits)
    scraper = Scraper(guarded, clock, limits, agent=f"Watchroom/{__version__}")
    reloading = Reload(str(settings["config_file"]), scraper, otlp_door, clock.now)
    return Parts(
        clock,
        clock.monotonic(),
        store,
        engine,
        door,
        otlp_door,
        scraper,
        reloading,
        RemoteWrite(guarded, limits),
        TextImport(guarded, clock, limits),
        guarded.guard,
        channels,
        Sockets(channels),
        _retention(store, clock, settings),
        _asked(store, settings, clock),
        _guarding(guarded.guard, clock),
        _facts(settings, clock, reloading),
        StoreUpkeep(
            store,
            Path(str(settings["data"])),
            clock.now,
            allowed=is_loopback(str(settings["host"])),
        ),
    )


def _asked(store: Store, settings: Mapping[str, Any], clock: Clock) -> Asked:
    limits = QueryLimits(
        samples=int(settings["query_max_samples"]),
        points=int(settings["query_max_points"]),
        series=int(settings["query_max_series"]),
        seconds=float(settings["query_timeout_seconds"]),
    )
    slots = Slots(int(settings["query_concurrency"]))
    return Asked(PromQL(store, limits, clock), slots, clock.now, limits.seconds)


def _guard(store: Store, settings: Mapping[str, Any], clock: Clock) -> Guard:
    caps = Caps(int(settings["series_per_source_limit"]), int(settings["series_per_metric_limit"]))
    return Guard(store, clock, caps, Path(str(settings["data"])) / "guard")


def _guarding(guard: Guard, clock: Clock) -> Loop:
    async def turn() -> None:
        await asyncio.to_thread(guard.turn)

    return Loop("guard", _GUARD_INTERVAL, turn, clock)


def _facts(settings: Mapping[str, Any], clock: Clock, reloading: Reload) -> Facts:
    retention = format_duration(round(float(settings["retention_days"]) * _DAY_SECONDS * 1000))
    flags = {
        "config.file": str(settings["config_file"]),
        "query.lookback-delta": "5m",
        "query.max-concurrency": str(settings["query_concurrency"]),
        "query.max-samples": str(settings["query_max_samples"]),
        "query.timeout": format_duration(round(float(settings["query_timeout_seconds"]) * 1000)),
        "storage.tsdb.path": str(settings["data"]),
        "storage.tsdb.retention.time": retention,
        "web.listen-address": f"{settings['host']}:{settings['port']}",
    }
    return Facts(__version__, clock.now(), clock.now, retention, flags, reloading.applied)


def _offer(channels: LiveChannels, engine: Engine) -> None:
    async def current(fields: Mapping[str, str]) -> Any:
        return await asyncio.to_thread(engine.current, fields.get("service"))

    async def services(_fields: Mapping[str, str]) -> Any:
        return await asyncio.to_thread(engine.services)

    channels.register("metrics/current", current, interval=_LIVE_INTERVAL)
    channels.register("metrics/current/{service}", current, interval=_LIVE_INTERVAL)
    channels.register("services", services, interval=_SERVICES_INTERVAL)


class _Announcer:
    """Tells the pages at once when a process is heard of for the first time."""

    def __init__(self, channels: LiveChannels) -> None:
        self._channels = channels
        self._tasks: set[asyncio.Task[None]] = set()

    def service_seen(self, service: str, instance: str) -> None:
        logger.info("heard of service %s, process %s", service, instance)
        task = asyncio.get_running_loop().create_task(self._channels.refresh("services"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _retention(store: Store, clock: Clock, settings: Mapping[str, Any]) -> Loop:
    days, coarse_days = float(settings["retention_days"]), float(settings["coarse_days"])
    most = int(settings["store_max_mb"]) << 20

    async def forget() -> None:
        oldest, coarse = (
            int((clock.now() - age * _DAY_SECONDS) * 1000) for age in (days, coarse_days)
        )
        gone = await asyncio.to_thread(
            store.retain, oldest, coarse if coarse_days > days else None, most
        )
        if gone:
            logger.info("%d old samples are no longer kept whole", gone)

    return Loop("retention", _RETENTION_INTERVAL, forget, clock)


def build_api(parts: Parts) -> FastAPI:
    """Return the HTTP API over the parts; what it does not know goes to the pages."""
    schemas = Schemas()
    api = FastAPI(
        title="Watchroom",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    errors.install(api)
    for router in (  # the busiest first, as they are tried in this order
        ingest.router(parts.ingest, schemas),
        *prometheus.routers(parts.store, parts.asked, parts.facts, parts.scraper, schemas),
        otlp.router(parts.otlp),
        reload.router(parts.reload),
        doors.router(parts.remote, parts.text, schemas),
        metrics.router(parts.engine, schemas),
        services.router(parts.engine, schemas),
        events.router(parts.engine, schemas),
        live.router(parts.channels, schemas),
        health.router(lambda: health_of(parts), schemas),
        own.router(lambda: exposed(parts)),
        admin.router(parts.upkeep, schemas),
    ):
        api.include_router(router)
    schemas.install(api)
    api.router.redirect_slashes = False
    api.router.default = Pages()
    return api


class _Front:
    """Sends Socket.IO its requests, and the API all others."""

    def __init__(self, api: ASGIApp, sockets: Sockets) -> None:
        self._api = api
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        live = (scope["path"] + "/").startswith(SOCKETS_PATH)
        await (self._sockets.app if live else self._api)(scope, receive, send)
