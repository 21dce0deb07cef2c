"""What was refused of a batch, told in few sentences."""

from collections import Counter


class Refusals:
    """Counts refusals by their reason, so that a thousand bad points make one sentence."""

    _REASONS = 20

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._count)

    def add(self, reason: str, points: int = 1) -> None:
        """Note that `points` things were refused for a reason."""
        if reason not in self._count and len(self._count) >= self._REASONS:
            reason = "further reasons"
        self._count[reason] += points

    def sentences(self) -> list[str]:
        """Return one sentence per reason, the commonest first."""
        return [f"{reason} ({count} refused)" for reason, count in self._count.most_common()]

    def total(self) -> int:
        """Return how many things were refused."""
        return self._count.total()
