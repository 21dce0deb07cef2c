"""The command `watchroom`.

Exit codes: 0 done, 1 it could not be done, 2 the command line makes no sense.
"""

import argparse
import sys
from collections.abc import Sequence

from watchroom.cli import backup, check, check_config, config, demo, query, restore, up, version
from watchroom.cli.failure import Failure

_VERBS = (up, demo, query, backup, restore, check, config, check_config, version)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.run is None:
        parser.print_help()
        return 2
    try:
        code: int = given.run(given)
    except Failure as failure:
        print(f"watchroom: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain once more when it flushes.
        sys.stderr.close()
        return 1
    except OSError as error:
        print(f"watchroom: {error}", file=sys.stderr)
        sys.stderr.close()  # what is left of the output can be written no more, either
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="watchroom",
        description="The watch room for machine-learning systems: hears what your models, jobs "
        "and hosts say, shows it live, and acts.",
        epilog="`watchroom VERB --help` says more of a verb. Every setting can also come from "
        "the environment; `watchroom config` lists them all.",
    )
    parser.set_defaults(run=None)
    subparsers = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb in _VERBS:
        verb.add(subparsers)
    return parser
