from watchroom.storage.embedded.merging import FAN, MOST, plan
from watchroom.storage.embedded.shelf import DAY_MS, Info

NOON = 20_000 * DAY_MS + DAY_MS // 2


def info(
    rank: int, *, level: int = 0, start: int = NOON, samples: int = 1000, days: int = 1
) -> Info:
    return Info(rank, rank, days * DAY_MS, level, start, start + 1000, 1, 9, samples, 9, 100)


def test_few_blocks_of_a_day_stay_as_they_are() -> None:
    assert plan([info(rank) for rank in range(FAN - 1)], NOON) == []


def test_the_oldest_of_a_level_are_merged() -> None:
    blocks = [info(1, level=1), *(info(rank) for rank in range(2, FAN + 4))]
    assert plan(blocks, NOON) == blocks[1 : FAN + 1]


def test_a_day_that_is_over_is_merged_as_a_whole() -> None:
    blocks = [info(1, level=2), info(2), info(3)]
    assert plan(blocks, NOON) == []
    assert plan(blocks, NOON + DAY_MS) == blocks
    assert plan(blocks, NOON, everything=True) == blocks


def test_what_is_large_is_left_alone() -> None:
    large = info(1, samples=MOST)
    assert plan([large, info(2)], NOON, everything=True) == []
    rest = [info(2), info(3)]
    assert plan([large, *rest], NOON, everything=True) == rest


def test_nothing_is_merged_past_another_that_reaches_into_the_same_time() -> None:
    between = info(2, days=32)
    assert plan([info(1), between, info(3)], NOON, everything=True) == []
    elsewhere = info(2, start=NOON - 40 * DAY_MS, days=32)
    assert plan([info(1), elsewhere, info(3)], NOON, everything=True) == [info(1), info(3)]
