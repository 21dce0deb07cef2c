"""The envelope of Prometheus' answers, and answers that go out block by block."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from watchroom.api.encoded import encoded

JSON = "application/json"
TRUNCATED = "results truncated due to limit"


def success(data: Any, warnings: Sequence[str] = ()) -> Response:
    """Return data in the envelope."""
    content = {"status": "success", "data": data}
    if warnings:
        content["warnings"] = list(warnings)
    return Response(encoded(content), media_type=JSON)


def limited(rows: list[Any], limit: int) -> Response:
    """Return at most `limit` rows, 0 for all, and say so where some were left out."""
    if limit and len(rows) > limit:
        return success(rows[:limit], [TRUNCATED])
    return success(rows)


class Blocks(Response):
    """A body in blocks: what is large is neither joined in memory nor written at once."""

    def __init__(self, blocks: Sequence[bytes], media_type: str = JSON) -> None:
        length = str(sum(map(len, blocks)))
        super().__init__(headers={"Content-Length": length}, media_type=media_type)
        self.blocks = blocks

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send them."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        for block in self.blocks:
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
