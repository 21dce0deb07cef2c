"""Channels: one content and one encoding per tick, for sockets and for those who poll."""
