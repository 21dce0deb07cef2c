"""A table of label sets over a store that holds nothing."""

from pathlib import Path

import pytest

from watchroom.ingest.guard import Guard
from watchroom.ingest.limits import Limits
from watchroom.ingest.remote.known import Known
from watchroom.runtime.clock import ManualClock
from watchroom.storage.embedded import EmbeddedStore


@pytest.fixture(scope="session")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    folder: Path = tmp_path_factory.mktemp("store")
    return Guard(EmbeddedStore(folder, sync=False), ManualClock())


@pytest.fixture
def known(guard: Guard) -> Known:
    return Known(guard, Limits())
