"""The embedded series store: a journal and chunks in SQLite, pcodec, NumPy."""

from watchroom.storage.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
