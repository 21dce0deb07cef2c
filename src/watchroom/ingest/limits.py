"""How much one batch may bring."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Bounds of what a door in takes; sizes in bytes."""

    unpacked_bytes: int = 16 << 20
    packed_bytes: int = 16 << 20
    points: int = 50_000
    series: int = 100_000
    samples: int = 500_000
    symbols: int = 300_000
    buckets: int = 400_000
    """Of all native histograms in one request."""
    histogram_bytes: int = 64 << 10
    """Of one native histogram on the wire."""
    labels: int = 64
    label_value_bytes: int = 1024
    name_bytes: int = 256
    events: int = 1_000
    event_bytes: int = 16 << 10
    future_ms: int = 10 * 60 * 1000
    """How far ahead of the server's clock a batch's time is believed."""
