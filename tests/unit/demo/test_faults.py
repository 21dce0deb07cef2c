"""Each fault does what it says, after its time, and nothing else."""

import pytest

from watchroom.demo.faults import DESCRIPTIONS, DetectorOffline, Faults
from watchroom.runtime.clock import ManualClock

FEATURES = [1.0, 2.0]


def effects(faults: Faults, slept: list[float]) -> set[str]:
    found = set()
    try:
        faults.fail()
    except DetectorOffline:
        found.add("errors")
    faults.linger("duration_predictor", 0.1)
    if slept:
        found.add("slow")
    if faults.measured(FEATURES) != FEATURES:
        found.add("drift")
    if faults.key("key") != "key":
        found.add("cache")
    return found


@pytest.mark.parametrize("kind", [None, *DESCRIPTIONS])
def test_a_fault_begins_at_its_time_and_is_the_only_one(kind: str | None) -> None:
    clock = ManualClock()
    slept: list[float] = []
    faults = Faults(kind, clock, after=20.0, draw=lambda: 0.0, sleep=slept.append)
    clock.advance(19.9)
    assert effects(faults, slept) == set()
    clock.advance(0.1)
    assert effects(faults, slept) == ({kind} if kind else set())


def test_slow_takes_twenty_times_as_long() -> None:
    slept: list[float] = []
    faults = Faults("slow", ManualClock(), draw=lambda: 0.0, sleep=slept.append)
    faults.linger("duration_predictor", 1.0)
    faults.linger("result_predictor", 1.0)
    assert slept == [19.0]


def test_a_lucky_draw_is_spared() -> None:
    slept: list[float] = []
    for kind in ("slow", "errors"):
        faults = Faults(kind, ManualClock(), draw=lambda: 0.99, sleep=slept.append)
        assert effects(faults, slept) == set()


def test_churning_keys_never_meet_again() -> None:
    faults = Faults("cache", ManualClock())
    assert len({faults.key("key") for _ in range(100)}) == 100
