"""The server's own metrics, for Prometheus and for the curious."""

import resource
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import psutil
from fastapi import APIRouter, Request
from starlette.responses import Response

from watchroom.api.exposition import Exposed, expose, negotiate
from watchroom.ingest.door import DoorStatistics
from watchroom.ingest.guard import GuardStatistics
from watchroom.ingest.native import IngestStatistics
from watchroom.ingest.otlp.door import OtlpMemory
from watchroom.ingest.scrape.scraper import ScrapeStatistics
from watchroom.runtime.loop import LoopStatistics

_INGEST_HELP = {
    "batches": "Batches made durable, replays included.",
    "duplicates": "Batches that had been taken before and were not counted again.",
    "refused_batches": "Batches refused as a whole.",
    "failed_batches": "Batches the store could not write.",
    "samples": "Samples made durable.",
    "refused_points": "Points and events refused within batches that were taken.",
    "bytes": "Bytes of batches received, as sent.",
}
_OTLP_HELP = {
    "label_sets": "Label sets of OTLP remembered to spare their making.",
    "delta_streams": "Streams of OTLP whose deltas are added up.",
}
_SCRAPE_HELP = {
    "scrape_jobs": "Jobs that are scraped.",
    "scrape_targets": "Targets that are scraped.",
    "scrape_targets_up": "Targets whose last scrape brought its samples.",
    "scrape_targets_dropped": "Targets that relabelling dropped.",
    "scrapes_total": "Scrapes done.",
    "scrapes_failed_total": "Scrapes that brought nothing.",
    "scrapes_missed_total": "Scrapes left out because the one before took too long.",
    "scrapes_unwritten_total": "Scrapes that the store could not write.",
    "scrape_samples_total": "Samples of targets, after relabelling.",
}
_DOOR_HELP = {
    "requests": "Requests received by a door.",
    "refused_requests": "Requests refused as a whole.",
    "failed_requests": "Requests the store could not write.",
    "samples": "Samples made durable.",
    "refused_samples": "Samples refused within requests that were taken.",
    "bytes": "Bytes of requests received, as sent.",
}
_LIVE_COUNTERS = {"frames", "deliveries", "updates", "skipped"}


def router(collect: Callable[[], Iterable[Exposed]]) -> APIRouter:
    """Return GET /metrics."""
    routes = APIRouter(tags=["health"])

    @routes.get(
        "/metrics",
        summary="The server's own metrics, as Prometheus text",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics(request: Request) -> Response:
        kind = negotiate(request.headers.get("accept", ""))
        return Response(expose(collect(), kind), media_type=kind, headers={"Vary": "Accept"})

    return routes


def build(version: str) -> Iterator[Exposed]:
    """Yield what was built, and with what."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    yield Exposed(
        "watchroom_build_info",
        "gauge",
        "Always 1; the version is in the labels.",
        [({"version": version, "python": python}, 1.0)],
    )


def process() -> Iterator[Exposed]:
    """Yield the metrics every Prometheus client gives of its process."""
    me = psutil.Process()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    memory = me.memory_info()
    figures = (
        (
            "process_cpu_seconds_total",
            "counter",
            "CPU time spent.",
            usage.ru_utime + usage.ru_stime,
        ),
        ("process_resident_memory_bytes", "gauge", "Memory in RAM.", memory.rss),
        ("process_virtual_memory_bytes", "gauge", "Memory addressed.", memory.vms),
        ("process_start_time_seconds", "gauge", "Start, since the epoch.", me.create_time()),
        ("process_open_fds", "gauge", "Open file descriptors.", me.num_fds()),
        (
            "process_max_fds",
            "gauge",
            "Most file descriptors.",
            resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        ),
        ("process_threads", "gauge", "Threads of Python.", threading.active_count()),
    )
    for name, kind, text, value in figures:
        yield Exposed(name, kind, text, [({}, float(value))])


def ingest(statistics: IngestStatistics) -> Iterator[Exposed]:
    """Yield the figures of the native door in."""
    for name, text in _INGEST_HELP.items():
        value = float(getattr(statistics, name))
        yield Exposed(f"watchroom_ingested_{name}_total", "counter", text, [({}, value)])
    yield Exposed(
        "watchroom_ingest_sources", "gauge", "Processes heard of.", [({}, statistics.sources)]
    )
    yield Exposed(
        "watchroom_ingest_label_sets",
        "gauge",
        "Label sets remembered to spare their making.",
        [({}, statistics.label_sets)],
    )


def otlp(statistics: OtlpMemory) -> Iterator[Exposed]:
    """Yield what the door in for OTLP remembers."""
    yield from _told("watchroom_otlp", _OTLP_HELP, statistics)


def scrape(statistics: ScrapeStatistics) -> Iterator[Exposed]:
    """Yield the figures of scraping."""
    yield from _told("watchroom", _SCRAPE_HELP, statistics)


def _told(prefix: str, texts: Mapping[str, str], values: Iterable[float]) -> Iterator[Exposed]:
    for (name, text), value in zip(texts.items(), values, strict=True):
        kind = "counter" if name.endswith("_total") else "gauge"
        yield Exposed(f"{prefix}_{name}", kind, text, [({}, float(value))])


def doors(statistics: Mapping[str, DoorStatistics]) -> Iterator[Exposed]:
    """Yield the figures of the doors for other formats."""
    for name, text in _DOOR_HELP.items():
        rows = [
            ({"door": door}, float(getattr(figures, name))) for door, figures in statistics.items()
        ]
        yield Exposed(f"watchroom_door_{name}_total", "counter", text, rows)


def guard(statistics: GuardStatistics) -> Iterator[Exposed]:
    """Yield the figures of the guard of cardinality."""
    figures = (
        ("active_sets", "gauge", "Label sets that wrote within the last one to two hours."),
        ("remembered_sets", "gauge", "Folded label sets whose last value is remembered."),
        ("folded_samples", "counter", "Samples of label sets that were folded."),
        ("forgotten_sets", "counter", "Folded label sets forgotten, as there were too many."),
    )
    for name, kind, text in figures:
        full = f"watchroom_ingest_{name}" + ("_total" if kind == "counter" else "")
        yield Exposed(full, kind, text, [({}, float(getattr(statistics, name)))])
    text = "Metrics of a job with a label that is folded."
    count = float(len(statistics.folds))
    yield Exposed("watchroom_ingest_folded_metrics", "gauge", text, [({}, count)])


def live(statistics: Mapping[str, int]) -> Iterator[Exposed]:
    """Yield the figures of the live channels and their clients."""
    for name, value in statistics.items():
        counter = name in _LIVE_COUNTERS
        full = f"watchroom_live_{name}_total" if counter else f"watchroom_live_{name}"
        text = f"Live channels: {name}."
        yield Exposed(full, "counter" if counter else "gauge", text, [({}, float(value))])


def queries(statistics: Mapping[str, int]) -> Iterator[Exposed]:
    """Yield the figures of the queries."""
    for name, kind, text in _QUERY_FIGURES:
        value = float(statistics[name.removesuffix("_total")])
        yield Exposed(f"watchroom_queries_{name}", kind, text, [({}, value)])


_QUERY_FIGURES = (
    ("asked_total", "counter", "Queries asked."),
    ("canceled_total", "counter", "Queries whose client went away."),
    ("timeouts_total", "counter", "Queries that waited too long for their turn."),
    ("running", "gauge", "Queries that run."),
    ("waiting", "gauge", "Queries that wait for their turn."),
)


def store(statistics: Mapping[str, Any]) -> Iterator[Exposed]:
    """Yield the numbers among the store's figures."""
    for name, value in statistics.items():
        if isinstance(value, (int, float)):
            text = f"Series store: {name.replace('_', ' ')}."
            yield Exposed(f"watchroom_store_{name}", "untyped", text, [({}, float(value))])


def loops(statistics: Iterable[LoopStatistics]) -> Iterator[Exposed]:
    """Yield the figures of every loop."""
    rows = list(statistics)
    for name, kind, text, read in _LOOP_FIGURES:
        yield Exposed(
            f"watchroom_loop_{name}", kind, text, [({"loop": row.name}, read(row)) for row in rows]
        )


_LOOP_FIGURES: tuple[tuple[str, str, str, Callable[[LoopStatistics], float]], ...] = (
    ("ticks_total", "counter", "Times the loop's body ran.", lambda row: row.ticks),
    ("missed_total", "counter", "Slots the body ran over.", lambda row: row.missed),
    ("errors_total", "counter", "Times the body failed.", lambda row: row.errors),
    ("seconds_total", "counter", "Time spent in the body.", lambda row: row.total_seconds),
    ("interval_seconds", "gauge", "Time between two slots.", lambda row: row.interval),
)
