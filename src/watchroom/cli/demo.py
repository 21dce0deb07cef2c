"""`watchroom demo`: a watched model service with traffic, beside a server."""

import argparse
from importlib.util import find_spec
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_DESCRIPTION = """\
Start a server and a real model service that it watches: two scikit-learn regressors behind
FastAPI, trained at the start, with a prediction cache, ground truth that arrives seconds later,
and traffic with the shape of a day squeezed into minutes. Ctrl-C ends everything."""

_EPILOG = """\
examples:
  watchroom demo                        open the address it prints
  watchroom demo --fault drift          watch a model go wrong
  watchroom demo --duration 60 --report sent.json"""


_NEEDS = ("uvicorn", "fastapi", "httpx", "sklearn")


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "demo",
        help="start a server with a model service to watch",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--fault",
        choices=("slow", "errors", "drift", "cache"),
        help="inject a fault that shows on the page",
    )
    parser.add_argument("--port", type=int, default=8003, help="port of the server (8003)")
    parser.add_argument(
        "--model-port", type=int, default=8002, help="port of the model service (8002)"
    )
    parser.add_argument(
        "--data", metavar="DIR", help="folder that keeps the data; a temporary one if not given"
    )
    parser.add_argument(
        "--report", metavar="FILE", help="write what the traffic generator sent, as JSON"
    )
    parser.add_argument(
        "--duration", type=float, metavar="SECONDS", help="stop by itself after this time"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the demo until told to stop."""
    for needed in _NEEDS:
        if find_spec(needed) is None:
            raise Failure(f"the demo needs the package {needed}; pip install 'watchroom[demo]'")
    from watchroom.demo.run import main

    return main(arguments)
