"""A few hundred queries at each run of the tests, half of them new ones."""

import secrets
from pathlib import Path

import pytest
from tests.integration.query.differential.accepted import EXPLANATIONS
from tests.integration.query.differential.runner import run

QUERIES = 400


@pytest.mark.parametrize("seed", [7, secrets.randbelow(1_000_000)], ids=["fixed", "fresh"])
def test_prometheus_and_watchroom_answer_the_same(seed: int) -> None:
    print(
        f"seed {seed}; the same again: python -m tests.integration.query.differential "
        f"--seed {seed} --queries {QUERIES}"
    )
    found = run(seed, QUERIES)
    unexplained = [one for one in found if not one.reason]
    assert unexplained == [], "\n\n".join(map(str, unexplained))


def test_each_accepted_difference_is_explained() -> None:
    page = Path(__file__).parents[4].joinpath("docs/promql.md").read_text()
    assert [title for title in EXPLANATIONS if f"**{title}.**" not in page] == []
