"""A copy taken while the server runs is whole."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.integration.conftest import Server, encoded


def test_a_backup_of_a_running_server_is_restored(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    running = start()
    for number in range(3):
        running.post(encoded(number))
    copy = tmp_path / "restored" / "series.db"
    copy.parent.mkdir()
    with sqlite3.connect(running.data / "series.db") as database:
        database.execute("VACUUM INTO ?", (str(copy),))
    database.close()
    running.post(encoded(3))
    restored = start(data=copy.parent)
    events = restored.get("/events").json()["events"]
    assert [event["payload"]["number"] for event in events] == [2, 1, 0]
    assert restored.get("/health").json()["status"] == "healthy"
