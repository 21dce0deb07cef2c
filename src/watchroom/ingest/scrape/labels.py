"""What becomes of the labels that a target's body spells out."""

from collections.abc import Callable, Mapping, Sequence

from watchroom.ingest.naming import Refused
from watchroom.ingest.scrape.config import ScrapeConfig
from watchroom.ingest.scrape.relabel import Names, Rule, relabel
from watchroom.ingest.text import DROPPED
from watchroom.model.labels import NAME, Labels

_EXPORTED = "exported_"


def finisher(
    job: ScrapeConfig, target: Labels, rules: Sequence[Rule]
) -> Callable[[Labels], Labels]:
    """Return what adds a target's labels to those of a line, relabels, and checks the limits.

    It returns DROPPED for series that relabelling does not want, and raises Refused where a limit
    of the job is passed.
    """
    own = dict(target)
    join = _theirs_first if job.honor_labels else _ours_first
    limits = _Limits(job)

    def finish(labels: Labels) -> Labels:
        joined = join(dict(labels), own)
        after = relabel(joined, rules) if rules else joined
        if after is None:
            return DROPPED
        if not after.get(NAME):
            raise Refused(f"relabelling took the name of {dict(labels).get(NAME, '')[:80]}")
        limits.check(after)
        return tuple(sorted(after.items()))

    return finish


def _theirs_first(labels: Names, own: Mapping[str, str]) -> Names:
    return {**own, **labels}


def _ours_first(labels: Names, own: Mapping[str, str]) -> Names:
    joined = dict(own)
    for name, value in labels.items():
        kept = name
        while kept in own or (kept != name and kept in labels):
            kept = f"{_EXPORTED}{kept}"
        joined[kept] = value
    return joined


class _Limits:
    """The limits of a job on labels; 0 is none."""

    def __init__(self, job: ScrapeConfig) -> None:
        self._count = job.label_limit
        self._name = job.label_name_length_limit
        self._value = job.label_value_length_limit

    def check(self, labels: Mapping[str, str]) -> None:
        """Raise Refused where a limit is passed."""
        name = labels[NAME][:80]
        if self._count and len(labels) > self._count:
            raise Refused(f"{name}: {len(labels)} labels, label_limit allows {self._count}")
        if self._name and any(len(each) > self._name for each in labels):
            raise Refused(f"{name}: a label name is longer than label_name_length_limit allows")
        if self._value and any(len(each) > self._value for each in labels.values()):
            raise Refused(f"{name}: a label value is longer than label_value_length_limit allows")
