"""Time and repetition: clocks, loops with statistics, backoff."""
