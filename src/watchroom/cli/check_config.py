"""`watchroom check-config`: whether a configuration file can be used, and what is wrong where."""

import argparse
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_DEFAULT = "watchroom.yml"


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "check-config",
        help="say whether a configuration file can be used",
        description="Read a configuration file and the files it names, and say what is wrong "
        "where. The exit code is 0 when the file can be used and 1 when not.",
    )
    parser.add_argument("file", nargs="?", default=_DEFAULT, help=f"the file ({_DEFAULT})")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the file."""
    from pathlib import Path

    try:
        from watchroom.server.configuration import ConfigurationError, check_files, load
    except ModuleNotFoundError as error:
        raise Failure(
            f"this needs the package {error.name}; pip install 'watchroom[server]'"
        ) from error
    try:
        read = load(Path(arguments.file))
        check_files(read)
    except ConfigurationError as error:
        raise Failure(str(error)) from error
    static = sum(len(group.targets) for job in read.jobs for group in job.static_configs)
    print(f"{read.path} can be used: {len(read.jobs)} jobs, {static} static targets")
    return 0
