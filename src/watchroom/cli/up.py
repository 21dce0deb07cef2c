"""`watchroom up`: start the server."""

import argparse
import gc
import logging
import sys
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure
from watchroom.config.settings import SettingError, values

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_DESCRIPTION = """\
Start the server in this process: the doors in, the store, the live channels and the pages.

It prints one line with its address when it is ready, and stops on Ctrl-C or SIGTERM after
everything it acknowledged is safe on disk. Logs go to standard error."""

_EPILOG = """\
examples:
  watchroom up                          http://127.0.0.1:8003, data in ./data
  watchroom up --port 0                 a free port; the line printed names it
  watchroom up --data /var/lib/watchroom"""


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "up",
        help="start the server",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", help="address to bind (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to bind (8003); 0 takes a free one")
    parser.add_argument("--data", metavar="DIR", help="folder that holds the data (./data)")
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="file with what to scrape (./watchroom.yml where it is present)",
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="allow an address other machines can reach, although nothing asks them for a token",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    given = {
        "host": arguments.host,
        "port": arguments.port,
        "data": arguments.data,
        "config_file": arguments.config,
    }
    try:
        settings = values(given)
    except SettingError as error:
        raise Failure(str(error)) from error
    _log_to_stderr(settings["log_level"])
    gc.disable()  # loading leaves no garbage, and looking for it takes a tenth of the start
    try:
        from watchroom.server.run import CannotStart, serve
    except ModuleNotFoundError as error:
        raise Failure(
            f"the server needs the package {error.name}; pip install 'watchroom[server]'"
        ) from error
    finally:
        gc.enable()
    try:
        serve(settings, insecure=arguments.insecure)
    except CannotStart as error:
        raise Failure(str(error)) from error
    return 0


def _log_to_stderr(level: str) -> None:
    levels = logging.getLevelNamesMapping()
    if level.upper() not in levels:
        raise Failure(f"log_level is {level!r}; it is one of {', '.join(sorted(levels))}")
    logging.basicConfig(
        stream=sys.stderr,
        level=levels[level.upper()],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # A line for each scrape of each target would bury everything else.
    logging.getLogger("httpx").setLevel(logging.WARNING)
