"""GET /api/v1/targets: what is scraped, and how it fares."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.openapi import Schemas
from watchroom.api.prometheus.answers import success
from watchroom.api.prometheus.documented import add, text
from watchroom.api.prometheus.parameters import parameters
from watchroom.api.prometheus.schemas import ObjectAnswer
from watchroom.ingest.scrape.quantities import duration_text
from watchroom.ingest.scrape.scrape import Scrape
from watchroom.ingest.scrape.scraper import Scraper
from watchroom.ingest.scrape.target import Dropped

_ABOUT = [
    text("state", "active, dropped or any, as if none were given"),
    text("scrapePool", "only the targets of this job"),
]
_NEVER = "0001-01-01T00:00:00Z"
_HEALTH = {None: "unknown", True: "up", False: "down"}


def router(scraper: Scraper, schemas: Schemas) -> APIRouter:
    """Return the targets resource."""
    routes = APIRouter(prefix="/api/v1", tags=["prometheus"])

    async def targets(request: Request) -> Response:
        asked = await parameters(request)
        return success(_answer(scraper, asked.text("state").lower(), asked.text("scrapePool")))

    answers = schemas.answers(ObjectAnswer, 400)
    add(routes, "/targets", targets, ("GET",), "Targets that are scraped", _ABOUT, answers)
    return routes


def _answer(scraper: Scraper, state: str, pool: str) -> dict[str, Any]:
    active = [each for each in scraper.scrapes() if pool in {"", each.found.target.job}]
    dropped = [each for each in scraper.dropped() if pool in {"", each.job}]
    return {
        "activeTargets": [] if state == "dropped" else list(map(_active, active)),
        "droppedTargets": [] if state == "active" else list(map(_dropped, dropped)),
        "droppedTargetCounts": Counter(each.job for each in dropped),
    }


def _active(scrape: Scrape) -> dict[str, Any]:
    target, discovered = scrape.found
    health = scrape.health
    return {
        "discoveredLabels": discovered,
        "labels": dict(target.labels),
        "scrapePool": target.job,
        "scrapeUrl": target.url,
        "globalUrl": target.url,
        "lastError": health.error,
        "lastScrape": _time(health.time),
        "lastScrapeDuration": health.seconds,
        "health": _HEALTH[health.up],
        "scrapeInterval": duration_text(target.interval),
        "scrapeTimeout": duration_text(target.timeout),
    }


def _dropped(target: Dropped) -> dict[str, Any]:
    return {"discoveredLabels": target.discovered, "scrapePool": target.job}


def _time(seconds: float) -> str:
    if not seconds:
        return _NEVER
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
