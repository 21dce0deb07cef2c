"""Run the benchmarks, each in a process of its own, and print one table.

`python -m benchmarks.run` runs all; `python -m benchmarks.run t01 t04` runs these. It fails only
where a benchmark could not be run: a missed target is a fact, and stands in the table.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.harness import Row, table

LONGEST_SECONDS = 1800


def scripts(wanted: Iterable[str]) -> list[str]:
    """Return the scripts of some rows, or of all, in the order of their numbers."""
    every = sorted(path.stem for path in Path(__file__).parent.glob("t[0-9][0-9]_*.py"))
    asked = [each.lower() for each in wanted]
    unknown = [each for each in asked if not any(_is(script, each) for script in every)]
    if unknown:
        raise SystemExit(
            f"no benchmark is called {', '.join(unknown)}; there are: {' '.join(every)}"
        )
    return [script for script in every if not asked or any(_is(script, each) for each in asked)]


def measure(script: str) -> list[Row]:
    """Return what one script measured.

    Raises:
        ValueError: it failed; says how.
    """
    command = [sys.executable, "-m", f"benchmarks.{script}", "--json"]
    try:
        ran = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, timeout=LONGEST_SECONDS, check=True
        )
    except subprocess.SubprocessError as error:
        raise ValueError(f"{script}: {error}") from error
    return [Row(**row) for row in json.loads(ran.stdout)]


def main() -> None:
    rows: list[Row] = []
    failures = []
    for script in scripts(sys.argv[1:]):
        print(f"measuring {script}", file=sys.stderr)
        try:
            rows += measure(script)
        except ValueError as error:
            failures.append(str(error))
    print(table(rows))
    if failures:
        raise SystemExit("\n".join(["", "failed:", *failures]))


def _is(script: str, wanted: str) -> bool:
    return script == wanted or script.partition("_")[0] == wanted


if __name__ == "__main__":
    main()
