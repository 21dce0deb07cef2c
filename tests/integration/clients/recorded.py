"""What the clients of OpenTelemetry record, and how it looks once it is stored."""

import pytest
from tests.integration.clients.stored import Stored, buckets, of

ROUNDS = [[0.3, 1.5, 7.0], [0.3, 12.0]]
"""What is recorded before each of two exports."""
SECONDS = [value for each in ROUNDS for value in each]


def check(found: Stored, *, deltas: bool) -> None:
    """Hold what is stored against what was recorded."""
    _sums(found)
    _histograms(found)
    if deltas:
        assert found.values("orders_total") == [0.0, 6.0, 10.0]


def _sums(found: Stored) -> None:
    own = {"job": "shop/cart", "instance": "one"}
    assert found.last("orders_total", kind="book", **own) == 2.0 * len(SECONDS)
    assert found.last("open_orders", **own) == 4.0
    assert found.last("level_ratio", **own) == 1.25
    assert found.last("io_bytes_total", disk="a", **own) == 250.0
    assert found.last("queue", disk="a", **own) == 2.0
    assert found.last("heat_celsius", disk="a", **own) == 21.5
    assert found.last("target_info", host_name="h1", **own) == 1.0


def _histograms(found: Stored) -> None:
    assert found.last("wait_seconds_count", route="/a") == len(SECONDS)
    assert found.last("wait_seconds_sum", route="/a") == pytest.approx(sum(SECONDS))
    for bound in ("1", "5", "10", "+Inf"):
        expected = sum(value <= float(bound) for value in SECONDS)
        assert found.last("wait_seconds_bucket", le=bound) == expected
    size = found.histogram("size_bytes")
    assert size.counts[-1] == len(SECONDS)
    assert size.sums[-1] == pytest.approx(sum(SECONDS))
    assert buckets(size) == of(SECONDS, int(size.scales[-1])).positive
