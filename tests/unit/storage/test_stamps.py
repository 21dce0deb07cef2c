import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchroom.storage.embedded.stamps import groups

SERIES = st.lists(
    st.lists(st.integers(-3, 6), min_size=1, max_size=4, unique=True).map(sorted),
    min_size=1,
    max_size=12,
)


@given(SERIES)
def test_series_of_the_same_times_have_the_same_first(series: list[list[int]]) -> None:
    times = np.concatenate([np.array(each, np.int64) for each in series])
    starts = np.concatenate([[0], np.cumsum([len(each) for each in series])])
    found = groups(times, starts).tolist()
    assert [series[first] for first in found] == series
    assert found == [series.index(each) for each in series]
