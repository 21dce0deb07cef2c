"""What can be done to a data folder from outside: copy it, put a copy back, check it."""

from pathlib import Path

from watchroom.storage.contract import StoreUnavailable
from watchroom.storage.embedded import StoreLocked
from watchroom.storage.embedded import backup as copies


class CannotDo(Exception):
    """It could not be done; the message says why in one line, and what would help."""


def backup(data: Path, folder: Path) -> int:
    """Copy the store while it may be written; return the bytes of the copy. Raises CannotDo."""
    try:
        return copies.backup(data, folder)
    except (copies.CannotCopy, StoreUnavailable) as error:
        raise CannotDo(str(error)) from error


def restore(folder: Path, data: Path, *, replace: bool) -> int:
    """Put a copy back; return the bytes of the store. Raises CannotDo."""
    try:
        return copies.restore(folder, data, replace=replace)
    except StoreLocked as error:
        raise CannotDo(f"a server has {data} open; restore through it with --url") from error
    except (copies.CannotCopy, StoreUnavailable) as error:
        raise CannotDo(str(error)) from error
