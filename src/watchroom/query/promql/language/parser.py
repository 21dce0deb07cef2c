"""Words to a tree, by the grammar of Prometheus 3."""

import math
from dataclasses import replace
from typing import Literal

from watchroom.model.labels import NAME
from watchroom.query.errors import QueryError
from watchroom.query.promql.language.durations import Durations, to_milliseconds
from watchroom.query.promql.language.lexer import Lexer, Token, wrong
from watchroom.query.promql.language.strings import unquote
from watchroom.query.promql.language.tree import (
    Aggregation,
    At,
    Binary,
    Call,
    Card,
    Expression,
    Matching,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)
from watchroom.storage.contract import Matcher

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">=", "</", ">/"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_SIGNED = 5
"""A sign before an expression binds like `*`: `-a^b` is `-(a^b)`."""
MOST_DEEP = 100
"""How deep expressions may be nested; a deeper one would exhaust the stack."""
MOST_CHAINED = 200
"""How many operators of one precedence may follow each other; each is one level of the tree."""

_NAME_WORDS = frozenset(
    (
        *("by", "without", "offset", "and", "or", "unless", "start", "end", "step", "range"),
        *("anchored", "smoothed", "max_of", "min_of"),
    )
)


class Parser:
    """Reads one query. `step` and `span` (of the range, both in ms) are what step() and range()
    in a duration mean.
    """

    def __init__(self, text: str, step: int = 0, span: int = 0) -> None:
        self._text = text
        self._words = Lexer(text).tokens()
        self._token = next(self._words)
        self._last_end = 0
        self._depth = 0
        self._context = (step, span)

    def parse(self) -> Expression:
        """Return the tree.

        Raises:
            QueryError: bad_data; says where the text stops making sense.
        """
        if self._token.kind == "eof":
            raise self._wrong(0, "no expression found in input")
        found = self._expression(1)
        if self._token.kind != "eof":
            raise self._unexpected()
        return found

    # Words.

    def _wrong(self, start: int, message: str, hint: str = "") -> QueryError:
        return wrong(self._text, start, message, hint)

    def _unexpected(self, context: str = "", expected: str = "") -> QueryError:
        message = f"unexpected {self._token.described()}"
        message += f" in {context}" if context else ""
        message += f", expected {expected}" if expected else ""
        return self._wrong(self._token.start, message)

    def _take(self) -> Token:
        taken = self._token
        self._last_end = taken.end
        self._token = next(self._words, taken)
        return taken

    def _accept(self, *kinds: str) -> Token | None:
        return self._take() if self._token.kind in kinds else None

    def _expect(self, kind: str, context: str, expected: str = "") -> Token:
        if self._token.kind != kind:
            raise self._unexpected(context, expected or f'"{kind}"')
        return self._take()

    # Expressions, from the loosest operator to the tightest.

    def _expression(self, least: int) -> Expression:
        self._depth += 1
        if self._depth > MOST_DEEP:
            raise self._wrong(self._token.start, f"nested deeper than {MOST_DEEP} expressions")
        left, chained = self._unary(), 0
        while (binds := PRECEDENCE.get(self._token.kind, 0)) >= least:
            chained += 1
            if chained > MOST_CHAINED:
                raise self._wrong(self._token.start, f"more than {MOST_CHAINED} operators in a row")
            operator = self._take().kind
            returns_bool, matching = self._modifiers()
            right = self._expression(binds if operator == "^" else binds + 1)
            left = Binary(
                operator, left, right, returns_bool, matching, start=left.start, end=right.end
            )
        self._depth -= 1
        return left

    def _unary(self) -> Expression:
        sign = self._accept("+", "-")
        if sign is None:
            return self._postfix(self._primary())
        inner = self._expression(_SIGNED + 1)
        if isinstance(inner, Number):
            value = -inner.value if sign.kind == "-" else inner.value
            return replace(inner, value=value, start=sign.start)
        return Unary(sign.kind, inner, start=sign.start, end=inner.end)

    def _modifiers(self) -> tuple[bool, Matching]:
        returns_bool = self._accept("bool") is not None
        matcher = self._accept("on", "ignoring")
        if matcher is None:
            return returns_bool, Matching()
        labels = self._grouping()
        card: Card = "one-to-one"
        include: tuple[str, ...] = ()
        if group := self._accept("group_left", "group_right"):
            card = "many-to-one" if group.kind == "group_left" else "one-to-many"
            include = self._grouping() if self._token.kind == "(" else ()
        return returns_bool, Matching(card, matcher.kind == "on", labels, include)

    def _grouping(self) -> tuple[str, ...]:
        self._expect("(", "grouping opts")
        found: list[str] = []
        while self._token.kind != ")":
            token = self._take()
            if token.kind == "string":
                found.append(self._unquoted(token))
            elif token.text[:1].isalpha() or token.text[:1] == "_":
                found.append(token.text)
            else:
                self._token = token
                raise self._unexpected("grouping opts", "label")
            if not found[-1] or not _valid_name(found[-1]):
                raise self._wrong(
                    token.start, f"invalid label name for grouping: {_go_quoted(found[-1])}"
                )
            if self._token.kind != ")":
                self._expect(",", "grouping opts", '"," or ")"')
        self._take()
        return tuple(found)

    def _postfix(self, inner: Expression) -> Expression:
        while True:
            if self._token.kind == "[":
                inner = self._brackets(inner)
            elif self._accept("offset"):
                inner = self._offset(inner)
            elif self._accept("@"):
                inner = self._at(inner)
            elif self._token.kind in ("anchored", "smoothed"):
                raise self._wrong(
                    inner.start, f"{self._token.kind} modifier is experimental and not enabled"
                )
            else:
                return inner

    def _brackets(self, inner: Expression) -> Expression:
        opening = self._take()
        span = self._duration("subquery or range selector")
        if self._accept(":"):
            step = 0 if self._token.kind == "]" else self._duration("subquery selector")
            self._expect("]", "subquery selector")
            return Subquery(inner, span, step, start=inner.start, end=self._last_end)
        self._expect("]", "subquery or range", '":" or "]"')
        if not isinstance(inner, Selector):
            raise self._wrong(opening.start, "ranges only allowed for vector selectors")
        if inner.offset:
            raise self._wrong(opening.start, "no offset modifiers allowed before range")
        if inner.at is not None:
            raise self._wrong(opening.start, "no @ modifiers allowed before range")
        return Window(inner, span, start=inner.start, end=self._last_end)

    def _duration(self, context: str) -> int:
        start = self._token.start
        seconds = self._durations(context).expression()
        if not seconds > 0:
            raise self._wrong(start, "duration must be greater than 0")
        return to_milliseconds(self._text, start, seconds)

    def _durations(self, context: str) -> Durations:
        return Durations(self._text, self._peek, self._take, context, *self._context)

    def _peek(self) -> Token:
        return self._token

    def _offset(self, inner: Expression) -> Expression:
        start = self._token.start
        offset = to_milliseconds(self._text, start, self._durations("offset").offset())
        selecting = self._selecting(inner, "offset")
        if selecting.offset:
            raise self._wrong(inner.start, "offset may not be set multiple times")
        return self._modified(inner, replace(selecting, offset=offset))

    def _at(self, inner: Expression) -> Expression:
        at = self._moment(inner)
        selecting = self._selecting(inner, "@")
        if selecting.at is not None:
            raise self._wrong(inner.start, "@ <timestamp> may not be set multiple times")
        return self._modified(inner, replace(selecting, at=at))

    def _moment(self, inner: Expression) -> At:
        end = self._accept("start", "end")
        if end is not None:
            self._expect("(", "@", "timestamp")
            self._expect(")", "@", "timestamp")
            return "start" if end.kind == "start" else "end"
        sign = self._accept("+", "-")
        token = self._accept("number", "duration")
        if token is None:
            raise self._unexpected("@", "timestamp")
        seconds = self._number(token).value
        if not math.isfinite(seconds) or seconds >= 2.0**63:
            raise self._wrong(inner.start, f"timestamp out of bounds for @ modifier: {seconds:f}")
        milliseconds = math.floor(seconds * 1000 + 0.5)
        return -milliseconds if sign and sign.kind == "-" else milliseconds

    def _selecting(self, inner: Expression, named: str) -> Selector | Subquery:
        selecting = inner.selector if isinstance(inner, Window) else inner
        if isinstance(selecting, Selector | Subquery):
            return selecting
        raise self._wrong(
            inner.start,
            f"{named} modifier must be preceded by an instant vector selector or range vector "
            "selector or a subquery",
        )

    def _modified(self, inner: Expression, selecting: Selector | Subquery) -> Expression:
        """Return the expression around a selector or subquery that was changed."""
        if isinstance(inner, Window) and isinstance(selecting, Selector):
            return replace(inner, selector=selecting, end=self._last_end)
        return replace(selecting, end=self._last_end)

    # What has no operator.

    def _primary(self) -> Expression:
        token = self._token
        if token.kind in ("number", "duration"):
            return self._number(self._take())
        if token.kind == "string":
            self._take()
            return Text(self._unquoted(token), start=token.start, end=token.end)
        if token.kind == "(":
            return self._paren()
        if token.kind == "{":
            return self._selector(None)
        if token.kind in ("identifier", "metric identifier", "aggregator", *_NAME_WORDS):
            return self._named(self._take())
        raise self._unexpected()

    def _number(self, token: Token) -> Number:
        value = Durations.value_of(self._text, token)
        return Number(value, start=token.start, end=token.end)

    def _unquoted(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except ValueError as error:
            raise self._wrong(
                token.start, f"error unquoting string {_go_quoted(token.text)}: {error}"
            ) from error

    def _paren(self) -> Expression:
        opening = self._take()
        inner = self._expression(1)
        closing = self._expect(")", "", "")
        return Paren(inner, start=opening.start, end=closing.end)

    def _named(self, name: Token) -> Expression:
        if name.kind == "aggregator" and self._token.kind in ("(", "by", "without"):
            return self._aggregation(name)
        if self._token.kind == "(" and name.kind != "metric identifier":
            arguments = self._arguments()
            return Call(name.text, arguments, start=name.start, end=self._last_end)
        return self._selector(name)

    def _arguments(self) -> tuple[Expression, ...]:
        self._expect("(", "")
        found: list[Expression] = []
        while self._token.kind != ")":
            found.append(self._expression(1))
            if self._token.kind == ")":
                break
            comma = self._expect(",", "")
            if self._token.kind == ")":
                raise self._wrong(comma.start, "trailing commas not allowed in function call args")
        self._take()
        return tuple(found)

    def _aggregation(self, name: Token) -> Expression:
        grouping = self._accept("by", "without")
        labels = self._grouping() if grouping else ()
        arguments = self._arguments()
        end = self._last_end
        if grouping is None and (grouping := self._accept("by", "without")):
            labels = self._grouping()
            end = self._last_end
        operator = name.text.lower()
        wanted = 2 if operator in _PARAMETRIC else 1
        if not arguments:
            raise self._wrong(name.start, "no arguments for aggregate expression provided")
        if operator in ("limitk", "limit_ratio"):
            raise self._wrong(
                name.start,
                f"{operator}() is experimental and must be enabled with "
                "--enable-feature=promql-experimental-functions",
            )
        if len(arguments) != wanted:
            raise self._wrong(
                name.start,
                "wrong number of arguments for aggregate expression provided, "
                f"expected {wanted}, got {len(arguments)}",
            )
        without = grouping is not None and grouping.kind == "without"
        parameter = arguments[0] if wanted == 2 else None
        return Aggregation(
            operator, arguments[-1], parameter, labels, without, start=name.start, end=end
        )

    def _selector(self, name: Token | None) -> Expression:
        start = name.start if name else self._token.start
        matchers = self._matchers() if self._token.kind == "{" else []
        if name is None:
            return Selector("", tuple(matchers), start=start, end=self._last_end)
        for each in matchers:
            if each.name == NAME:
                raise self._wrong(
                    start,
                    f'metric name must not be set twice: "{name.text}" or "{each.value}"',
                )
        named = Matcher(NAME, "=", name.text)
        return Selector(name.text, (*matchers, named), start=start, end=self._last_end)

    def _matchers(self) -> list[Matcher]:
        self._take()
        found: list[Matcher] = []
        while self._token.kind != "}":
            found.append(self._matcher())
            if self._token.kind != "}":
                self._expect(",", "label matching", '"," or "}"')
        self._take()
        return found

    def _matcher(self) -> Matcher:
        token = self._accept("identifier", "string")
        if token is None:
            raise self._unexpected("label matching", 'identifier or "}"')
        name = self._unquoted(token) if token.kind == "string" else token.text
        if token.kind == "string" and self._token.kind in (",", "}"):
            return Matcher(NAME, "=", name)
        operator = self._accept("=", "!=", "=~", "!~")
        if operator is None:
            raise self._unexpected("label matching", "label matching operator")
        value = self._unquoted(self._expect("string", "label matching", "string"))
        op: Literal["=", "!=", "=~", "!~"] = operator.kind  # type: ignore[assignment]
        return Matcher(name, op, value)


_PARAMETRIC = frozenset(("topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"))


def _valid_name(name: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in name)


def _go_quoted(text: str) -> str:
    raw = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    escaped = raw if raw != text else text.replace("\\", "\\\\")
    return '"' + escaped.replace('"', '\\"').replace("\n", "\\n") + '"'
