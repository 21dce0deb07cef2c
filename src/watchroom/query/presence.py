"""Who has been heard of, and when."""

from collections import defaultdict

from watchroom.model.labels import INSTANCE, JOB, value_of
from watchroom.model.report import LIVE_SECONDS, UPTIME
from watchroom.query.results import Instance, Service
from watchroom.query.selectors import named
from watchroom.storage.contract import FloatSeries, Matcher, Store

STARTED = "process_start_time_seconds"
"""Never changes, so it is sent every 15 s only: cheap to read over a day."""

DAY = 86_400_000
RECENT = 60_000


def services(store: Store, now: int) -> list[Service]:
    """Return the services heard of within the last day, with their processes."""
    seen: dict[tuple[str, str], tuple[float, float]] = {}
    _note(seen, store, [named([STARTED])], now - DAY, now)
    _note(seen, store, [named([UPTIME])], now - RECENT, now)
    told = {job for job, _ in seen}
    for job in store.label_values(JOB):
        if job not in told:
            _search(seen, store, job, now)
    return _grouped(seen, now / 1000.0)


def _search(
    seen: dict[tuple[str, str], tuple[float, float]], store: Store, job: str, now: int
) -> None:
    """Look for a source that sends no process metrics, the recent past first."""
    for reach in (5 * RECENT, 60 * RECENT, DAY):
        _note(seen, store, [Matcher(JOB, "=", job)], now - reach, now)
        if any(each == job for each, _ in seen):
            return


def _note(
    seen: dict[tuple[str, str], tuple[float, float]],
    store: Store,
    matchers: list[Matcher],
    start: int,
    end: int,
) -> None:
    for series in store.select(matchers, start, end):
        key = (value_of(series.labels, JOB), value_of(series.labels, INSTANCE))
        started = value_of(series.labels, "__name__") == STARTED
        first, last = float(series.times[0]) / 1000.0, float(series.times[-1]) / 1000.0
        if started and isinstance(series, FloatSeries):
            first = min(first, float(series.values[-1]))
        old = seen.get(key, (first, last))
        seen[key] = (min(old[0], first), max(old[1], last))


def _grouped(seen: dict[tuple[str, str], tuple[float, float]], now: float) -> list[Service]:
    by_job: dict[str, list[Instance]] = defaultdict(list)
    for (job, instance), (first, last) in sorted(seen.items()):
        live = now - last <= LIVE_SECONDS
        by_job[job].append(
            {"instance": instance, "first_seen": first, "last_seen": last, "live": live}
        )
    return [
        {
            "service": job,
            "status": "live" if any(each["live"] for each in instances) else "stale",
            "last_seen": max(each["last_seen"] for each in instances),
            "instances": instances,
        }
        for job, instances in by_job.items()
    ]
