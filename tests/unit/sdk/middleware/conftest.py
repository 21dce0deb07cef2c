from typing import Any, NamedTuple

import pytest

from watchroom.runtime.clock import ManualClock


class Seen(NamedTuple):
    route: str
    method: str
    status: int
    seconds: float
    error_type: str


class Notebook:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.first_bytes: list[tuple[str, str, float]] = []
        self.ends = 0

    def record(
        self, route: str, method: str, status: int, seconds: float, error_type: str = ""
    ) -> None:
        self.requests.append(Seen(route, method, status, seconds, error_type))

    def first_byte(self, route: str, method: str, seconds: float) -> None:
        self.first_bytes.append((route, method, seconds))

    def ended(self) -> None:
        self.ends += 1

    @property
    def routes(self) -> list[str]:
        return [seen.route for seen in self.requests]


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wrapped(notebook: Notebook, clock: ManualClock) -> dict[str, Any]:
    """The arguments that make a middleware tell the notebook, on the manual clock."""
    return {"recorder": notebook, "clock": clock.monotonic}
