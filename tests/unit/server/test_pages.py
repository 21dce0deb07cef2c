"""Pages and their files."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from watchroom.api import errors
from watchroom.server.pages import Pages

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "identity"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<html>the app</html>")
    (pages / "assets" / "app-1a2b.js").write_text("let a = 1;")
    (pages / "assets" / "app-1a2b.js.gz").write_bytes(b"packed by gzip")
    (pages / "assets" / "app-1a2b.js.br").write_bytes(b"packed by brotli")
    (tmp_path / "secret.txt").write_text("not for you")
    (pages / "link.txt").symlink_to(tmp_path / "secret.txt")
    return pages


def client(folder: Path) -> httpx.AsyncClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    errors.install(app)
    app.router.default = Pages(folder)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", headers=BROWSER
    )


@pytest.mark.parametrize("path", ["/", "/models", "/models/result%2Fpredictor?range=1h"])
async def test_navigation_gets_the_app(folder: Path, path: str) -> None:
    async with client(folder) as http:
        answer = await http.get(path)
    assert answer.text == "<html>the app</html>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_assets_are_cached_for_good(folder: Path) -> None:
    async with client(folder) as http:
        answer = await http.get("/assets/app-1a2b.js")
        again = await http.get(
            "/assets/app-1a2b.js", headers={"If-None-Match": answer.headers["etag"]}
        )
    assert answer.text == "let a = 1;"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip", "gzip", b"packed by gzip"),
        ("gzip, deflate, br", "br", b"packed by brotli"),
        ("identity", None, b"let a = 1;"),
    ],
)
async def test_packed_files(folder: Path, accepted: str, encoding: str | None, body: bytes) -> None:
    async with client(folder) as http:
        request = http.build_request(
            "GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": accepted}
        )
        answer = await http.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert raw == body


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/link.txt",
        "//etc/passwd",
        "/assets/missing.js",
        "/docs/missing.js",
        "/a%00b",
        "/" + "a" * 300,
    ],
)
async def test_nothing_outside_or_missing_is_served(folder: Path, path: str) -> None:
    async with client(folder) as http:
        answer = await http.get(path, headers={"Accept": "*/*"})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_a_missing_asset_is_never_a_page(folder: Path) -> None:
    async with client(folder) as http:
        assert (await http.get("/assets/missing.js")).status_code == 404


async def test_programs_get_an_error_and_no_page(folder: Path) -> None:
    async with client(folder) as http:
        for method in ("GET", "POST", "DELETE"):
            answer = await http.request(method, "/nope", headers={"Accept": "application/json"})
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "not_found"


async def test_unbuilt_pages_say_how_to_build_them(tmp_path: Path) -> None:
    async with client(tmp_path / "none") as http:
        answer = await http.get("/")
    assert answer.status_code == 200
    assert "not built" in answer.text


async def test_docs_load_nothing_from_elsewhere(folder: Path) -> None:
    async with client(folder) as http:
        page, start = await http.get("/docs"), await http.get("/docs/start.js")
    assert "http://" not in page.text + start.text
    assert "https://" not in page.text + start.text
    assert "/openapi.json" in start.text


async def test_the_front_door_opens_whatever_is_accepted(folder: Path) -> None:
    async with client(folder) as http:
        for method in ("GET", "HEAD"):
            answer = await http.request(method, "/", headers={"Accept": "*/*"})
            assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
