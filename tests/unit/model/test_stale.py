import math
import struct

import numpy as np

from watchroom.model.stale import STALE, is_stale, marks_stale


def test_the_marker_is_one_nan_among_many() -> None:
    assert math.isnan(STALE)
    assert struct.pack(">d", STALE).hex() == "7ff0000000000002"
    assert is_stale(np.array([STALE, math.nan, 1.0])).tolist() == [True, False, False]
    assert [marks_stale(each) for each in (STALE, math.nan, 1.0)] == [True, False, False]
