"""How the server is: the state of its parts, and its own metrics."""

from collections.abc import Iterable

from watchroom._version import __version__
from watchroom.api import health
from watchroom.api.exposition import Exposed
from watchroom.api.health import Health, Part
from watchroom.ingest.door import DoorStatistics
from watchroom.server import metrics as own
from watchroom.server.parts import Parts
from watchroom.storage.contract import Store


def health_of(parts: Parts) -> Health:
    """Return the state of each part."""
    checked = {
        "store": _store_health(parts.store),
        "ingest": _ingest_health(parts),
        "scrape": _scrape_health(parts),
        "live": _live_health(parts),
    }
    uptime = parts.clock.monotonic() - parts.began
    return Health(health.overall(checked), __version__, uptime, checked)


def _store_health(store: Store) -> Part:
    figures = store.statistics()
    damage = len(figures["damage"])
    if damage:
        return Part("degraded", f"{damage} damaged ranges are set aside; see figures", figures)
    return Part("healthy", "no damage found", figures)


def _doors(parts: Parts) -> dict[str, DoorStatistics]:
    return {
        "remote_write": parts.remote.statistics(),
        "text": parts.text.statistics(),
        "otlp": parts.otlp.statistics(),
    }


def _ingest_health(parts: Parts) -> Part:
    native, guard, others = parts.ingest.statistics(), parts.guard.statistics(), _doors(parts)
    figures = native._asdict() | {"guard": guard._asdict()}
    figures |= {name: each._asdict() for name, each in others.items()}
    failure = next(filter(None, (native.failure, *(each.failure for each in others.values()))), "")
    if failure:
        return Part("unhealthy", f"the last batch failed: {failure}", figures)
    if guard.folds:
        told = ", ".join(guard.folds[:3]) + (", …" if len(guard.folds) > 3 else "")
        return Part("degraded", f"too many label sets, folded: {told}", figures)
    return Part("healthy", f"heard of {native.sources} processes", figures)


def _scrape_health(parts: Parts) -> Part:
    figures = parts.scraper.statistics()
    detail = f"{figures.up} of {figures.targets} targets are up"
    if not parts.reload.succeeded:
        return Part("degraded", f"the configuration file is wrong; {detail}", figures._asdict())
    return Part("healthy", detail, figures._asdict())


def _live_health(parts: Parts) -> Part:
    figures = parts.sockets.statistics() | parts.channels.statistics()
    return Part("healthy", f"{figures['clients']} clients", figures)


def exposed(parts: Parts) -> Iterable[Exposed]:
    """Yield the server's own metrics."""
    yield from own.build(__version__)
    yield from own.process()
    yield from own.ingest(parts.ingest.statistics())
    yield from own.otlp(parts.otlp.memory())
    yield from own.scrape(parts.scraper.statistics())
    yield from own.doors(_doors(parts))
    yield from own.guard(parts.guard.statistics())
    yield from own.live(parts.channels.statistics() | parts.sockets.statistics())
    yield from own.queries(parts.asked.slots.statistics())
    yield from own.store(parts.store.statistics())
    yield from own.loops(
        [parts.retention.statistics(), parts.guarding.statistics(), *parts.channels.loops()]
    )
