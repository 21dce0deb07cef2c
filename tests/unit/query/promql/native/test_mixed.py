"""Series of histograms and floats."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchroom.query.promql.native.mixed import newer, older, pairs, together
from watchroom.query.promql.native.windows import cut, flagged

kinds = st.lists(st.sampled_from("hf"), min_size=1, max_size=12).map("".join)


def split(kinds: str) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    at = [10 * place for place in range(len(kinds))]
    both = [[time for time, kind in zip(at, kinds, strict=True) if kind == one] for one in "hf"]
    return np.array(both[0], np.int64), np.array(both[1], np.int64)


@given(kinds, st.sampled_from([10, 20, 35]))
def test_the_kinds_of_the_last_and_the_first_samples(kinds: str, span: int) -> None:
    times, floats = split(kinds)
    ends = np.arange(0, 10 * len(kinds) + 30, 10)
    windows, others = cut(times, ends, span), cut(floats, ends, span)
    found = pairs(windows, times, others, floats)
    last = newer(windows, times, others, floats)
    first = older(windows, times, others, floats)
    for step, end in enumerate(ends.tolist()):
        inside = [kind for place, kind in enumerate(kinds) if end - span < 10 * place <= end]
        two = "".join(inside[-2:])
        assert found.histograms[step] == (two == "hh")
        assert found.floats[step] == (two == "ff")
        assert found.mixed[step] == (two in {"hf", "fh"})
        assert last[step] == (inside[-1:] == ["h"])
        assert first[step] == (inside[:1] == ["h"])


def test_a_change_of_kind_is_a_change() -> None:
    times, floats = split("hhffh")
    flags, others = np.array([False, True, False]), np.array([False, True])
    every, found = together(times, flags, floats, others)
    assert every.tolist() == [0, 10, 20, 30, 40]
    assert found.tolist() == [False, True, True, True, True]
    windows = cut(every, np.array([40]), 25)
    assert flagged(found, windows).tolist() == [2.0]
