"""`watchroom backup`: copy the store while the server runs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure, server_parts
from watchroom.config.settings import values

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_MEGABYTE = 1e6


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "backup",
        help="copy the store, while the server runs or not",
        description="Copy the store into a new folder. The copy shows one moment, whole, and the "
        "server goes on writing meanwhile. Put it back with `watchroom restore`.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="new folder for the copy")
    parser.add_argument("--data", metavar="DIR", help="folder that holds the data (./data)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Copy it."""
    data = Path(values({"data": arguments.data})["data"])
    with server_parts():
        from watchroom.server.upkeep import CannotDo, backup
    try:
        size = backup(data, arguments.folder)
    except CannotDo as error:
        raise Failure(str(error)) from error
    print(f"copied {data} to {arguments.folder}: {size / _MEGABYTE:.1f} MB")
    return 0
