"""`watchroom restore`: put a copy of the store back, into a folder or a running server."""

import argparse
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchroom.cli.failure import Failure, server_parts
from watchroom.config.settings import values

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_MEGABYTE = 1e6
_PATIENCE = 3600.0
"""Seconds a running server gets to copy a large store."""


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "restore",
        help="put a copy of the store back, while the server runs or not",
        description="Put a copy that `watchroom backup` made back. What was recorded since the "
        "copy is replaced by it; the store that is there is kept beside the data.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder that holds the copy")
    parser.add_argument("--data", metavar="DIR", help="folder that holds the data (./data)")
    parser.add_argument(
        "--replace", action="store_true", help="put a store that is there already aside"
    )
    parser.add_argument(
        "--url", metavar="URL", help="restore into the server that runs there, on this machine"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Put it back."""
    if arguments.url:
        samples = _ask(arguments.url, arguments.folder, replace=arguments.replace)
        print(f"the server restored {arguments.folder}: {samples} samples")
        return 0
    data = Path(values({"data": arguments.data})["data"])
    with server_parts():
        from watchroom.server.upkeep import CannotDo, restore
    try:
        size = restore(arguments.folder, data, replace=arguments.replace)
    except CannotDo as error:
        raise Failure(str(error)) from error
    print(f"restored {arguments.folder} to {data}: {size / _MEGABYTE:.1f} MB")
    return 0


def _ask(url: str, folder: Path, *, replace: bool) -> int:
    body = json.dumps({"folder": str(folder.absolute()), "replace": replace}).encode()
    if not url.startswith(("http://", "https://")):
        raise Failure(f"{url} is no address of a server; for example http://127.0.0.1:8003")
    request = urllib.request.Request(  # noqa: S310 - checked above
        f"{url.rstrip('/')}/api/v1/admin/restore",
        body,
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as reply:  # noqa: S310 - as above
            answer: dict[str, Any] = json.load(reply)
    except urllib.error.HTTPError as error:
        raise Failure(_reason(error.read().decode(errors="replace"))) from error
    except OSError as error:
        raise Failure(f"{url} does not answer: {error}") from error
    return int(answer["data"]["samples"])


def _reason(body: str) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.strip()[:500] or "the server said nothing"
