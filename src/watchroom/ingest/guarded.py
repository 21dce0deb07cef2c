"""The store behind the guard: what the doors write to."""

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from watchroom.ingest.guard import Guard
from watchroom.ingest.intake import Intake, Place, Sighting
from watchroom.ingest.naming import Refused
from watchroom.ingest.refusals import Refusals
from watchroom.model.labels import Labels
from watchroom.runtime.clock import Clock
from watchroom.storage.contract import Receipt, Store, Write


class Guarded:
    """A store that takes what the guard lets through, or folds; reading is the store's own.

    Doors that know the guard ask it where new label sets go, and `keep`. Those that do not `append`
    as to any store: then each label set is looked up with each write.
    """

    def __init__(self, store: Store, guard: Guard) -> None:
        self.guard = guard
        self._store = store
        self._epoch = guard.epoch
        self._places: dict[Labels, Place] = {}
        self.select = store.select
        self.series = store.series
        self.label_names = store.label_names
        self.label_values = store.label_values
        self.exemplars = store.exemplars
        self.delete = store.delete
        self.metadata = store.metadata
        self.events = store.events
        self.coarse_until = store.coarse_until
        self.retain = store.retain
        self.statistics = store.statistics
        self.close = store.close

    def append(self, write: Write) -> Future[Receipt]:
        """Make a write durable, as `Store.append`."""
        refusals = Refusals()
        return self.keep(self.intake(write, refusals), refusals)

    def keep(self, intake: Intake, refusals: Refusals | None = None) -> Future[Receipt]:
        """Make an intake durable; the receipt counts what it held, folded or not.

        The sentences of `refusals` are among those of the receipt.
        """
        write = self.guard.write(intake)
        future = self._store.append(write)
        folded = _samples(intake) - _samples(write)
        sentences = tuple(refusals.sentences()) if refusals else ()
        if not (folded or sentences or write.events):
            return future

        def complete(receipt: Receipt) -> Receipt:
            samples = 0 if receipt.duplicate else receipt.samples + folded
            return receipt._replace(samples=samples, rejected=(*sentences, *receipt.rejected))

        return _then(future, complete, lambda: self.guard.failed(write))

    def intake(self, write: Write, refusals: Refusals) -> Intake:
        """Return a write as the guard sees it; what has no place is refused."""
        places = self._known().get
        series = [places(labels) or self._admit(labels, refusals) for labels in write.series]
        histograms = [
            (place, time, each)
            for labels, time, each in write.histograms
            if (place := places(labels) or self._admit(labels, refusals)) is not None
        ]
        exemplars = [
            Sighting(place, each.labels, each.time, each.value)
            for each in write.exemplars
            if (place := places(each.series) or self._admit(each.series, refusals)) is not None
        ]
        intake = Intake(
            write.id,
            [place for place in series if place is not None],
            write.times,
            write.values,
            write.owners,
            histograms,
            exemplars,
            write.events,
            write.metadata,
        )
        return intake if None not in series else _without_refused(intake, series, refusals)

    def _known(self) -> dict[Labels, Place]:
        if self._epoch != self.guard.epoch:
            self._epoch = self.guard.epoch
            self._places = {}
        return self._places

    def _admit(self, labels: Labels, refusals: Refusals) -> Place | None:
        try:
            place = self.guard.admit(labels)
        except Refused as refused:
            refusals.add(str(refused), 0)
            return None
        if isinstance(place, tuple):  # there is no end to those that are folded
            self._places[place] = place
        return place


def guarded(store: Store, clock: Clock) -> Guarded:
    """Return a store behind a guard: as it is, if it has one."""
    return store if isinstance(store, Guarded) else Guarded(store, Guard(store, clock))


def _without_refused(intake: Intake, series: list[Place | None], refusals: Refusals) -> Intake:
    """Return an intake without the samples of the series that have no place."""
    taken = np.array([place is not None for place in series], np.bool_)
    owners = np.arange(len(series)) if intake.owners is None else intake.owners
    kept = taken[owners]
    refusals.add("label sets beyond a limit, with no label to fold", int((~kept).sum()))
    return intake._replace(
        owners=(np.cumsum(taken) - 1)[owners[kept]],
        times=np.asarray(intake.times)[kept],
        values=np.asarray(intake.values)[kept],
    )


def _samples(write: Intake | Write) -> int:
    return len(write.times) + len(write.histograms)


def _then(
    future: Future[Receipt],
    complete: Callable[[Receipt], Receipt],
    failed: Callable[[], None],
) -> Future[Receipt]:
    """Return a future that completes what another brings."""
    after: Future[Receipt] = Future()
    after.set_running_or_notify_cancel()

    def done(before: Future[Receipt]) -> None:
        failure = before.exception()
        if failure is not None:
            failed()
            after.set_exception(failure)
        else:
            after.set_result(complete(before.result()))

    future.add_done_callback(done)
    return after
