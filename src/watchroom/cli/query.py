"""`watchroom query`: ask a server in PromQL, and see the answer as a table."""

import argparse
import re
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs
    from watchroom.client.answers import Result
    from watchroom.client.client import Client

_DESCRIPTION = """\
Ask a server in PromQL. The answer is a table for people: labels that all rows share stand above
it, and over a range each series is drawn small. Programs take --csv or --json."""

_EPILOG = """\
examples:
  watchroom query 'sum by (http_route) (rate(http_server_request_duration_seconds[5m]))'
  watchroom query 'process_resident_memory_bytes' --range 6h --step 1m
  watchroom query 'up' --time=-1d --csv"""

_STEPS = 60
_PLACE = re.compile(r"(\d+):(\d+): ")


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "query",
        help="ask a server in PromQL",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("expression", metavar="EXPR", help="an expression of PromQL")
    parser.add_argument("--url", help="address of the server; the setting url")
    parser.add_argument(
        "--time", metavar="TIME", help="the moment, or the end of the range: seconds, RFC 3339, -1h"
    )
    parser.add_argument("--range", metavar="LENGTH", help="ask over so long, as 6h")
    parser.add_argument("--step", metavar="LENGTH", help="time between two points, as 1m")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print CSV, a row for each sample")
    form.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and print."""
    from watchroom.cli.tables import as_csv, as_json, as_table

    answer = _asked(arguments)
    write = as_csv if arguments.csv else as_json if arguments.json else as_table
    print(write(answer))
    return 0


def _asked(arguments: argparse.Namespace) -> "Result":
    from watchroom.client.client import Client
    from watchroom.client.connection import QueryFailed, Unreachable
    from watchroom.config.settings import SettingError

    if arguments.step and not arguments.range:
        raise Failure("--step divides a range; give --range, too")
    try:
        client = Client(arguments.url)
        if arguments.range:
            return _over_range(client, arguments)
        return client.query(arguments.expression, arguments.time, frame=None)
    except QueryFailed as failed:
        raise Failure(_pointed(failed.message, arguments.expression)) from failed
    except (SettingError, Unreachable, ValueError) as error:
        raise Failure(str(error)) from error


def _over_range(client: "Client", arguments: argparse.Namespace) -> "Result":
    from watchroom.client.moments import instant, present, seconds

    length = seconds(arguments.range)
    step = seconds(arguments.step) if arguments.step else max(1.0, round(length / _STEPS))
    end = present() if arguments.time is None else instant(arguments.time)
    return client.query_range(arguments.expression, end - length, end, step, frame=None)


def _pointed(message: str, expression: str) -> str:
    """Return an error with its place in the expression under it, where it has one."""
    message = message.removeprefix('invalid parameter "query": ')
    place = _PLACE.match(message)
    if place is None:
        return message
    lines = expression.splitlines() or [""]
    line, column = (int(number) for number in place.groups())
    shown = lines[min(line, len(lines)) - 1]
    return f"{message}\n  {shown}\n  {' ' * (column - 1)}^"
