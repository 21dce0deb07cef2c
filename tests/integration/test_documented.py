"""The programs and requests in the documentation, run as they stand there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.integration.conftest import Server, encoded
from tests.integration.test_examples import environ

DOCS = Path(__file__).parents[2] / "docs"
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CURL = re.compile(r"^curl 'http://127\.0\.0\.1:8003(.+)'$", re.MULTILINE)

SERVE = """
import asyncio, sys
import httpx

def answered(app):
    if asyncio.iscoroutinefunction(getattr(app, "__call__", app)):
        async def ask():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                return await client.get("/items/7")
        return asyncio.run(ask())
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://app") as client:
        return client.get("/items/7")

answer = answered(app)
assert answer.status_code == 200, answer
watchroom.shutdown()
"""

DJANGO_SITE = """
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("items/<int:number>", lambda request, number: HttpResponse(str(number)))]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
django.setup()
"""

FRAMEWORKS = [
    ("FastAPI", "/items/{number}"),
    ("Starlette", "/items/{number}"),
    ("Litestar", "/items/{number}"),
    ("Flask", "/items/<int:number>"),
    ("Django", "/items/<int:number>"),
]


def blocks(page: str, heading: str = "") -> list[str]:
    """Return the Python of a page, or of the part below a heading."""
    text = (DOCS / page).read_text()
    if heading:
        text = text.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    return _PYTHON.findall(text)


def run(folder: Path, code: str, url: str, **more: str) -> None:
    (folder / "program.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "program.py"],
        env={**environ(url, folder), **more},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "told once" not in done.stderr


def labels(file: Path, metric: str) -> list[dict[str, str]]:
    found = []
    for line in file.read_text().splitlines():
        for resource in json.loads(line).get("resourceMetrics", []):
            for each in resource["scopeMetrics"][0]["metrics"]:
                if each["name"] == metric:
                    found += each["exponentialHistogram"]["dataPoints"]
    return [
        {pair["key"]: pair["value"]["stringValue"] for pair in point["attributes"]}
        for point in found
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server") / "data")
    running.post(encoded(1))
    yield running
    running.kill()


@pytest.mark.parametrize(("framework", "template"), FRAMEWORKS)
def test_quick_start(tmp_path: Path, framework: str, template: str) -> None:
    (code,) = blocks("quick-start.md", framework)
    if framework == "Django":
        code = DJANGO_SITE + code.replace("application =", "app =")
    file = tmp_path / "metrics.jsonl"
    run(tmp_path, code + SERVE, "http://127.0.0.1:9", WATCHROOM_FILE=str(file))
    (seen,) = labels(file, "http_server_request_duration_seconds")
    assert seen["http_route"] == template


def test_quick_start_of_predictions(server: Server, tmp_path: Path) -> None:
    text = (DOCS / "quick-start.md").read_text().partition("## Report predictions")[2]
    run(tmp_path, _PYTHON.findall(text)[0], server.url)
    (model,) = server.get("/metrics/current", service="my-service").json()["model_metrics"][
        "models"
    ]
    assert model["mae"] == pytest.approx(0.6)
    assert (model["target_mae"], model["target_r2"]) == (2.0, 0.9)


def test_the_sdk_page_is_one_program(tmp_path: Path) -> None:
    run(tmp_path, "\n".join(blocks("sdk.md")), "http://127.0.0.1:9")
    text = (tmp_path / "metrics.jsonl").read_text()
    for name in ("jobs_total", "queue_length", "upload_bytes", "load_seconds", "ml_absolute_error"):
        assert f'"name":"{name}"' in text
    for event in ("model.loaded", "feed.late"):
        assert f'"eventName":"{event}"' in text


def test_the_live_page_follows(server: Server, tmp_path: Path) -> None:
    (code,) = blocks("live-channels.md")
    run(tmp_path, code.replace("http://127.0.0.1:8003", server.url), server.url)


def test_the_client_page_is_one_program(server: Server, tmp_path: Path) -> None:
    code = "\n".join(blocks("client.md")).replace("http://127.0.0.1:8003", server.url)
    run(tmp_path, code + "\nassert len(frame) == len(wide) > 0\n", server.url)


@pytest.mark.parametrize("path", _CURL.findall((DOCS / "http-api.md").read_text()))
def test_requests_are_answered_as_their_example_says(server: Server, path: str) -> None:
    answer = httpx.get(server.url + path, timeout=30)
    assert answer.status_code == 200, answer.text
    text = (DOCS / "http-api.md").read_text()
    example = re.search(rf"{re.escape(path)}'\n```\n\n```json\n(.*?)```", text, re.DOTALL)
    if example is not None:
        assert set(json.loads(example[1])) == set(answer.json())
