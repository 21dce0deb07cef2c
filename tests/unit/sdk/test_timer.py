import asyncio
import inspect

import pytest

from watchroom.sdk.instruments import Distribution
from watchroom.sdk.registry import Registry
from watchroom.sdk.timer import Timer


@pytest.fixture
def histogram() -> Distribution:
    return Registry().instrument(Distribution, "work_seconds", ("queue",))


def counts(histogram: Distribution) -> dict[tuple[str, ...], int]:
    histogram.drain()
    return {values: cell.count for values, cell in histogram.cells.items()}


def test_a_block_is_timed_even_when_it_fails(histogram: Distribution) -> None:
    timer = Timer(histogram)
    with timer("mail"):
        pass
    with pytest.raises(KeyError), timer("mail"):
        raise KeyError
    assert counts(histogram) == {("mail",): 2}


def test_a_function_keeps_its_name_and_its_result(histogram: Distribution) -> None:
    @Timer(histogram)("mail")
    def send(address: str) -> str:
        """Send it."""
        return address.upper()

    assert [send("a"), send("b")] == ["A", "B"]
    assert (send.__name__, send.__doc__) == ("send", "Send it.")
    assert counts(histogram) == {("mail",): 2}


def test_a_coroutine_function_is_timed_over_its_run(histogram: Distribution) -> None:
    @Timer(histogram)("mail")
    async def send() -> int:
        await asyncio.sleep(0)
        return 3

    async def both() -> list[int]:
        return list(await asyncio.gather(send(), send()))

    assert inspect.iscoroutinefunction(send)
    assert asyncio.run(both()) == [3, 3]
    assert counts(histogram) == {("mail",): 2}


def test_one_timer_runs_nested_and_again(histogram: Distribution) -> None:
    timer = Timer(histogram)

    @timer("mail")
    def down(depth: int) -> int:
        return depth and down(depth - 1)

    down(3)
    assert counts(histogram) == {("mail",): 4}
