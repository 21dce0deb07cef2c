"""The Prometheus text format."""

import math

import pytest

from watchroom.server.exposition import Exposed, expose


def test_format() -> None:
    text = expose(
        [
            Exposed("a_total", "counter", "As.", [({}, 3.0)]),
            Exposed("b", "gauge", "Bs.", [({"x": "1", "y": "2"}, 0.25), ({"x": "2"}, -1.0)]),
            Exposed("empty", "gauge", "None yet.", []),
        ]
    )
    assert text == (
        "# HELP a_total As.\n# TYPE a_total counter\na_total 3\n"
        '# HELP b Bs.\n# TYPE b gauge\nb{x="1",y="2"} 0.25\nb{x="2"} -1\n'
        "# HELP empty None yet.\n# TYPE empty gauge\n"
    )


def test_escapes() -> None:
    text = expose([Exposed("a", "gauge", 'back\\slash "kept"\nline', [({"x": 'a\\b"c\nd'}, 1.0)])])
    assert '# HELP a back\\\\slash "kept"\\nline\n' in text
    assert 'a{x="a\\\\b\\"c\\nd"} 1\n' in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (1e300, "1e+300"),
        (0.1, "0.1"),
        (1_700_000_000.0, "1700000000"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert expose([Exposed("a", "gauge", "", [({}, value)])]).endswith(f"\na {text}\n")
