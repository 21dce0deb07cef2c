"""Series as matrices, wherever their values lie in memory."""

import numpy as np
import pytest

from watchroom.query.promql.selection import Bundle, blocks, bundled
from watchroom.storage.contract import Floats, FloatSeries

FLAT = np.arange(100.0)
LAID = {
    "in rows of one array": [FLAT[place : place + 7] for place in range(3, 90, 10)],
    "next to each other": [FLAT[place : place + 7] for place in range(0, 91, 7)],
    "unevenly": [FLAT[place : place + 7] for place in (3, 20, 29, 50)],
    "backwards": [FLAT[place : place + 7] for place in (50, 40, 30)],
    "twice the same": [FLAT[3:10], FLAT[3:10]],
    "with gaps": [FLAT[place : place + 70 : 10] for place in (0, 1, 2)],
    "in arrays of their own": [np.arange(7.0) + place for place in range(4)],
    "as one": [FLAT[5:12]],
}


@pytest.mark.parametrize("values", LAID.values(), ids=LAID.keys())
def test_a_matrix_has_the_values_of_its_rows(values: list[Floats]) -> None:
    bundle = Bundle(list(range(len(values))), np.arange(7), values)
    found = [(rows, matrix) for rows, matrix in blocks(bundle)]
    assert [row for rows, _ in found for row in rows] == bundle.rows
    np.testing.assert_array_equal(np.concatenate([matrix for _, matrix in found]), values)


def test_series_with_the_same_times_make_one_bundle() -> None:
    shared, other = np.arange(3), np.arange(3)
    times = [shared, other, shared]
    series = [FloatSeries((("i", str(i)),), each, np.ones(3) * i) for i, each in enumerate(times)]
    assert [bundle.rows for bundle in bundled(series)] == [[0, 2], [1]]
