"""The same samples in the real Prometheus and in ours, both of them running."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import httpx
import pytest
from tests.integration.conftest import Server
from tests.integration.query.differential import data
from tests.integration.query.differential.ours import Ours
from tests.integration.query.differential.prometheus import running

from watchroom.storage.embedded import EmbeddedStore

_SEED = 7


class Both(NamedTuple):
    """Two servers over the same samples, which begin at `start` and end at `end` (seconds)."""

    prometheus: httpx.Client
    ours: httpx.Client
    start: int
    end: int

    def ask(self, method: str, path: str, parameters: Any) -> list[httpx.Response]:
        """Return what each of them answers."""
        kind = "params" if method == "GET" else "data"
        return [
            client.request(method, path, **{kind: parameters})
            for client in (self.prometheus, self.ours)
        ]


def moved(lines: list[data.Line], start: int) -> list[data.Line]:
    """Return series that begin at another time, in seconds."""
    shift = start * 1000 - data.START
    return [
        line._replace(samples=[(moment + shift, value) for moment, value in line.samples])
        for line in lines
    ]


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both servers with the samples of the last minutes."""
    folder = tmp_path_factory.mktemp("both")
    start = (int(time.time()) - data.SPAN // 1000) // 60 * 60
    lines = moved(data.series(_SEED), start)
    store = EmbeddedStore(folder / "ours", sync=False)
    Ours(store).write(lines)
    store.close()
    server = Server(folder / "ours")
    try:
        with running(folder) as prometheus, closing(prometheus._client) as theirs:
            prometheus.write(lines)
            with httpx.Client(base_url=server.url, timeout=60) as ours:
                yield Both(theirs, ours, start, start + data.SPAN // 1000)
    finally:
        server.kill()
