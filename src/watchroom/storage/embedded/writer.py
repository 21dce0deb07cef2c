"""The writer: one thread that commits together what waits, and does other work in between."""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from watchroom.storage.contract import Receipt, StoreUnavailable, Write

logger = logging.getLogger(__name__)

_GROUP = 256
_QUEUE = 4096
_NO_SPACE = 28

Result = TypeVar("Result")


class _Waiting(NamedTuple):
    write: Write
    future: Future[Receipt]


class _Task(NamedTuple):
    work: Callable[[], Any]
    future: Future[Any]


class _End:
    """The last of the queue."""


class Writer:
    """Runs `commit` on groups of writes and `rest` after each group, all in one thread.

    Writes wait as long as `crowded` holds; a task has to follow when it holds no more.
    """

    def __init__(
        self,
        commit: Callable[[list[Write]], list[Receipt]],
        rest: Callable[[], None],
        crowded: Callable[[], bool],
    ) -> None:
        self._commit = commit
        self._rest = rest
        self._crowded = crowded
        self._held: list[_Waiting] = []
        self._jobs: queue.Queue[_Waiting | _Task | _End] = queue.Queue(_QUEUE)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="watchroom-store", daemon=True)
        self._thread.start()

    def write(self, write: Write) -> Future[Receipt]:
        """Commit a write with those that wait. The future may fail with StoreUnavailable."""
        return self._submit(_Waiting(write, Future()))

    def do(self, work: Callable[[], Result]) -> "Future[Result]":
        """Do something between two groups."""
        return self._submit(_Task(work, Future()))

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Do what waits, and end. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(_End())
        self._thread.join()
        while not self._jobs.empty():  # what came in behind the end
            job = self._jobs.get_nowait()
            if not isinstance(job, _End) and job.future.set_running_or_notify_cancel():
                job.future.set_exception(StoreUnavailable("the store is closed"))

    def _submit(self, job: Any) -> Future[Any]:
        future: Future[Any] = job.future
        if self._closed:
            future.set_exception(StoreUnavailable("the store is closed"))
            return future
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            future.set_exception(StoreUnavailable("too many writes wait", retry_after=1.0))
        return future

    def _run(self) -> None:
        while True:
            for kind, jobs in groupby(self._take(), type):
                if kind is _End:
                    self._write_group(self._held)
                    return
                if kind is _Waiting:
                    self._hold(list(jobs))
                else:
                    for job in jobs:
                        _settle(job)
                self._release()

    def _hold(self, group: list[_Waiting]) -> None:
        """Keep writes until there is room for them, or refuse them."""
        if len(self._held) + len(group) <= _QUEUE:
            self._held += group
            return
        for each in group:
            each.future.set_exception(StoreUnavailable("too many writes wait", retry_after=1.0))

    def _release(self) -> None:
        if self._held and not self._crowded():
            group, self._held = self._held, []
            self._write_group(group)

    def _take(self) -> list[Any]:
        """Wait for a job; return it with those behind it, none beyond the end."""
        jobs: list[Any] = [self._jobs.get()]
        while len(jobs) < _GROUP and not isinstance(jobs[-1], _End):
            try:
                jobs.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return jobs

    def _write_group(self, group: list[_Waiting]) -> None:
        # A write that was cancelled while it waited has nobody to answer to.
        wanted = [each for each in group if each.future.set_running_or_notify_cancel()]
        if wanted:
            self._answer(wanted)
        try:
            self._rest()
        except Exception:
            logger.exception("the store could not tidy up; it tries again")

    def _answer(self, group: list[_Waiting]) -> None:
        try:
            receipts = self._commit([each.write for each in group])
        except Exception as error:  # noqa: BLE001 - the border of the writer's loop
            failure = unavailable(error)
            if len(group) == 1 or isinstance(failure, StoreUnavailable):
                for each in group:
                    each.future.set_exception(failure)
                return
            for each in group:  # one malformed write must not take its neighbours with it
                self._answer([each])
            return
        for each, receipt in zip(group, receipts, strict=True):
            each.future.set_result(receipt)


def unavailable(error: Exception) -> Exception:
    """Return an error of the disk or the database as StoreUnavailable, any other as it is."""
    if isinstance(error, sqlite3.Error | OSError):
        full = "full" in str(error).lower() or getattr(error, "errno", 0) == _NO_SPACE
        return StoreUnavailable(f"the store cannot write: {error}", full=full)
    return error


def _settle(task: _Task) -> None:
    if not task.future.set_running_or_notify_cancel():
        return
    try:
        task.future.set_result(task.work())
    except Exception as error:  # noqa: BLE001 - the border of the writer's loop
        task.future.set_exception(unavailable(error))
