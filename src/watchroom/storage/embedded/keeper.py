"""The keeper: a thread that turns the head into blocks and small blocks into large ones.

It works on what does not change any more, and hands the writer's thread only short transactions,
so that commits need not wait for it.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence

from watchroom.storage.contract import EVER, StoreUnavailable
from watchroom.storage.embedded import forget, merging, retiring, sealing, shelf
from watchroom.storage.embedded.build import Built
from watchroom.storage.embedded.contents import Contents, alive
from watchroom.storage.embedded.head import Portion
from watchroom.storage.embedded.pieces import Reader, Report
from watchroom.storage.embedded.schema import Readers, transaction
from watchroom.storage.embedded.shelf import Info, info_of
from watchroom.storage.embedded.writer import Writer

logger = logging.getLogger(__name__)

SEAL_SAMPLES = 1_000_000
SEAL_SECONDS = 900.0
_VACUUM_PAGES = 1_000
"""Pages given back to the disk between two commits."""


class Keeper:
    """Seals, merges, forgets and deletes, one of them at a time."""

    def __init__(
        self,
        database: sqlite3.Connection,
        contents: Contents,
        readers: Readers,
        damaged: Report,
        now: Callable[[], float],
    ) -> None:
        self._db = database
        self._contents = contents
        self._readers = readers
        self._damaged = damaged
        self._now = now
        self._sealed_at = now()
        self._working = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._sealing = False
        self._not_before = 0.0
        self.figures = {"seals": 0, "merges": 0}

    def start(self, writer: Writer) -> None:
        """Begin to work, by way of the writer's thread."""
        self._writer = writer
        self._thread = threading.Thread(target=self._run, name="watchroom-keeper", daemon=True)
        self._thread.start()
        self._wake.set()

    def glance(self) -> None:
        """See whether the head is due; costs next to nothing."""
        if self._due():
            self._wake.set()

    def crowded(self) -> bool:
        """Say whether the head is as large as it may get while a part of it is being sealed."""
        return self._sealing and self._contents.head.portion.samples >= SEAL_SAMPLES

    def close(self) -> None:
        """End. What is being merged stays as it was."""
        self._closed = True
        self._wake.set()
        self._thread.join()

    def seal(self) -> None:
        """Turn the head into blocks now."""
        with self._working:
            self._seal_all()

    def compact(self) -> None:
        """Turn the head into blocks, and merge all that can be merged."""
        with self._working:
            self._seal_all()
            while self._merge(everything=True):
                pass
            self._tidy_up()
        self._give_back()

    def alone(self, work: Callable[[], int]) -> int:
        """Do something while nothing is sealed or merged."""
        with self._working:
            return work()

    def retain(self, oldest: int, coarse: int | None, most_bytes: int) -> int:
        """Keep what is older than `oldest` coarsely, until it is older than `coarse`, too.

        Without `coarse` it is forgotten at once. Where all would take more than `most_bytes`, and
        they are not 0, the oldest whole samples are taken for old, and the oldest coarse ones go
        until they take what the whole ones leave, or half. Returns how many samples went.
        """
        with self._working:
            room = self._room(most_bytes) if most_bytes else EVER[1]
            oldest = max(oldest, retiring.oldest_whole(self._view(), room))
            gone = sum(self._retire(group, coarse) for group in retiring.due(self._view(), oldest))
            last = oldest if coarse is None else coarse
            last = max(last, retiring.oldest_coarse(self._view(), room))
            gone += self._writer.do(lambda: self._forget(last, oldest)).result()
            self._tidy_up()
        self._give_back()
        return gone

    def delete(self, numbers: Callable[[], Sequence[int]], start: int, end: int) -> int:
        """Forget what series have in (start, end]; return how many samples went."""
        with self._working:
            self._seal_all()
            erased = sealing.Erased(frozenset(numbers()), start, end)
            with self._readers.snapshot() as database:
                reader = Reader(database, self._contents.cache, self._damaged)
                gone = [self._erase(reader, info, erased) for info in self._view()]
            self._writer.do(lambda: self._erase_rest(erased)).result()
            self._tidy_up()
        return sum(gone)

    # the thread

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._closed:
                return
            try:
                self._work()
            except StoreUnavailable as error:
                self._not_before = self._now() + error.retry_after
                logger.warning("the store cannot tidy up now, and tries again: %s", error)
            except Exception:
                logger.exception("the store could not tidy up; it tries again")

    def _work(self) -> None:
        with self._working:
            self._sweep()
            if self._due():
                self._seal()
        merged = True
        while merged and not self._closed:
            with self._working:
                merged = self._merge()
                self._sweep()

    def _due(self) -> bool:
        head = self._contents.head
        if self._now() < self._not_before:
            return False
        if head.frozen is not None or head.portion.samples >= SEAL_SAMPLES:
            return True
        return head.portion.samples > 0 and self._now() - self._sealed_at >= SEAL_SECONDS

    def _view(self) -> list[Info]:
        with self._contents.lock:
            return self._contents.shelf.view()

    # sealing and merging

    def _seal_all(self) -> None:
        """Seal what could not be sealed before, and all that has come since."""
        if self._contents.head.frozen is not None:
            self._seal()
        self._seal()

    def _seal(self) -> None:
        self._sealing = True
        try:
            portion = self._writer.do(self._freeze).result()
            if portion is not None:
                self._put_into_blocks(portion)
        finally:
            self._sealing = False
            self._writer.do(_nothing)  # what waited for room may go on

    def _put_into_blocks(self, portion: Portion) -> None:
        found = sealing.seal(portion)
        rank = max((info.rank for info in self._view()), default=0) + 1
        infos = [
            info_of(self._write(each.built), shelf.new(rank, each.width), each.built)
            for each in found
        ]
        self._writer.do(lambda: self._install_head(infos, portion.until)).result()
        self._sealed_at = self._now()
        self.figures["seals"] += 1

    def _freeze(self) -> Portion | None:
        head = self._contents.head
        if head.frozen is None and not head.portion.samples:
            return None
        if head.frozen is None:
            row = self._db.execute("SELECT max(seq) FROM journal").fetchone()
            with self._contents.lock:
                head.freeze(row[0] or 0)
        return head.frozen

    def _install_head(self, infos: Sequence[Info], until: int) -> None:
        with transaction(self._db):
            shelf.show(self._db, infos, ())
            self._db.execute("DELETE FROM journal WHERE seq <= ?", (until,))
            with self._contents.lock:
                self._db.execute("COMMIT")
                self._contents.shelf.put(infos)
                self._contents.head.drop()

    def _merge(self, *, everything: bool = False) -> bool:
        """Merge some blocks; say whether there were any."""
        infos = merging.plan(self._view(), int(self._now() * 1000), everything=everything)
        if not infos:
            return False
        with self._readers.snapshot() as database:
            reader = Reader(database, self._contents.cache, self._damaged)
            built = sealing.merge(reader, infos)
        level = max(info.level for info in infos) + 1
        self._replace(infos, built, infos[-1]._replace(level=level))
        self.figures["merges"] += 1
        return True

    def _replace(self, infos: Sequence[Info], built: Sequence[Built], like: Info) -> None:
        """Put blocks in the place of others."""
        new = [info_of(self._write(each), like, each) for each in built]
        old = [info.block for info in infos]
        self._writer.do(lambda: self._install(new, old)).result()

    def _install(self, new: Sequence[Info], old: Sequence[int]) -> None:
        with transaction(self._db):
            shelf.show(self._db, new, old)
            with self._contents.lock:
                self._db.execute("COMMIT")
                self._contents.shelf.take(old)
                self._contents.shelf.put(new)

    def _write(self, built: Built) -> int:
        """Write a block that nobody sees yet."""
        return self._writer.do(lambda: shelf.write(self._db, built)).result()

    # forgetting

    def _room(self, most_bytes: int) -> int:
        """Return how many bytes are left for blocks beside the journal, labels and events."""
        pages = self._writer.do(self._used).result()
        return max(0, most_bytes - pages + sum(info.bytes for info in self._view()))

    def _used(self) -> int:
        pages, free, size = (
            self._db.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _retire(self, infos: Sequence[Info], coarse: int | None) -> int:
        """Put what is kept coarsely in the place of blocks."""
        built: list[Built] = []
        if coarse is not None:
            with self._readers.snapshot() as database:
                reader = Reader(database, self._contents.cache, self._damaged)
                built = retiring.downsampled(reader, infos, self._contents.cumulative)
        self._replace(infos, built, infos[-1]._replace(level=0, coarse=1))
        return sum(info.samples for info in infos)

    def _forget(self, last: int, oldest: int) -> int:
        """Forget coarse blocks older than `last`, and what goes with age beside samples."""
        old = [info for info in self._view() if info.coarse and info.ending < last]
        blocks = [info.block for info in old]
        with transaction(self._db):
            shelf.hide(self._db, blocks)
            forget.old(self._db, oldest, int(self._now() * 1000))
            with self._contents.lock:
                self._db.execute("COMMIT")
                self._contents.shelf.take(blocks)
        return sum(info.samples for info in old)

    def _erase(self, reader: Reader, info: Info, erased: sealing.Erased) -> int:
        if not sealing.touches(reader, info, erased):
            return 0
        built = sealing.merge(reader, [info], erased)
        self._replace([info], built, info)
        return info.samples - sum(shelf.samples_of(each.directory) for each in built)

    def _erase_rest(self, erased: sealing.Erased) -> None:
        with transaction(self._db):
            forget.exemplars_of(self._db, erased.series, erased.start, erased.end)
            self._db.execute("COMMIT")

    # tidying up

    def _tidy_up(self) -> None:
        self._writer.do(self._forget_empty).result()
        self._sweep()

    def _forget_empty(self) -> None:
        """Forget the series that have no samples left."""
        known = alive(self._contents, self._db)
        if known is None:
            return
        empty = [
            (number,) for number in set(self._contents.index.labels).difference(known.tolist())
        ]
        with transaction(self._db):
            self._db.executemany("DELETE FROM series WHERE id = ?", empty)
            self._db.executemany("DELETE FROM exemplars WHERE series = ?", empty)
            with self._contents.lock:
                self._db.execute("COMMIT")
                for (number,) in empty:
                    self._contents.index.remove(number)

    def _sweep(self) -> None:
        """Remove the blocks that nobody sees, one between two commits."""
        while self._writer.do(lambda: shelf.sweep(self._db)).result():
            pass

    def _give_back(self) -> None:
        """Give free pages back to the disk, some between two commits."""
        while self._writer.do(self._vacuum).result():
            pass

    def _vacuum(self) -> bool:
        before = self._db.execute("PRAGMA freelist_count").fetchone()[0]
        # Every step frees one page, and only a script is stepped to its end: it has no columns.
        self._db.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
        after = self._db.execute("PRAGMA freelist_count").fetchone()[0]
        return bool(0 < after < before)


def _nothing() -> None:
    """Be a task."""
