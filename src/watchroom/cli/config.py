"""`watchroom config`: every setting, its value, and where it came from."""

import argparse
import json
from typing import TYPE_CHECKING

from watchroom.cli.failure import Failure
from watchroom.config.settings import Resolved, SettingError, resolve

if TYPE_CHECKING:
    from watchroom.cli.verbs import Verbs

_HEAD = ("setting", "value", "source", "environment", "help")


def add(subparsers: "Verbs") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "config",
        help="list every setting with its value and where it came from",
        description="List every setting with its value and where it came from. A value given "
        "in code or on the command line wins over the environment, which wins over the default.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print them."""
    try:
        settings = resolve()
    except SettingError as error:
        raise Failure(str(error)) from error
    rows = list(settings.values())
    print(_as_json(rows) if arguments.json else _as_table(rows))
    return 0


def _as_json(rows: list[Resolved]) -> str:
    return json.dumps(
        [
            {
                "setting": row.setting.name,
                "value": row.value,
                "source": row.source,
                "environment": row.setting.env,
                "default": row.setting.default,
                "help": row.setting.help,
            }
            for row in rows
        ],
        indent=2,
    )


def _as_table(rows: list[Resolved]) -> str:
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in cells
    )


def _cells(row: Resolved) -> tuple[str, ...]:
    value = json.dumps(row.value, ensure_ascii=False)
    return row.setting.name, value, row.source, row.setting.env, row.setting.help
