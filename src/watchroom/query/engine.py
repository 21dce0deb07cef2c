"""The one door to stored figures: what the API and the live channels ask."""

from collections.abc import Sequence

from watchroom.model.figures import Report, Summary
from watchroom.model.report import report, summarize
from watchroom.query import distributions, durations, history, pairs, presence, span
from watchroom.query.current import readings
from watchroom.query.errors import QueryError
from watchroom.query.frame import Beginnings
from watchroom.query.results import Distribution, Events, History, Predictions, Services
from watchroom.query.selectors import conditions, label, of_service
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import Store

CURRENT_SECONDS = 60.0
LONGEST_SUMMARY = 7 * 86_400.0


class Engine:
    """Answers over a store. Safe to call from several threads; every method blocks."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._beginnings = Beginnings()

    def current(self, service: str | None = None) -> Report:
        """Return the figures of the last minute; totals are those of the processes' lives."""
        now = self._clock.now()
        found = readings(self._store, self._beginnings, _ms(now), _ms(CURRENT_SECONDS), service)
        return report(found, now=now, seconds=CURRENT_SECONDS, service=service)

    def summary(self, range: str = "1h", service: str | None = None) -> Summary:  # noqa: A002 - the parameter's public name
        """Return the figures of a range that ends now; totals are increases within it.

        Raises:
            QueryError: the range is no duration, or longer than a week.
        """
        seconds = durations.seconds(range)
        if seconds > LONGEST_SUMMARY:
            raise QueryError(
                "bad_range", f"range {range} is longer than 7d", "use /metrics/history"
            )
        now = self._clock.now()
        found = readings(self._store, self._beginnings, _ms(now), _ms(seconds), service)
        return summarize(found, now=now, seconds=seconds, service=service)

    def history(
        self,
        metric: str,
        *,
        range: str | None = None,  # noqa: A002 - the parameter's public name
        start: float | None = None,
        end: float | None = None,
        step: str | None = None,
        service: str | None = None,
        by: Sequence[str] = (),
        where: Sequence[str] = (),
    ) -> History:
        """Return one metric over time, each point over (t - window, t]; null is a gap.

        Raises:
            QueryError: an unknown metric or label, a bad range or step, or too much of either.
        """
        first, last = span.bounds(self._clock.now(), range, start, end)
        width = span.step_of(step, first, last)
        for name in by:
            label(name)
        derived, split = history.find(self._store, metric, by)
        grid = span.grid(first, last, width, smooth=derived.smooth)
        matchers = (*of_service(service), *conditions(where))
        question = history.Question(derived, matchers, grid, split)
        return {
            "metric": metric,
            "unit": derived.unit,
            "service": service,
            "start": first / 1000.0,
            "end": last / 1000.0,
            "step": width / 1000.0,
            "window": grid.window / 1000.0,
            "times": (grid.times / 1000.0).tolist(),
            "series": history.lines(self._store, self._beginnings, question),
        }

    def distribution(
        self,
        metric: str = "response_time_ms",
        *,
        range: str | None = None,  # noqa: A002 - the parameter's public name
        start: float | None = None,
        end: float | None = None,
        step: str | None = None,
        service: str | None = None,
        where: Sequence[str] = (),
    ) -> Distribution:
        """Return a distribution over time in at most 60 geometric bins of whole buckets.

        Raises:
            QueryError: an unknown distribution or label, a bad range or step.
        """
        unit, name, factor = history.distribution_of(metric)
        first, last = span.bounds(self._clock.now(), range, start, end)
        width = span.step_of(step, first, last)
        grid = span.grid(first, last, width, smooth=False)
        matchers = (*of_service(service), *conditions(where))
        found = history.windows(self._store, name, matchers, grid)
        bins = distributions.rebin(found)
        whole = distributions.collapse(found)
        p50, p95, p99 = (
            history.jsonable(distributions.quantile(whole, q) * factor)[0]
            for q in (0.5, 0.95, 0.99)
        )
        return {
            "metric": metric,
            "unit": unit,
            "service": service,
            "start": first / 1000.0,
            "end": last / 1000.0,
            "step": width / 1000.0,
            "bounds": (bins.edges * factor).tolist(),
            "times": (grid.times / 1000.0).tolist(),
            "counts": bins.counts.tolist(),
            "total": bins.counts.sum(axis=0).tolist(),
            "count": int(whole.counts[0]),
            "p50": p50,
            "p95": p95,
            "p99": p99,
        }

    def predictions(
        self,
        model: str,
        *,
        service: str | None = None,
        range: str = "1h",  # noqa: A002 - the parameter's public name
        limit: int = 500,
    ) -> Predictions:
        """Return the newest pairs of predicted and actual values of a model, oldest first."""
        first, last = span.bounds(self._clock.now(), range, None, None)
        return pairs.predictions(self._store, first, last, model, service, limit)

    def services(self) -> Services:
        """Return the services heard of within the last day, with their processes."""
        return {"services": presence.services(self._store, _ms(self._clock.now()))}

    def events(
        self,
        *,
        range: str = "1h",  # noqa: A002 - the parameter's public name
        service: str | None = None,
        name: str | None = None,
        limit: int = 100,
    ) -> Events:
        """Return the newest events, newest first."""
        first, last = span.bounds(self._clock.now(), range, None, None)
        found = self._store.events(first, last, name=name, job=service, limit=limit)
        return {
            "events": [
                {
                    "time": event.time / 1000.0,
                    "name": event.name,
                    "level": event.level,
                    "service": event.job,
                    "instance": event.instance,
                    "payload": dict(event.payload),
                }
                for event in found
            ]
        }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
