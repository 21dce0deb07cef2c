"""The cases in the folder `cases`, each a question with the rows of its answer."""

from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from tests.unit.query.promql.script import (
    Case,
    ask,
    cases,
    found,
    histograms,
    milliseconds,
    numbers,
    same,
    series,
    stamps,
)

from watchroom.query.errors import QueryError
from watchroom.query.promql.engine import PromQL
from watchroom.storage.contract import Write

CASES = [
    each for path in sorted(Path(__file__).with_name("cases").glob("*.txt")) for each in cases(path)
]


WORDS = {"warn", "info", "nothing", "error"}


def load(store: Any, case: Case) -> None:
    for step, rows in case.loads:
        for row in rows:
            labels, words = series(row)
            times, values = stamps(words, milliseconds(step))
            native = [(labels, *each) for each in histograms(words, milliseconds(step))]
            store.append(Write("", [labels] * len(times), times, values, native))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answers_are_as_written(case: Case, store: Any) -> None:
    load(store, case)
    rows = [row for row in case.rows if row.split()[0] not in WORDS]
    errors = [row.removeprefix("error").strip() for row in case.rows if row.startswith("error")]
    if errors:
        with pytest.raises(QueryError) as error:
            ask(PromQL(store), case.question)
        assert errors[0] in error.value.message
        return
    answer, steps, ordered = ask(PromQL(store), case.question)
    if answer.kind == "string":
        assert [answer.text] == rows
        return
    got = found(answer, steps)
    wanted = [(labels, list(numbers(words))) for labels, words in map(series, rows)]
    if not ordered:
        got.sort(key=itemgetter(0))
        wanted.sort(key=itemgetter(0))
    assert [labels for labels, _ in got] == [labels for labels, _ in wanted]
    assert all(same(one, other) for (_, one), (_, other) in zip(got, wanted, strict=True)), got
    notes = {"warn": answer.warnings, "info": answer.infos}
    for row in case.rows:
        word, _, text = row.partition(" ")
        assert word not in notes or any(text in note for note in notes[word]), notes
