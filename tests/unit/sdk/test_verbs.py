import watchroom


def test_an_instrument_with_a_refused_name_takes_everything_and_raises_nothing() -> None:
    watchroom.counter("no spaces").inc()
    watchroom.counter("no spaces").add(2.0)
    watchroom.gauge("no spaces").set(1.0)
    watchroom.histogram("no spaces").record(1.0)
