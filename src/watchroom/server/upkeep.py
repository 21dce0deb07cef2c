"""What can be done to a store as a whole: copy it, put a copy back, delete."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from watchroom.api.prometheus.admin import CannotDo
from watchroom.storage.contract import Matcher, StoreUnavailable
from watchroom.storage.embedded import EmbeddedStore, StoreLocked, verifying
from watchroom.storage.embedded import backup as copies
from watchroom.storage.embedded.verifying import Verdict

__all__ = ["CannotDo", "StoreUpkeep", "backup", "check", "restore"]

_SNAPSHOTS = "snapshots"


class StoreUpkeep:
    """The upkeep of a running server's store; `allowed` is whether clients may ask for it."""

    def __init__(
        self, store: EmbeddedStore, data: Path, now: Callable[[], float], *, allowed: bool
    ) -> None:
        self.allowed = allowed
        self._store = store
        self._data = data
        self._now = now

    def snapshot(self) -> str:
        """Copy the store to `snapshots/NAME` in its folder; return the name. Raises CannotDo."""
        moment = datetime.fromtimestamp(self._now(), UTC)
        name = f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"
        backup(self._data, self._data / _SNAPSHOTS / name)
        return name

    def restore(self, folder: Path, *, replace: bool) -> int:
        """Become what a copy holds; return the samples. Raises CannotDo."""
        if not replace and self._store.statistics()["series"]:
            raise CannotDo(f"{self._data} holds series already; --replace puts them aside first")
        with _told():
            return self._store.restore(folder)

    def delete(self, matchers: Sequence[Matcher], start: int, end: int) -> int:
        """Forget what series have in (start, end]; return how many samples went."""
        return self._store.delete(matchers, start, end)


def backup(data: Path, folder: Path) -> int:
    """Copy a store while it may be written; return the bytes of the copy. Raises CannotDo."""
    with _told():
        return copies.backup(data, folder)


def check(data: Path) -> Verdict:
    """Read everything a data folder holds. Raises CannotDo where there is no store."""
    with _told():
        return verifying.checked(data)


def restore(folder: Path, data: Path, *, replace: bool) -> int:
    """Put a copy into a data folder; return the bytes of the store. Raises CannotDo."""
    with _told():
        try:
            return copies.restore(folder, data, replace=replace)
        except StoreLocked as error:
            raise CannotDo(f"a server has {data} open; restore through it with --url") from error


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (copies.CannotCopy, StoreUnavailable) as error:
        raise CannotDo(str(error)) from error
