"""Imports go one way: the table of rooms in ARCHITECTURE.md, as code."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "watchroom"

MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "runtime": set(),
    "wire": {"model"},
    "config": {"model"},
    "client": {"config"},
    "sdk": {"wire", "runtime", "config", "model"},
    "storage": {"model"},
    "query": {"storage.contract", "runtime", "model"},
    "live": {"runtime", "model"},
    "ingest": {"wire", "storage.contract", "live.contract", "runtime", "model"},
    "api": {"ingest", "query", "live", "storage.contract", "runtime", "model"},
    "server": {"api", "ingest", "query", "live", "storage", "config", "wire", "runtime", "model"},
    "demo": {"sdk", "config", "runtime"},
    "cli": {"sdk", "client", "server", "demo", "config"},
}


def rooms() -> set[str]:
    return {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}


def imports(path: Path) -> set[str]:
    """Return the dotted names below `watchroom` that a file imports, lazily or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix("watchroom.") for name in found if name.startswith("watchroom.")}


def test_every_room_has_its_directions() -> None:
    assert rooms() == set(MAY_IMPORT)


def test_rooms_import_only_what_they_may() -> None:
    wrong = []
    for room, allowed in MAY_IMPORT.items():
        for path in (SOURCE / room).rglob("*.py"):
            for name in imports(path):
                target = name.split(".")[0]
                fits = any(name == each or name.startswith(each + ".") for each in allowed)
                if target in MAY_IMPORT and target != room and not fits:
                    wrong.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert wrong == []


def test_nobody_inside_imports_the_package_root() -> None:
    inside = [path for room in rooms() for path in (SOURCE / room).rglob("*.py")]
    guests = {"demo", "cli"}
    wrong = [
        str(path.relative_to(SOURCE))
        for path in inside
        if path.relative_to(SOURCE).parts[0] not in guests
        and any("import watchroom\n" in line for line in path.read_text().splitlines(keepends=True))
    ]
    assert wrong == []


def test_modules_have_no_cycles() -> None:
    modules = {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in SOURCE.rglob("*.py")
    }
    graph = {}
    for module, path in modules.items():
        targets = set()
        for name in imports(path):
            target = name if name in modules else name.rpartition(".")[0]
            targets |= {target} & modules.keys()
        graph[module] = targets - {module}
    TopologicalSorter(graph).prepare()
