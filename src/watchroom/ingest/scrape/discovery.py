"""Where targets come from: lists in the configuration, and files that change."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from watchroom.ingest.scrape.config import ScrapeConfig, StaticConfig
from watchroom.ingest.scrape.relabel import Names

logger = logging.getLogger(__name__)

ADDRESS = "__address__"
_FILE = "__meta_filepath"


class _Signature(NamedTuple):
    """What tells that a file has changed."""

    modified: int
    size: int
    inode: int


class Discovery:
    """The targets of one job as they are found, before relabelling.

    A file that cannot be read leaves what it last said in force; one that is gone takes its targets
    with it.
    """

    def __init__(self, job: ScrapeConfig, base: Path) -> None:
        self._static = list(_groups(job.static_configs))
        self._patterns = [file for each in job.file_sd_configs for file in each.files]
        self._base = base
        self._job = job.job_name
        self._seen: dict[Path, _Signature] = {}
        self._found: dict[Path, list[Names]] = {}
        self.failures = 0

    def targets(self) -> list[Names]:
        """Return the labels of all targets known now."""
        return [dict(each) for each in (*self._static, *self._from_files())]

    def look(self) -> bool:
        """Read the files that have changed; say whether anything is different now."""
        changed = False
        present: set[Path] = set()
        for path in self._files():
            signature = _signature(path)
            if signature is None:
                continue
            present.add(path)
            if self._seen.get(path) != signature:
                self._seen[path] = signature
                changed |= self._read(path)
        for path in set(self._found) - present:
            del self._found[path]
            self._seen.pop(path, None)
            changed = True
        return changed

    def _files(self) -> Iterator[Path]:
        for pattern in self._patterns:
            place = self._base / pattern
            yield from sorted(place.parent.glob(place.name)) if "*" in place.name else [place]

    def _from_files(self) -> Iterator[Names]:
        for path in sorted(self._found):
            yield from self._found[path]

    def _read(self, path: Path) -> bool:
        try:
            groups = read_targets(path)
        except (OSError, ValueError) as error:
            self.failures += 1
            logger.warning("job %s: %s cannot be read as targets: %s", self._job, path, error)
            return False
        found = [{**each, _FILE: str(path)} for each in _groups(groups)]
        changed = self._found.get(path) != found
        self._found[path] = found
        return changed


def read_targets(path: Path) -> Sequence[StaticConfig]:
    """Return the groups of targets that a file lists, in JSON or YAML.

    Raises:
        OSError: it cannot be read.
        ValueError: it lists no targets; says where.
    """
    text = path.read_bytes()
    if path.suffix == ".json":
        return msgspec.json.decode(text, type=list[StaticConfig])
    import yaml

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return msgspec.convert(content or [], list[StaticConfig])


def _groups(configs: Iterable[StaticConfig]) -> Iterator[Names]:
    for config in configs:
        for address in config.targets:
            yield {ADDRESS: address, **config.labels}


def _signature(path: Path) -> _Signature | None:
    try:
        known = path.stat()
    except OSError:
        return None
    return _Signature(known.st_mtime_ns, known.st_size, known.st_ino)
