import os
from pathlib import Path

from watchroom.sdk.spool import Spool


def drained(spool: Spool) -> list[bytes]:
    found = []
    while (body := spool.oldest()) is not None:
        found.append(body)
        spool.remove_oldest()
    return found


def test_batches_come_back_in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "own", 1 << 20)
    bodies = [f"batch {number}".encode() for number in range(20)]
    for body in bodies:
        spool.add(body)
    assert drained(spool) == bodies
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_go_where_there_is_no_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "own", 50)
    for number in range(10):
        spool.add(bytes([number]) * 16)
    assert drained(spool) == [bytes([number]) * 16 for number in (8, 9)]
    assert spool.dropped == 8
    spool.close()


def test_what_a_dead_process_left_is_adopted(tmp_path: Path) -> None:
    dead = Spool(tmp_path, "dead", 1 << 20)
    dead.add(b"left")
    dead.close()
    living = Spool(tmp_path, "living", 1 << 20)
    living.adopt()
    assert drained(living) == [b"left"]
    living.close()


def test_what_a_living_process_holds_is_left_alone(tmp_path: Path) -> None:
    holder = Spool(tmp_path, "holder", 1 << 20)
    holder.add(b"mine")
    other = Spool(tmp_path, "other", 1 << 20)
    other.adopt()
    assert other.oldest() is None
    assert drained(holder) == [b"mine"]
    holder.close()


def test_a_damaged_batch_is_counted_and_skipped(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "own", 1 << 20)
    spool.add(b"first")
    spool.add(b"second")
    path = min((tmp_path / "own").glob("*.batch"))
    path.write_bytes(path.read_bytes()[:-1])
    assert drained(spool) == [b"second"]
    assert spool.dropped == 1
    spool.close()


def test_where_the_disk_refuses_a_few_wait_in_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    spool = Spool(blocked, "own", 1 << 20)
    for number in range(10):
        spool.add(bytes([number]))
    assert drained(spool) == [bytes([number]) for number in range(2, 10)]
    assert spool.dropped == 2


def test_a_forked_child_leaves_the_parents_spool_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "parent", 1 << 20)
    spool.add(b"kept")
    child = os.fork()
    if child == 0:
        spool.abandon()
        os._exit(0 if spool.oldest() is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert drained(spool) == [b"kept"]
    spool.close()


def test_what_waited_in_memory_goes_before_what_the_disk_took_later(tmp_path: Path) -> None:
    root = tmp_path / "spool"
    root.write_text("in the way")
    spool = Spool(root, "own", 1 << 20)
    spool.add(b"first")
    spool.add(b"second")
    root.unlink()
    spool.add(b"third")
    assert len(list(root.glob("own/*.batch"))) == 3
    assert drained(spool) == [b"first", b"second", b"third"]
    spool.close()


def test_size_follows_what_comes_and_goes(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "own", 1 << 20)
    spool.add(b"12345678")
    spool.add(b"1234")
    assert spool.size() == sum(path.stat().st_size for path in tmp_path.glob("own/*.batch"))
    drained(spool)
    assert spool.size() == 0
    spool.close()


def test_adopting_keeps_to_the_limit_and_to_the_order(tmp_path: Path) -> None:
    dead = Spool(tmp_path, "dead", 1 << 20)
    for number in range(5):
        dead.add(bytes([number]) * 16)
    dead.close()
    living = Spool(tmp_path, "living", 50)
    living.adopt()
    assert drained(living) == [bytes([number]) * 16 for number in (3, 4)]
    assert living.dropped == 3
    living.close()
    assert list(tmp_path.iterdir()) == []


def test_a_spool_that_cannot_be_read_is_nobodys_trouble(tmp_path: Path) -> None:
    root = tmp_path / "spool"
    root.write_text("in the way")
    spool = Spool(root, "own", 1 << 20)
    spool.adopt()
    assert spool.oldest() is None
