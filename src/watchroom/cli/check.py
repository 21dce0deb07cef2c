"""`watchroom check`: read everything a data folder holds, and name what is damaged."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure, server_parts
from watchroom.config.settings import values

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "check",
        help="verify a data folder and name what is damaged",
        description="Read everything a data folder or a copy of it holds, checksums and all, and "
        "name what is damaged. Nothing is changed, and the server may be running. The exit code "
        "is 1 where something is damaged.",
    )
    parser.add_argument("folder", metavar="DIR", nargs="?", help="the folder (./data)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check it."""
    data = Path(values({"data": arguments.folder})["data"])
    with server_parts():
        from watchroom.server.upkeep import CannotDo, check
    try:
        verdict = check(data)
    except CannotDo as error:
        raise Failure(str(error)) from error
    print(
        f"{data}: {verdict.series} series, {verdict.samples} samples in {verdict.blocks} blocks, "
        f"{verdict.journal} writes in the journal, {verdict.events} events"
    )
    _print("set aside before", verdict.aside)
    _print("damaged", verdict.findings)
    if not verdict.findings:
        print("nothing is damaged")
    return 1 if verdict.findings else 0


def _print(state: str, findings: Iterable[tuple[str, str]]) -> None:
    for what, reason in findings:
        print(f"{state}: {what} ({reason})")
