"""Which series there are: ids, labels, and postings from label to series."""

from collections.abc import Callable, Iterable, Sequence

from watchroom.model.labels import Labels
from watchroom.storage.contract import Matcher
from watchroom.storage.embedded.matchers import regex


class Index:
    """Series by id and by label. Not locked: its owner sees to that."""

    def __init__(self) -> None:
        self.ids: dict[Labels, int] = {}
        self.labels: dict[int, Labels] = {}
        self._objects: dict[int, int] = {}
        self._postings: dict[str, dict[str, set[int]]] = {}

    def add(self, number: int, labels: Labels) -> None:
        """Take in one series."""
        self.ids[labels] = number
        self.labels[number] = labels
        self._objects[id(labels)] = number
        for name, value in labels:
            self._postings.setdefault(name, {}).setdefault(value, set()).add(number)

    def remove(self, number: int) -> None:
        """Forget one series."""
        labels = self.labels.pop(number)
        del self.ids[labels]
        del self._objects[id(labels)]
        for name, value in labels:
            values = self._postings[name]
            values[value].discard(number)
            if not values[value]:
                del values[value]
            if not values:
                del self._postings[name]

    def numbers(self, series: Sequence[Labels]) -> list[int | None]:
        """Return the ids of series, None of those unknown.

        Labels that are the same object as last time are found without being hashed.
        """
        found = list(map(self._objects.get, map(id, series)))
        if None not in found:
            return found
        return [
            self._number(labels) if number is None else number
            for labels, number in zip(series, found, strict=True)
        ]

    def _number(self, labels: Labels) -> int | None:
        number = self.ids.get(labels)
        if number is not None:  # these labels stay alive, so that their address is theirs alone
            del self._objects[id(self.labels[number])]
            self.labels[number] = labels
            self._objects[id(labels)] = number
        return number

    def match(self, matchers: Iterable[Matcher]) -> list[int]:
        """Return the ids of the series all matchers accept. Raises ValueError on a bad regex."""
        found: set[int] | None = None
        for matcher in matchers:
            accepted = self._accepted(matcher)
            found = accepted if found is None else found & accepted
            if not found:
                return []
        return sorted(self.labels if found is None else found)

    def values(self, name: str, among: Iterable[int] | None = None) -> list[str]:
        """Return the values of a label, sorted; only those of some series, if given."""
        postings = self._postings.get(name, {})
        if among is None:
            return sorted(postings)
        wanted = set(among)
        return sorted(
            value for value, numbers in postings.items() if not wanted.isdisjoint(numbers)
        )

    def names(self, among: Iterable[int] | None = None) -> list[str]:
        """Return the names of all labels, sorted; only those of some series, if given."""
        if among is None:
            return sorted(self._postings)
        return sorted({name for number in among for name, _ in self.labels[number]})

    def _accepted(self, matcher: Matcher) -> set[int]:
        postings = self._postings.get(matcher.name, {})
        accepts = _condition(matcher)
        numbers: set[int] = set()
        if accepts(""):
            numbers |= set(self.labels).difference(*postings.values())
        if matcher.op == "=":
            return numbers | postings.get(matcher.value, set())
        return numbers.union(*(ids for value, ids in postings.items() if accepts(value)))


def _condition(matcher: Matcher) -> Callable[[str], bool]:
    wanted = matcher.value
    if matcher.op == "=":
        return lambda value: value == wanted
    if matcher.op == "!=":
        return lambda value: value != wanted
    accepts = regex(wanted)
    return accepts if matcher.op == "=~" else lambda value: not accepts(value)
