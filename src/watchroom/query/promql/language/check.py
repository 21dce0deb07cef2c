"""What a tree must be to be a query: the right kinds in the right places."""

from collections.abc import Callable
from dataclasses import replace

import re2

from watchroom.query.errors import QueryError
from watchroom.query.promql.language.lexer import wrong
from watchroom.query.promql.language.signatures import (
    AGGREGATIONS,
    EXPERIMENTAL,
    FUNCTIONS,
    Signature,
)
from watchroom.query.promql.language.tree import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Kind,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)
from watchroom.storage.contract import Matcher

COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
SETS = frozenset(("and", "or", "unless"))
_CALLED = {
    "scalar": "scalar",
    "vector": "instant vector",
    "matrix": "range vector",
    "string": "string",
}


def kind_of(node: Expression) -> Kind:
    """Return what an expression gives."""
    if isinstance(node, Paren | Unary):
        return kind_of(node.expression)
    if isinstance(node, Binary):
        both = kind_of(node.left), kind_of(node.right)
        return "scalar" if both == ("scalar", "scalar") else "vector"
    if isinstance(node, Call):
        return FUNCTIONS[node.function].gives
    if isinstance(node, Number):
        return "scalar"
    if isinstance(node, Text):
        return "string"
    return "matrix" if isinstance(node, Window | Subquery) else "vector"


class Checker:
    """Checks one tree; `text` is what it was read from."""

    def __init__(self, text: str) -> None:
        self._text = text

    def checked(self, node: Expression) -> Expression:
        """Return the tree, where matching is left to operators of vectors.

        Raises:
            QueryError: bad_data; says what stands where something else should.
        """
        checks: dict[type, Callable[..., Expression]] = {
            Aggregation: self._aggregation,
            Binary: self._binary,
            Call: self._call,
            Paren: self._paren,
            Selector: self._selector,
            Subquery: self._subquery,
            Unary: self._unary,
            Window: self._window,
        }
        check = checks.get(type(node))
        return check(node) if check else node

    def _wrong(self, start: int, message: str, hint: str = "") -> QueryError:
        return wrong(self._text, start, message, hint)

    def _of_kind(self, node: Expression, wanted: Kind, where: str) -> Expression:
        checked = self.checked(node)
        if (kind := kind_of(checked)) != wanted:
            raise self._wrong(
                node.start, f"expected type {_CALLED[wanted]} in {where}, got {_CALLED[kind]}"
            )
        return checked

    def _aggregation(self, node: Aggregation) -> Expression:
        inner = self._of_kind(node.expression, "vector", "aggregation expression")
        parameter, wanted = node.parameter, AGGREGATIONS[node.operator]
        if parameter is not None and wanted is not None:
            parameter = self._of_kind(parameter, wanted, "aggregation parameter")
        return replace(node, expression=inner, parameter=parameter)

    def _paren(self, node: Paren) -> Expression:
        return replace(node, expression=self.checked(node.expression))

    def _window(self, node: Window) -> Expression:
        self._selector(node.selector)
        return node

    def _unary(self, node: Unary) -> Expression:
        inner = self.checked(node.expression)
        if (kind := kind_of(inner)) not in ("scalar", "vector"):
            raise self._wrong(
                node.start,
                "unary expression only allowed on expressions of type scalar or instant vector, "
                f'got "{_CALLED[kind]}"',
            )
        return replace(node, expression=inner)

    def _subquery(self, node: Subquery) -> Expression:
        inner = self.checked(node.expression)
        if (kind := kind_of(inner)) != "vector":
            raise self._wrong(
                node.start, f"subquery is only allowed on instant vector, got {kind} instead"
            )
        return replace(node, expression=inner)

    def _selector(self, node: Selector) -> Expression:
        for each in node.matchers:
            self._regex(node, each)
        if not any(_needs_value(each) for each in node.matchers):
            raise self._wrong(
                node.start,
                "vector selector must contain at least one non-empty matcher",
                'name a metric, or match on a label that is there: {job=~".+"}',
            )
        return node

    def _regex(self, node: Selector, matcher: Matcher) -> None:
        if matcher.op not in ("=~", "!~"):
            return
        try:
            compiled(matcher.value)
        except (re2.error, UnicodeEncodeError) as error:
            reason = error.args[0] if isinstance(error, re2.error) else "no UTF-8"
            reason = reason.decode() if isinstance(reason, bytes) else reason
            raise self._wrong(
                node.start, f"error parsing regexp: {reason}: `{matcher.value}`"
            ) from error

    # Calls.

    def _call(self, node: Call) -> Expression:
        signature = FUNCTIONS.get(node.function)
        if signature is None:
            raise self._unknown(node)
        self._counted(node, signature)
        arguments = []
        for number, argument in enumerate(node.arguments):
            wanted = signature.arguments[min(number, len(signature.arguments) - 1)]
            where = f'call to function "{node.function}"'
            arguments.append(self._of_kind(argument, wanted, where))
        return replace(node, arguments=tuple(arguments))

    def _unknown(self, node: Call) -> QueryError:
        if node.function in EXPERIMENTAL:
            return self._wrong(node.start, f'function "{node.function}" is not enabled')
        return self._wrong(node.start, f'unknown function with name "{node.function}"')

    def _counted(self, node: Call, signature: Signature) -> None:
        most, given = len(signature.arguments), len(node.arguments)
        least = most - (1 if signature.more else 0)
        if not signature.more and given != most:
            amount = f"{most}"
        elif given < least:
            amount = f"at least {least}"
        elif signature.more > 0 and given > least + signature.more:
            amount = f"at most {least + signature.more}"
        else:
            return
        raise self._wrong(
            node.start,
            f'expected {amount} argument(s) in call to "{node.function}", got {given}',
        )

    # Operators.

    def _binary(self, node: Binary) -> Expression:
        left, right = self.checked(node.left), self.checked(node.right)
        kinds = kind_of(left), kind_of(right)
        for side, kind in zip((left, right), kinds, strict=True):
            if kind not in ("scalar", "vector"):
                raise self._wrong(
                    side.start,
                    "binary expression must contain only scalar and instant vector types",
                )
        self._comparison(node, scalars=kinds == ("scalar", "scalar"))
        self._matching(node, vectors=kinds == ("vector", "vector"))
        matching = node.matching if kinds == ("vector", "vector") else None
        if matching is not None and node.operator in SETS:
            matching = replace(matching, card="many-to-many")
        return replace(node, left=left, right=right, matching=matching)

    def _comparison(self, node: Binary, *, scalars: bool) -> None:
        if node.returns_bool and node.operator not in COMPARISONS:
            raise self._wrong(
                self._operator(node), "bool modifier can only be used on comparison operators"
            )
        if scalars and node.operator in COMPARISONS and not node.returns_bool:
            raise self._wrong(
                self._operator(node), "comparisons between scalars must use BOOL modifier"
            )

    def _matching(self, node: Binary, *, vectors: bool) -> None:
        matching = node.matching
        if matching is None:
            return
        twice = sorted(set(matching.labels) & set(matching.include)) if matching.on else []
        if twice:
            raise self._wrong(
                self._operator(node),
                f'label "{twice[0]}" must not occur in ON and GROUP clause at once',
            )
        if not vectors and node.operator in SETS:
            raise self._wrong(
                node.start,
                f'set operator "{node.operator}" not allowed in binary scalar expression',
            )
        if not vectors and matching.labels:
            raise self._wrong(node.start, "vector matching only allowed between instant vectors")
        if node.operator in SETS and matching.card != "one-to-one":
            raise self._wrong(node.start, f'no grouping allowed for "{node.operator}" operation')

    def _operator(self, node: Binary) -> int:
        rest = self._text[node.left.end :]
        return node.left.end + len(rest) - len(rest.lstrip())


def compiled(pattern: str) -> "re2._Regexp[str]":
    """Return an anchored regex in linear time, whose `.` matches line ends, too.

    Raises:
        re2.error: it is none.
    """
    options = re2.Options()
    options.dot_nl = True
    options.never_capture = True  # the memory of groups within groups is quadratic
    options.log_errors = False
    return re2.compile(f"^(?:{pattern})$", options)


def _needs_value(matcher: Matcher) -> bool:
    if matcher.op == "=":
        return matcher.value != ""
    if matcher.op == "!=":
        return matcher.value == ""
    empty = compiled(matcher.value).search("") is not None
    return empty if matcher.op == "!~" else not empty
