"""The house numbers: functions stay short, files stay of one piece, borders stay few."""

import ast
import re
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "watchroom"
PYTHON = sorted(
    path
    for folder in ("src", "tests", "benchmarks", "examples", "scripts")
    for path in (ROOT / folder).rglob("*.py")
)
TYPESCRIPT = sorted([*(ROOT / "web/src").rglob("*.ts"), *(ROOT / "web/src").rglob("*.tsx")])
GENERATED = ROOT / "web/src/api/schema.ts"

BORDERS = {
    "api/errors.py": "the last resort of the API: it answers 500 and the log has the reason",
    "ingest/native.py": "a failed write is counted and raised again",
    "live/channels.py": "one channel's failure is not another's",
    "live/sockets.py": "a subscription that fails is answered, and the client stays",
    "runtime/loop.py": "a loop outlives the errors of its body",
    "sdk/guard.py": "nothing the SDK does wrong reaches the watched program",
    "sdk/instruments.py": "labels may be anything; the drain refuses what cannot be one",
    "sdk/middleware/asgi.py": "an exception of the application is counted and raised again",
    "sdk/middleware/wsgi.py": "an exception of the application is counted and raised again",
    "sdk/session.py": "the sender outlives the failure of a flush",
    "sdk/verbs.py": "the guard, written out where a call would cost too much",
    "storage/embedded/keeper.py": "the keeper outlives what it could not tidy up, and tries again",
    "storage/embedded/schema.py": "what was opened is closed, and the error raised again",
    "storage/embedded/store.py": "what was begun is undone, and the error raised again",
    "storage/embedded/writer.py": "the writer outlives a failed write, which is answered",
}
"""Where a broad `except` may stand, and why."""


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> int:
    """Return a function's lines of code: without blanks, comments and its docstring."""
    docstring = range(0)
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        docstring = range(first.lineno, (first.end_lineno or 0) + 1)
    return sum(
        1
        for number in range(node.lineno, (node.end_lineno or 0) + 1)
        if number not in docstring
        and lines[number - 1].strip()
        and not lines[number - 1].strip().startswith("#")
    )


def functions(paths: Sequence[Path]) -> Iterator[tuple[int, str]]:
    for path in paths:
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield code_lines(node, text.splitlines()), name


def ninth_decile(sizes: Sequence[int]) -> float:
    return statistics.quantiles(sizes, n=10)[-1]


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "examples"])
def test_functions_are_short(folder: str) -> None:
    found = list(functions([path for path in PYTHON if path.is_relative_to(ROOT / folder)]))
    sizes = [size for size, _ in found]
    assert [name for size, name in found if size > 100] == []
    assert statistics.median(sizes) <= 10
    assert ninth_decile(sizes) <= 30
    assert sum(size > 40 for size in sizes) <= 0.04 * len(sizes)


def test_files_are_of_one_piece() -> None:
    sizes = [length(path) for path in PYTHON if path.is_relative_to(SOURCE)]
    assert statistics.median(sizes) <= 150
    assert ninth_decile(sizes) <= 500
    assert [
        path for path in (*PYTHON, *TYPESCRIPT) if path != GENERATED and length(path) > 800
    ] == []


def test_modules_are_named_after_a_thing() -> None:
    forbidden = re.compile(r"(utils?|helpers?|common|misc)", re.IGNORECASE)
    named = [part for path in (*PYTHON, *TYPESCRIPT) for part in (path.stem, path.parent.name)]
    assert [name for name in named if forbidden.fullmatch(name)] == []


def test_components_are_short() -> None:
    sizes = [length(path) for path in TYPESCRIPT if path.suffix == ".tsx"]
    assert statistics.median(sizes) <= 70
    assert ninth_decile(sizes) <= 200


def test_typescript_knows_no_any() -> None:
    loose = re.compile(r"(?::\s*|<|\bas\s+|\|\s*|,\s*|=>\s*)any\b(?=\s*[;,)>=|\[\]{}]|\s*$)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TYPESCRIPT
        if path != GENERATED
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if loose.search(line.partition("//")[0])
    ]
    assert found == []


def broad(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler catches everything; one that only raises again counts, too."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in kinds
    )


def catches_all(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.ExceptHandler) and broad(node) for node in ast.walk(tree))


def handles_all(tree: ast.AST) -> bool:
    """Say whether a module hands a handler of every Exception to its framework."""
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("add_exception_handler")
        and ast.unparse(node.args[0]) == "Exception"
        for node in ast.walk(tree)
    )


def test_everything_is_caught_at_the_borders_alone() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if catches_all(tree := ast.parse(path.read_text())) or handles_all(tree)
    }
    assert found == set(BORDERS)
