"""`watchroom version`: what is installed."""

import argparse
import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_PARTS = ("fastapi", "python-socketio", "uvicorn", "numpy", "pcodec", "msgspec", "psutil")


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "version",
        help="print the version",
        description="Print the version of Watchroom, and of what it stands on.",
    )
    parser.add_argument("--all", action="store_true", help="name Python and the libraries, too")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    from watchroom import __version__

    print(f"watchroom {__version__}")
    if arguments.all:
        print(f"python {platform.python_version()} on {platform.platform()}")
        for part in _PARTS:
            print(f"{part} {_version(part)}")
    return 0


def _version(part: str) -> str:
    try:
        return installed(part)
    except PackageNotFoundError:
        return "not installed"
