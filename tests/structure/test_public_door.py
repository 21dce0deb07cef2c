"""The public door: what `import watchroom` gives, and how little it takes."""

import ast
import importlib
import inspect
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import msgspec
import pytest

import watchroom

SOURCE = Path(__file__).parents[2] / "src"
DOOR = ast.parse((SOURCE / "watchroom" / "__init__.py").read_text())


def imported_for_types() -> dict[str, str]:
    """Return the names imported under TYPE_CHECKING, with their modules."""
    found = {}
    for node in ast.walk(DOOR):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for each in node.body:
                assert isinstance(each, ast.ImportFrom)
                found |= {alias.name: str(each.module) for alias in each.names}
    return found


def test_all_is_what_the_door_serves() -> None:
    assert watchroom.__all__ == sorted(watchroom.__all__)
    assert dir(watchroom) == watchroom.__all__
    for name in watchroom.__all__:
        assert getattr(watchroom, name) is not None


def test_type_checkers_see_the_same_objects() -> None:
    homes = imported_for_types()
    assert {*homes, "__version__"} == set(watchroom.__all__)
    for name, module in homes.items():
        assert getattr(importlib.import_module(module), name) is getattr(watchroom, name)


def test_another_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(AttributeError, match=r"it has .*record_request"):
        watchroom.record_everything  # noqa: B018 - the look-up is the test


def documented(thing: Any) -> list[str]:
    """Return the public parts of a function or class that have no docstring."""
    missing = [] if inspect.getdoc(thing) else [thing.__qualname__]
    if inspect.isclass(thing):
        for name, part in vars(thing).items():
            if not name.startswith("_") and isinstance(part, types.FunctionType):
                missing += documented(part)
    return missing


@pytest.mark.parametrize("name", [name for name in watchroom.__all__ if name != "__version__"])
def test_everything_public_is_documented(name: str) -> None:
    assert documented(getattr(watchroom, name)) == []


def test_what_the_verbs_return_is_documented() -> None:
    made = [watchroom.counter("door_total"), watchroom.gauge("door"), watchroom.histogram("doors")]
    timer = watchroom.timer("door_seconds")
    assert [documented(type(each)) for each in (*made, timer, timer())] == [[]] * 5


# What an empty environment has: the standard library and msgspec.

LOADED = """
import json, sys
before = set(sys.modules)
{code}
tops = {{name.partition(".")[0] for name in set(sys.modules) - before}}
foreign = tops - set(sys.stdlib_module_names) - {{"watchroom", "__mp_main__"}}
print(json.dumps([sorted(foreign), sorted(n for n in sys.modules if n.startswith("watchroom."))]))
"""

RECORD = """
import watchroom
watchroom.init("bare", file="metrics.jsonl")
watchroom.counter("jobs_total").inc()
watchroom.record_request("/", 1.0, 200)
watchroom.record_outcome(watchroom.record_prediction("m", 1.0), 2.0)
watchroom.record_cache("c", hit=True)
watchroom.event("done", number=1)
collector = watchroom.MetricsCollector()
collector.record_request("/", 1.0, 200)
assert collector.get_current_metrics()["api_metrics"]["requests_total"] == 1
async def app(scope, receive, send): ...
watchroom.ASGIMiddleware(app)
watchroom.WSGIMiddleware(app)
watchroom.Client("http://127.0.0.1:8003")
watchroom.shutdown()
"""


@pytest.fixture
def bare(tmp_path: Path) -> Any:
    """Return a way to run code where nothing is installed but msgspec."""
    installed = tmp_path / "installed"
    installed.mkdir()
    (installed / "msgspec").symlink_to(Path(str(msgspec.__file__)).parent)

    def run(code: str) -> tuple[list[str], list[str]]:
        paths = f"import sys; sys.path[1:1] = [{str(SOURCE)!r}, {str(installed)!r}]\n"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-W", "error", "-c", paths + LOADED.format(code=code)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        foreign, own = json.loads(done.stdout)
        return foreign, own

    return run


def test_the_import_loads_nothing_but_the_door(bare: Any) -> None:
    assert bare("import watchroom") == ([], ["watchroom._version"])


def test_every_verb_works_without_extras(bare: Any, tmp_path: Path) -> None:
    foreign, _ = bare(RECORD)
    assert foreign == ["msgspec"]
    text = (tmp_path / "metrics.jsonl").read_text()
    for name in ("jobs_total", "http_server_request_duration_seconds", "ml_absolute_error"):
        assert f'"name":"{name}"' in text
    assert '"eventName":"done"' in text


@pytest.mark.parametrize(("verb", "extra"), [("up", "server"), ("demo", "demo")])
def test_the_command_line_says_what_is_missing(bare: Any, verb: str, extra: str) -> None:
    code = f"""
import contextlib, io
from watchroom.cli.main import main
told = io.StringIO()
with contextlib.redirect_stderr(told):
    assert main([{verb!r}]) == 1
assert "pip install 'watchroom[{extra}]'" in told.getvalue(), told.getvalue()
"""
    assert bare(code)[0] == []


def test_the_command_line_asks_without_extras(bare: Any) -> None:
    code = """
import contextlib, io
from watchroom.cli.main import main
told = io.StringIO()
with contextlib.redirect_stderr(told):
    assert main(["query", "up", "--url", "http://127.0.0.1:9"]) == 1
assert "no answer from http://127.0.0.1:9" in told.getvalue(), told.getvalue()
"""
    assert bare(code)[0] == ["msgspec"]
