"""Names of channels: fixed words and `{fields}`."""

import re
from collections.abc import Mapping

_FIELD = re.compile(r"\{(\w+)\}")


class Pattern:
    """A pattern such as `metrics/current/{service}`.

    A field holds no slash, but for one at the end, which takes the rest of the name.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = _FIELD.split(text)
        last = len(parts) - 2 if not parts[-1] else -1
        expression = ""
        for position, part in enumerate(parts):
            if position % 2 == 0:
                expression += re.escape(part)
            else:
                expression += f"(?P<{part}>{'.+' if position == last else '[^/]+'})"
        self._expression = re.compile(expression, re.DOTALL)

    def match(self, channel: str) -> Mapping[str, str] | None:
        """Return the fields of a channel's name, or None where it does not fit."""
        found = self._expression.fullmatch(channel)
        return None if found is None else found.groupdict()
