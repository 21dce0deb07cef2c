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


@pytest.fixture
def plain() -> Distribution:
    return Registry().instrument(Distribution, "load_seconds")


def test_without_labels_the_timer_itself_is_block_and_decorator(plain: Distribution) -> None:
    timer = Timer(plain)

    @timer
    def load() -> int:
        return 3

    @timer
    async def load_later() -> int:
        return 4

    with timer:
        assert load() == 3
    assert asyncio.run(load_later()) == 4
    assert counts(plain) == {(): 3}


def test_one_timer_times_blocks_that_overlap(plain: Distribution) -> None:
    timer = Timer(plain)
    first, second = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        with timer, timer:
            first.set()
            await second.wait()

    async def quick() -> None:
        await first.wait()
        with timer:
            second.set()

    async def both() -> None:
        await asyncio.gather(slow(), quick())

    asyncio.run(both())
    plain.drain()
    assert plain.cells[()].count == 3


def test_a_block_ends_with_the_time_it_began(plain: Distribution) -> None:
    with pytest.raises(LookupError), Timer(plain):
        raise LookupError
    with Timer(plain):
        pass
    assert counts(plain) == {(): 2}
