"""Watchroom: the watch room for machine-learning systems."""

from watchroom._version import __version__

__all__ = ["__version__"]
