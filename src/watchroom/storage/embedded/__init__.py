"""The embedded series store: a journal and blocks in SQLite, pcodec, NumPy."""

from watchroom.storage.embedded.store import EmbeddedStore, StoreLocked

__all__ = ["EmbeddedStore", "StoreLocked"]
