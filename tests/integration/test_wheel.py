"""The wheel: built where the pages are missing, complete, and served as it is."""

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest
from tests.integration.conftest import Server

ROOT = Path(__file__).parents[2]
PAGES = "watchroom/server/pages/"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the sources alone; the dashboard's packages are borrowed."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    left_out = shutil.ignore_patterns("node_modules", "pages", "__pycache__")
    for folder in ("src", "web"):
        shutil.copytree(ROOT / folder, clone / folder, ignore=left_out)
    (clone / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
        cwd=clone,
        env={**os.environ, "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        check=True,
    )
    (built,) = (clone / "dist").glob("*.whl")
    return built


def test_the_pages_and_the_types_are_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"{PAGES}index.html", f"{PAGES}index.html.gz", "watchroom/py.typed"} <= set(names)
    for kind in (".js", ".js.gz", ".css", ".woff2", ".svg"):
        assert any(name.startswith(f"{PAGES}assets/") and name.endswith(kind) for name in names)
    assert f"{PAGES}docs/swagger-ui-bundle.js" in names
    folders = {name.partition("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"watchroom"}


def test_without_extras_it_wants_msgspec_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("dist-info/METADATA")]
        metadata = email.message_from_bytes(archive.read(name))
    wanted = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert [each.partition(">")[0] for each in wanted] == ["msgspec"]
    assert set(metadata.get_all("Provides-Extra", [])) == {"agent", "demo", "server"}
    assert metadata["License-Expression"] == "Apache-2.0"


def test_it_serves_its_pages(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        index = archive.read(f"{PAGES}index.html")
    (installed / PAGES / "mark.txt").write_text("from the wheel")
    monkeypatch.setenv("PYTHONPATH", str(installed))
    server = Server(tmp_path / "data")
    try:
        assert httpx.get(f"{server.url}/mark.txt").text == "from the wheel"
        page = httpx.get(server.url, headers={"Accept": "text/html"})
        assert (page.status_code, page.content) == (200, index)
    finally:
        server.kill()
