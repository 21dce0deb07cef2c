"""What a verb raises to end with one line for the person at the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """The verb could not be done; the message says why and what would help."""


@contextmanager
def server_parts() -> Iterator[None]:
    """Import what only the server's installation brings. Raises Failure where it is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise Failure(
            f"this needs the package {error.name}; pip install 'watchroom[server]'"
        ) from error
