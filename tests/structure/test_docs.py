"""The documentation names everything there is, and nothing that is not."""

import argparse
import ast
import asyncio
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import watchroom
from watchroom.cli.main import _parser
from watchroom.config.settings import SETTINGS, Setting, values
from watchroom.live.channels import LiveChannels
from watchroom.live.sockets import Sockets
from watchroom.runtime.clock import ManualClock, SystemClock
from watchroom.server import app as server

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TEXTS = [*PAGES, *ROOT.glob("*.md")]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(path: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", path.read_text())


def headings(path: Path, level: int = 0) -> list[str]:
    found = _HEADING.findall(prose(path))
    return [text.replace("\\", "") for marks, text in found if level in {0, len(marks)}]


def section(path: Path, heading: str) -> str:
    """Return the text below a heading, up to the next of its level or above."""
    level = len(heading.split(" ", maxsplit=1)[0])
    following = path.read_text().partition(f"{heading}\n")[2]
    return re.split(rf"^#{{1,{level}}} ", following, maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str, cell: str = r"`(\w+)`") -> list[str]:
    """Return what the first cells of the tables in a text name."""
    return re.findall(rf"^\| {cell}", text, re.MULTILINE)


def slug(heading: str) -> str:
    """Return a heading's anchor, as the generator makes it."""
    kept = re.sub(r"[^\w\s-]", "", re.sub(r"<[^>]*>", "", heading)).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting(setting: Setting) -> None:
    text = section(DOCS / "settings.md", f"### {setting.name}")
    default = f"`{setting.default}`" if setting.default != "" else "empty"
    if isinstance(setting.default, bool):
        default = default.lower()
    assert f"`{setting.env}`, default {default}" in text


def test_no_setting_that_is_none() -> None:
    assert headings(DOCS / "settings.md", 3) == [setting.name for setting in SETTINGS]


async def test_every_route(tmp_path: Path) -> None:
    async with server.open_watchroom(values({"data": str(tmp_path)}), SystemClock()) as running:
        paths = running.api.openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, each in paths.items() for method in each}
    assert set(told_routes()) == routes


def told_routes() -> Iterator[str]:
    """Yield the routes that have a heading of their own: `GET /a`, or `GET, POST /b` for two."""
    heading = re.compile(
        r"((?:GET|POST|PUT|PATCH|DELETE)(?:, (?:GET|POST|PUT|PATCH|DELETE))*) (/\S+)"
    )
    for page in PAGES:
        for text in headings(page):
            if found := heading.fullmatch(text):
                yield from (f"{method} {found[2]}" for method in found[1].split(", "))


def test_every_event_of_socket_io() -> None:
    sockets = Sockets(LiveChannels(ManualClock()))
    handled = set(sockets._server.handlers["/"])
    source = (ROOT / "src/watchroom/live/sockets.py").read_text()
    emitted = set(re.findall(r'42\["(\w+)"', source)) | set(re.findall(r'emit\(\s*"(\w+)"', source))
    assert emitted == {"update"}
    assert set(headings(DOCS / "live-channels.md", 3)) == handled | emitted


def test_every_channel() -> None:
    channels = LiveChannels(ManualClock())
    server._offer(channels, None)  # type: ignore[arg-type]
    rows = first_cells(section(DOCS / "live-channels.md", "## Channels"), r"`(\S+)` \|")
    assert rows == [offer.pattern.text for offer in channels._offers]


def test_every_live_error() -> None:
    source = (ROOT / "src/watchroom/live/sockets.py").read_text()
    codes = set(re.findall(r'_error\(\s*"(\w+)"', source))
    text = section(DOCS / "live-channels.md", "## Schemas")
    assert set(first_cells(text)) == codes
    assert all(f'"{code}"' in text for code in codes)


def verbs() -> dict[str, argparse.ArgumentParser]:
    actions = _parser()._actions
    return next(each.choices for each in actions if isinstance(each, argparse._SubParsersAction))


def test_every_verb() -> None:
    assert headings(DOCS / "command-line.md", 2) == list(verbs())


@pytest.mark.parametrize("verb", verbs())
def test_every_flag(verb: str) -> None:
    flags = {flag for each in verbs()[verb]._actions for flag in each.option_strings}
    text = section(DOCS / "command-line.md", f"## {verb}")
    assert set(first_cells(text, r"`(--[\w-]+)")) == flags - {"-h", "--help"}


def test_every_public_name() -> None:
    told = set(headings(DOCS / "sdk.md", 2))
    assert set(watchroom.__all__) <= told


def test_every_reason_of_a_drop() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src/watchroom/sdk").rglob("*.py"))
    reasons = set(re.findall(r'dropped\("(\w+)"', source))
    text = section(DOCS / "sdk.md", "### What is dropped, and counted")
    assert set(first_cells(text)) == reasons


def test_every_make_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    rows = set(first_cells((DOCS / "development.md").read_text(), r"`make (\w+)`"))
    assert rows == targets
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets


def told_metrics(*headings: str) -> set[str]:
    texts = [section(DOCS / "metrics.md", f"## {heading}") for heading in headings]
    return {name for text in texts for name in first_cells(text)}


def test_every_metric_of_the_sdk(tmp_path: Path) -> None:
    code = f"""
import watchroom
from watchroom.sdk import verbs
watchroom.init("names", file={str(tmp_path / "metrics.jsonl")!r})
watchroom.record_cache("features", hit=True, size_bytes=1)
watchroom.record_prediction("price", 1.0)
verbs._session.flush(10.0)
print(*verbs._all._instruments, sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told = told_metrics("Requests", "Models", "Caches", "Processes", "The SDK itself")
    assert told == set(done.stdout.split())


async def test_every_metric_of_the_server(tmp_path: Path) -> None:
    async with server.open_watchroom(values({"data": str(tmp_path)}), SystemClock()) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            text = (await client.get("/metrics")).text
    emitted = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    rows = section(DOCS / "metrics.md", "## The server")
    assert dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", rows, re.MULTILINE)) == emitted


def nav(entries: Any) -> Iterator[str]:
    for entry in entries:
        for target in entry.values():
            yield from [target] if isinstance(target, str) else nav(target)


def test_every_page_is_in_the_nav() -> None:
    config = tomllib.loads((ROOT / "zensical.toml").read_text())
    listed = list(nav(config["project"]["nav"]))
    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in PAGES)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    wrong = []
    for link in _LINK.findall(prose(path)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        anchors = {"", *map(slug, headings(target))} if target.suffix == ".md" else {""}
        if not target.exists() or anchor not in anchors:
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_in_texts_is_python(path: Path) -> None:
    for language, code in _FENCE.findall(path.read_text()):
        if language == "python":
            ast.parse(code)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_named_in_texts_exist(path: Path) -> None:
    folders = "benchmarks|docs|examples|scripts|src|tests|web"
    named = re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)`", prose(path))
    inside = re.findall(
        r"`((?:api|config|ingest|live|query|sdk|server|storage|wire)/[\w./-]+\.py)`", prose(path)
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [name for name in inside if not (ROOT / "src/watchroom" / name).exists()]
    assert missing == []


def test_decisions_are_short() -> None:
    long = {path.name for path in (DOCS / "decisions").iterdir() if lines(path) > 45}
    assert long == set()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_the_schemas_named_in_the_texts_exist(tmp_path: Path) -> None:
    async def schemas() -> set[str]:
        async with server.open_watchroom(values({"data": str(tmp_path)}), SystemClock()) as running:
            return set(running.api.openapi()["components"]["schemas"])

    assert {"Report", "Services"} <= asyncio.run(schemas())
