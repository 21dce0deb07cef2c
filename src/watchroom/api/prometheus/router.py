"""Every resource of Prometheus' API, joined."""

from collections.abc import Iterator

from fastapi import APIRouter

from watchroom.api.openapi import Schemas
from watchroom.api.prometheus import catalogue, expressions, federate, queries, status, targets
from watchroom.api.prometheus.queries import Asked
from watchroom.api.prometheus.status import Facts
from watchroom.ingest.scrape.scraper import Scraper
from watchroom.storage.contract import Store


def routers(
    store: Store, asked: Asked, facts: Facts, scraper: Scraper, schemas: Schemas
) -> Iterator[APIRouter]:
    """Yield the resources."""
    yield queries.router(asked, schemas)
    yield expressions.router(store, schemas)
    yield catalogue.router(store, schemas)
    yield status.router(store, facts, schemas)
    yield targets.router(scraper, schemas)
    yield status.probes()
    yield federate.router(store, facts.now, schemas)
