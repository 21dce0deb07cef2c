"""The guard of cardinality: what is folded, and that the totals stay exact."""

import os
import random
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchroom.ingest.guard import EVENT, OTHER, Caps, Guard
from watchroom.ingest.guarded import Guarded
from watchroom.model.histogram import Histogram
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import Labels, labels, value_of
from watchroom.model.stale import STALE
from watchroom.runtime.clock import ManualClock
from watchroom.storage.contract import (
    Exemplar,
    FloatSeries,
    HistogramSeries,
    Matcher,
    StoreUnavailable,
    Write,
)
from watchroom.storage.embedded import EmbeddedStore

CAPS = Caps(source=1000, metric=100)
MANY = int(os.environ.get("WATCHROOM_TEST_LABEL_SETS", "20000"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "data", sync=False, now=clock.now)
    yield opened
    opened.close()


@pytest.fixture
def guarded(store: EmbeddedStore, clock: ManualClock, tmp_path: Path) -> Guarded:
    return Guarded(store, Guard(store, clock, CAPS, tmp_path))


def now(clock: ManualClock) -> int:
    return int(clock.now() * 1000)


def user(number: int, name: str = "requests_total", job: str = "shop", **more: str) -> Labels:
    return labels(name, {"job": job, "user": str(number), "instance": f"i{number % 3}"} | more)


def write(guarded: Guarded, rows: dict[Labels, float], time: int) -> int:
    made = Write("", list(rows), [time] * len(rows), list(rows.values()))
    return guarded.append(made).result().samples


def newest(store: EmbeddedStore, clock: ManualClock, name: str) -> dict[Labels, float]:
    """Return the last value of each series of a metric."""
    found = store.select([Matcher("__name__", "=", name)], 0, now(clock))
    return {each.labels: float(each.values[-1]) for each in found if isinstance(each, FloatSeries)}


def test_below_the_limit_nothing_changes(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    rows = {user(number): float(number) for number in range(100)}
    assert write(guarded, rows, now(clock)) == 100
    assert newest(store, clock, "requests_total") == rows
    assert guarded.guard.statistics().folds == ()


def test_beyond_it_the_worst_label_alone_is_folded(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    rows = {user(number): 1.0 for number in range(500)}
    assert write(guarded, rows, now(clock)) == 500
    found = newest(store, clock, "requests_total")
    assert sum(found.values()) == 500
    folded = [series for series in found if OTHER in dict(series).values()]
    assert len(found) == 103
    assert {value_of(series, "user") for series in folded} == {OTHER}
    assert {value_of(series, "instance") for series in folded} == {"i0", "i1", "i2"}


def test_totals_are_exact_through_resets_gaps_and_late_samples(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    chance = random.Random(7)
    value: dict[Labels, float] = {}
    before_reset = 0.0
    for _ in range(30):
        clock.advance(15)
        rows = {}
        for number in chance.sample(range(400), 150):
            series = user(number)
            rise = chance.randrange(100)
            if chance.random() < 0.05 and OTHER in dict(place(guarded, series)).values():
                before_reset += value.get(series, 0.0)  # a process began anew
                value[series] = rise if rise < value.get(series, 0.0) else 0.0
            else:
                value[series] = value.get(series, 0.0) + rise
            rows[series] = value[series]
        write(guarded, rows, now(clock))
        write(guarded, rows, now(clock))  # sent again after an answer was lost
        write(
            guarded,
            {each: 0.0 for each in list(rows)[-5:] if folds(guarded, each)},
            now(clock) - 5000,
        )  # and very late
    total = sum(newest(store, clock, "requests_total").values())
    assert total == sum(value.values()) + before_reset


def place(guarded: Guarded, series: Labels) -> Labels:
    found = guarded.guard.admit(series)
    return found if isinstance(found, tuple) else found.into.labels


def folds(guarded: Guarded, series: Labels) -> bool:
    return not isinstance(guarded.guard.admit(series), tuple)


def test_sums_never_fall(guarded: Guarded, store: EmbeddedStore, clock: ManualClock) -> None:
    for tick in range(20):
        clock.advance(15)
        rows = {user(number): float(tick) for number in range(100 + 30 * tick)}
        write(guarded, rows, now(clock))
    found = store.select([Matcher("user", "=", OTHER)], 0, now(clock))
    assert len(found) == 3
    for each in found:
        assert isinstance(each, FloatSeries)
        assert (each.values[1:] >= each.values[:-1]).all()


def test_other_metrics_and_sources_are_not_touched(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    write(guarded, {user(number): 1.0 for number in range(500)}, now(clock))
    others = {user(number, name="errors_total"): 1.0 for number in range(90)}
    others |= {user(number, job="other"): 1.0 for number in range(90)}
    write(guarded, others, now(clock))
    kept = newest(store, clock, "errors_total") | newest(store, clock, "requests_total")
    assert others.keys() <= kept.keys()


def test_label_sets_that_were_there_go_on(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    write(guarded, {user(number): 1.0 for number in range(500)}, now(clock))
    clock.advance(15)
    write(guarded, {user(number): 5.0 for number in range(50)}, now(clock))
    found = newest(store, clock, "requests_total")
    assert all(found[user(number)] == 5.0 for number in range(50))


def test_the_next_label_follows_where_one_is_not_enough(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    rows = {
        labels("a_total", {"job": "x", "u": str(number), "v": str(number % 400)}): 1.0
        for number in range(3000)
    }
    write(guarded, rows, now(clock))
    found = newest(store, clock, "a_total")
    assert sum(found.values()) == 3000
    assert len(found) <= 100 + 10 + 10 + 1
    assert guarded.guard.statistics().folds == ("x: a_total{u, v}",)


def test_a_source_is_limited_over_all_its_metrics(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    rows = {user(number, name=f"m{each}"): 1.0 for each in range(30) for number in range(90)}
    write(guarded, rows, now(clock))
    assert guarded.guard.statistics().active_sets <= 1100
    total = sum(sum(newest(store, clock, f"m{each}").values()) for each in range(30))
    assert total < 2700  # these are gauges: of folded ones the newest stands


def test_names_without_labels_cannot_be_folded_and_are_refused(
    guarded: Guarded, clock: ManualClock
) -> None:
    rows = {labels(f"m{number}", {"job": "x"}): 1.0 for number in range(2000)}
    made = Write("", list(rows), [now(clock)] * 2000, [1.0] * 2000)
    receipt = guarded.append(made).result()
    assert receipt.samples == 1100
    assert "no label to fold" in " ".join(receipt.rejected)


def test_le_is_never_folded(guarded: Guarded, store: EmbeddedStore, clock: ManualClock) -> None:
    rows = {
        labels("t_bucket", {"job": "x", "le": str(bound), "u": str(number)}): 1.0
        for number in range(20)
        for bound in range(50)
    }
    write(guarded, rows, now(clock))
    found = newest(store, clock, "t_bucket")
    assert sum(found.values()) == 1000
    assert OTHER not in {value_of(each, "le") for each in found}


def test_of_gauges_the_newest_stands(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    write(guarded, {user(number, name="heat"): float(number) for number in range(300)}, now(clock))
    found = newest(store, clock, "heat")
    assert found[labels("heat", {"job": "shop", "user": OTHER, "instance": "i2"})] == 299.0


@pytest.mark.parametrize(("kind", "newest_of"), [(Kind.COUNTER, 200.0), (Kind.GAUGE, 1.0)])
def test_metadata_says_what_is_a_counter(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock, kind: Kind, newest_of: float
) -> None:
    rows = [labels("odd_name", {"job": "x", "u": str(number)}) for number in range(300)]
    metadata = [Metadata("odd_name", kind)]
    guarded.append(Write("", rows[:1], [now(clock)], [1.0], metadata=metadata)).result()
    guarded.append(Write("", rows, [now(clock)] * 300, [1.0] * 300)).result()
    found = newest(store, clock, "odd_name")
    assert found[labels("odd_name", {"job": "x", "u": OTHER})] == newest_of


def test_what_is_stale_or_no_number_changes_no_sum(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    write(guarded, {user(number): 1.0 for number in range(200)}, now(clock))
    clock.advance(15)
    write(guarded, {user(number): STALE for number in range(100, 200)}, now(clock))
    assert sum(newest(store, clock, "requests_total").values()) == 200


def test_histograms_are_added_up(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    for tick in (1, 1, 2, 2):
        time = now(clock) + 15_000 * tick - 60_000
        rows = [
            (
                user(number, name="seconds"),
                time,
                Histogram(3 * tick, 1.5 * tick, tick, {number % 5: 2 * tick}),
            )
            for number in range(300)
        ]
        guarded.append(Write("", [], [], [], rows)).result()
    found = store.select([Matcher("__name__", "=", "seconds")], 0, now(clock))
    assert len(found) == 103
    folded = [each for each in found if value_of(each.labels, "user") == OTHER]
    assert sum(float(each.counts[-1]) for each in folded if isinstance(each, HistogramSeries)) == (
        3 * 2 * 200
    )


def test_exemplars_go_where_their_series_goes(
    guarded: Guarded, store: EmbeddedStore, clock: ManualClock
) -> None:
    series = [user(number) for number in range(300)]
    trace = (("trace_id", "abc"),)
    exemplar = Exemplar(series[-1], trace, now(clock), 1.0)
    made = Write("", series, [now(clock)] * 300, [1.0] * 300, exemplars=[exemplar])
    guarded.append(made).result()
    found = store.exemplars([Matcher("user", "=", OTHER)], 0, now(clock))
    assert [each.labels for _, rows in found for each in rows] == [trace]


def test_an_event_says_so_once(guarded: Guarded, store: EmbeddedStore, clock: ManualClock) -> None:
    for _ in range(3):
        write(guarded, {user(number): 1.0 for number in range(300)}, now(clock))
    write(guarded, {user(1): 2.0}, now(clock))
    events = store.events(0, now(clock) + 1, name=EVENT)
    assert [(each.level, each.job) for each in events] == [("WARNING", "shop")]
    assert events[0].payload["label"] == "user"
    assert events[0].payload["metric"] == "requests_total"
    assert guarded.guard.statistics().folds == ("shop: requests_total{user}",)


def test_an_event_that_could_not_be_written_is_said_again(
    store: EmbeddedStore, clock: ManualClock, tmp_path: Path
) -> None:
    guard = Guard(store, clock, CAPS)
    closed = EmbeddedStore(tmp_path / "closed", sync=False, now=clock.now)
    closed.close()
    rows = {user(number): 1.0 for number in range(300)}
    with pytest.raises(StoreUnavailable):
        write(Guarded(closed, guard), rows, now(clock))
    again = Guarded(store, guard)
    write(again, rows, now(clock))
    write(again, rows, now(clock))
    assert len(store.events(0, now(clock) + 1, name=EVENT)) == 1
    assert sum(newest(store, clock, "requests_total").values()) == 300


def test_what_falls_silent_makes_room(guarded: Guarded, clock: ManualClock) -> None:
    guard = guarded.guard
    write(guarded, {user(number): 1.0 for number in range(100)}, now(clock))
    for _ in range(2):
        clock.advance(3601)
        guard.turn()
    assert guard.statistics().active_sets == 0
    assert guard.epoch == 2
    write(guarded, {user(number): 1.0 for number in range(1000, 1100)}, now(clock))
    assert guard.statistics().folds == ()


def test_folding_that_is_over_is_said_no_more_and_at_last_forgotten(
    guarded: Guarded, clock: ManualClock
) -> None:
    guard = guarded.guard
    write(guarded, {user(number): 1.0 for number in range(300)}, now(clock))
    told = []
    for _ in range(26):
        clock.advance(3601)
        guard.turn()
        told.append(bool(guard.statistics().folds))
    assert told[:3] == [True, False, False]
    assert guard._groups == {}
    assert guard._memory.totals == {}


@pytest.mark.parametrize("saved", [True, False])
def test_sums_go_on_after_a_restart(tmp_path: Path, clock: ManualClock, saved: bool) -> None:
    for life in (1, 2, 3):
        store = EmbeddedStore(tmp_path / "data", sync=False, now=clock.now)
        guard = Guard(store, clock, CAPS, tmp_path)
        guard.restore()
        guarded = Guarded(store, guard)
        for number in range(0, 300, 50):  # not all at once
            clock.advance(5)
            rows = {user(each): 10.0 * life for each in range(number, number + 50)}
            write(guarded, rows, now(clock))
        assert sum(newest(store, clock, "requests_total").values()) == 3000 * life
        for each in store.select([Matcher("user", "=", OTHER)], 0, now(clock)):
            assert isinstance(each, FloatSeries)
            assert (each.values[1:] >= each.values[:-1]).all()
        assert len(store.events(0, now(clock) + 1, name=EVENT)) == 1
        if saved:
            guard.turn()
        store.close()


def test_a_disk_that_is_full_is_tried_again(
    store: EmbeddedStore, clock: ManualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "later"
    folder.write_text("this is no folder")
    guard = Guard(store, clock, CAPS, folder)
    write(Guarded(store, guard), {user(number): 1.0 for number in range(300)}, now(clock))
    guard.turn()
    assert "cannot be written" in caplog.text
    folder.unlink()
    guard.turn()
    assert (folder / "folded.bin").stat().st_size > 0


def test_a_damaged_memory_is_no_obstacle(store: EmbeddedStore, tmp_path: Path) -> None:
    (tmp_path / "folded.bin").write_bytes(b"\x00" * 50)
    Guard(store, ManualClock(), CAPS, tmp_path).restore()


@pytest.mark.slow
def test_a_flood_of_label_sets_is_capped_and_costs_little(
    store: EmbeddedStore, clock: ManualClock
) -> None:
    guarded = Guarded(store, Guard(store, clock, Caps(2000, 1000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step = 10_000
    for first in range(0, MANY, step):
        clock.advance(60 * step / 1_000_000)
        rows = {user(number): 3.0 for number in range(first, first + step)}
        assert write(guarded, rows, now(clock)) == step
    found = newest(store, clock, "requests_total")
    assert sum(found.values()) == 3 * MANY
    assert len(found) == 1003
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 << 10  # kilobytes
    assert guarded.guard.statistics().forgotten_sets == 0
