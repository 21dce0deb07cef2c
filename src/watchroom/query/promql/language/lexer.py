"""The words of a query."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from watchroom.query.errors import QueryError
from watchroom.query.promql.language.tree import position

AGGREGATORS = frozenset(
    (
        *("sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk"),
        *("count_values", "quantile", "limitk", "limit_ratio"),
    )
)
OPERATOR_WORDS = frozenset(("and", "or", "unless", "atan2"))
KEYWORDS = frozenset(
    (
        *("offset", "smoothed", "anchored", "by", "without", "on", "ignoring", "group_left"),
        *("group_right", "bool", "start", "end", "step", "range", "max_of", "min_of"),
    )
)

_SPACE = re.compile(r"(?:[ \t\n\r]|#[^\r\n]*)+")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?"
)
_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+(?![A-Za-z0-9_])")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`')
_SIGN = re.compile(r"==|!=|<=|</|<|>=|>/|>|=|[-+*/%^(){}\[\],@:]")
_SIGN_IN_BRACES = re.compile(r"=~|!~|!=|=|[},{]")


class Token(NamedTuple):
    """A word: its kind, its text, and where it begins.

    Kinds: a sign or a keyword is its own kind, the others are number, duration, string,
    identifier, metric identifier, aggregator, eof.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next character stands."""
        return self.start + len(self.text)

    def described(self) -> str:
        """Return how a message names it."""
        if self.kind == "eof":
            return "end of input"
        if self.kind in ("number", "duration", "string", "identifier", "metric identifier"):
            return f"{self.kind} {_quoted(self.text, self.kind)}"
        if self.kind == "aggregator":
            return f"<aggr:{self.text}>"
        if self.kind in KEYWORDS:
            return f"<{self.text}>"
        if self.kind in OPERATOR_WORDS or self.kind not in set("(){}[],:="):
            return f"<op:{self.text}>"
        return _quoted(self.text, self.kind)


def _quoted(text: str, kind: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if kind in ("identifier", "metric identifier") or len(text) <= 10:
        return f'"{escaped}"'
    return f'"{text[:10]}"...'


def wrong(text: str, start: int, message: str, hint: str = "") -> QueryError:
    """Return the error of a query that cannot be read."""
    return QueryError("bad_data", f"{position(text, start)}: parse error: {message}", hint)


class Lexer:
    """Cuts a text into words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._braces = False
        self._brackets = False
        self._open: list[str] = []

    def tokens(self) -> Iterator[Token]:
        """Yield the words, the last of them the end."""
        while True:
            if space := _SPACE.match(self._text, self._at):
                self._at = space.end()
            if self._at >= len(self._text):
                self._ended()
                yield Token("eof", "", self._at)
                return
            token = self._in_braces() if self._braces else self._plain()
            self._at = token.end
            yield token

    def _ended(self) -> None:
        if self._braces:
            raise self._wrong("unexpected end of input inside braces")
        if self._open:
            named = "parenthesis" if self._open[-1] == "(" else "bracket"
            raise self._wrong(f"unclosed left {named}")

    def _wrong(self, message: str) -> QueryError:
        return wrong(self._text, self._at, message)

    def _in_braces(self) -> Token:
        if label := _LABEL.match(self._text, self._at):
            return Token("identifier", label.group(), self._at)
        if self._text[self._at] in "\"'`":
            return self._string()
        sign = _SIGN_IN_BRACES.match(self._text, self._at)
        if sign is None:
            raise self._wrong(f"unexpected character inside braces: '{self._text[self._at]}'")
        if sign.group() == "{":
            raise self._wrong("unexpected left brace '{'")
        if sign.group() == "}":
            self._braces = False
        return Token(sign.group(), sign.group(), self._at)

    def _plain(self) -> Token:
        first = self._text[self._at]
        if first.isdecimal() or (first == "." and self._text[self._at + 1 :][:1].isdecimal()):
            return self._number()
        if first in "\"'`":
            return self._string()
        word = (_LABEL if self._brackets else _WORD).match(self._text, self._at)
        return self._word(word.group()) if word else self._sign()

    def _number(self) -> Token:
        if duration := _DURATION.match(self._text, self._at):
            return Token("duration", duration.group(), self._at)
        number = _NUMBER.match(self._text, self._at)
        end = number.end() if number else self._at + 1
        rest = _LABEL.match(self._text, end)
        if number is None or rest or self._text[end : end + 1] == ".":
            bad = self._text[self._at : end + 1]
            raise self._wrong(f'bad number or duration syntax: "{bad}"')
        return Token("number", number.group(), self._at)

    def _string(self) -> Token:
        string = _STRING.match(self._text, self._at)
        if string is None:
            named = "raw" if self._text[self._at] == "`" else "quoted"
            raise self._wrong(f"unterminated {named} string")
        return Token("string", string.group(), self._at)

    def _word(self, word: str) -> Token:
        lower = word.lower()
        if lower in ("inf", "nan"):
            return Token("number", word, self._at)
        if lower in AGGREGATORS:
            return Token("aggregator", word, self._at)
        if lower in KEYWORDS or lower in OPERATOR_WORDS:
            return Token(lower, word, self._at)
        if self._brackets:
            raise self._wrong(f"unexpected character in duration expression: '{word[0]}'")
        return Token("metric identifier" if ":" in word else "identifier", word, self._at)

    def _sign(self) -> Token:
        sign = _SIGN.match(self._text, self._at)
        if sign is None:
            found = self._text[self._at]
            if found == "!":
                following = self._text[self._at + 1 : self._at + 2]
                raise self._wrong(f"unexpected character after '!': '{following}'")
            raise self._wrong(f"unexpected character: '{found}'")
        text = sign.group()
        if text == ":" and not self._brackets:
            raise self._wrong("unexpected character: ':'")
        self._nest(text)
        return Token(text, text, self._at)

    def _nest(self, sign: str) -> None:
        if sign == "{":
            self._braces = True
        elif sign in ("(", "["):
            if sign == "[" and self._brackets:
                raise self._wrong("unexpected left bracket '['")
            self._brackets = self._brackets or sign == "["
            self._open.append(sign)
        elif sign in (")", "]"):
            wanted = "(" if sign == ")" else "["
            if not self._open or self._open[-1] != wanted:
                named = "parenthesis" if sign == ")" else "bracket"
                raise self._wrong(f"unexpected right {named} '{sign}'")
            self._open.pop()
            self._brackets = self._brackets and sign != "]"
