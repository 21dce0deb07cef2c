"""The bounded memory of label sets."""

from watchroom.ingest.families import Families
from watchroom.ingest.limits import Limits
from watchroom.model.kind import Kind


def test_memory_is_bounded_and_relearns() -> None:
    families = Families(Limits(), size=5_000)
    for number in range(1000):
        family = families.of("shop", "host:1", "orders_total", Kind.COUNTER, ("kind",))
        assert dict(family.learn((str(number),)))["kind"] == str(number)
        assert len(families) <= 12


def test_one_family_per_process_and_metric() -> None:
    families = Families(Limits())
    one = families.of("shop", "host:1", "orders_total", Kind.COUNTER, ("kind",))
    assert families.of("shop", "host:1", "orders_total", Kind.COUNTER, ("kind",)) is one
    assert families.of("shop", "host:2", "orders_total", Kind.COUNTER, ("kind",)) is not one
