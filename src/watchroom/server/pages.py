"""The built pages: files as they are, everything else the single-page app."""

import mimetypes
from email.utils import formatdate
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent / "pages"

_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
_PACKED = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}

UNBUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Watchroom</title></head><body>
<h1>Watchroom is running</h1>
<p>Its pages are not built yet. In a clone, build them with</p>
<pre>make pages</pre>
<p>Meanwhile: <a href="/health">health</a>, <a href="/metrics/current">current metrics</a>,
<a href="/docs">the API</a>.</p>
</body></html>
"""

DOCS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Watchroom API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css"></head><body>
<div id="swagger-ui"><p>The API as a document: <a href="/openapi.json">/openapi.json</a>.</p></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>
"""

DOCS_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
});
"""


class Pages:
    """An ASGI application for what no route of the API takes."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        response = await self.answer(scope["method"], scope["path"], Headers(scope=scope))
        await response(scope, receive, send)

    async def answer(self, method: str, path: str, headers: Headers) -> Response:
        """Return the response to a request. Raises HTTPException 404."""
        if method not in {"GET", "HEAD"}:
            raise HTTPException(404, "there is no such resource")
        if path == "/docs":
            return HTMLResponse(DOCS)
        if path == "/docs/start.js":
            return Response(DOCS_START, media_type="text/javascript")
        response = await run_in_threadpool(self._file, path, headers)
        if response is None and _is_navigation(path, headers):
            response = await run_in_threadpool(self._file, "/index.html", headers)
            return response or HTMLResponse(UNBUILT)
        if response is None:
            raise HTTPException(404, "there is no such resource")
        return response

    def _file(self, path: str, headers: Headers) -> Response | None:
        plain = self._inside(path)
        if plain is None:
            return None
        kind = _TYPES.get(plain.suffix) or mimetypes.guess_type(plain.name)[0]
        answer = {
            "Cache-Control": _IMMUTABLE if path.startswith("/assets/") else _REVALIDATE,
            "Vary": "Accept-Encoding",
        }
        file = plain
        accepted = {
            part.partition(";")[0].strip()
            for part in headers.get("accept-encoding", "").lower().split(",")
        }
        for encoding, suffix in _PACKED:
            packed = plain.with_name(plain.name + suffix)
            if encoding in accepted and packed.is_file():
                file = packed
                answer["Content-Encoding"] = encoding
                break
        facts = file.stat()
        answer["ETag"] = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
        answer["Last-Modified"] = formatdate(facts.st_mtime, usegmt=True)
        if answer["ETag"] in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=answer)
        return Response(file.read_bytes(), headers=answer, media_type=kind)

    def _inside(self, path: str) -> Path | None:
        if "\0" in path:
            return None
        try:
            file = (self._folder / path.lstrip("/")).resolve()
            return file if file.is_relative_to(self._folder) and file.is_file() else None
        except OSError:  # a name that is too long for any file
            return None


def _is_navigation(path: str, headers: Headers) -> bool:
    if path == "/":
        return True
    # A missing asset must not come back as a page: the browser would parse it as a script.
    return "text/html" in headers.get("accept", "") and not path.startswith(("/assets/", "/docs/"))
