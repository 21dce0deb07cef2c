"""From a tree back to text, as Prometheus writes queries: on one line, or over several."""

import json
import re
from typing import Any

from watchroom.model.labels import NAME
from watchroom.query.promql.language.tree import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    Window,
)

_WIDEST = 100
"""Characters of a line; an expression that is longer is split where it is made of others."""
_INDENT = "  "
_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def written(node: Expression) -> str:
    """Return an expression on one line."""
    return str(_WRITERS[type(node)](node))


def written_neatly(node: Expression, level: int = 0) -> str:
    """Return an expression over as many lines as it takes to keep them short."""
    line = _INDENT * level + written(node)
    if len(line) - 2 * level <= _WIDEST:
        return line
    if isinstance(node, Binary):
        sides = [written_neatly(each, level + 1) for each in (node.left, node.right)]
        return f"{sides[0]}\n{_INDENT * level}{_operator(node)}\n{sides[1]}"
    if isinstance(node, Unary):
        return _INDENT * level + node.operator + written_neatly(node.expression, level).lstrip()
    if isinstance(node, Subquery):
        return written_neatly(node.expression, level) + _span(node)
    if isinstance(node, Aggregation):
        return _split(_aggregate(node), _parts(node), level)
    if isinstance(node, Call):
        return _split(node.function, list(node.arguments), level)
    return _split("", [node.expression], level) if isinstance(node, Paren) else line


def _split(head: str, parts: list[Expression], level: int) -> str:
    inner = ",\n".join(written_neatly(part, level + 1) for part in parts)
    return f"{_INDENT * level}{head}(\n{inner}\n{_INDENT * level})"


def _aggregation(node: Aggregation) -> str:
    return f"{_aggregate(node)}({', '.join(map(written, _parts(node)))})"


def _aggregate(node: Aggregation) -> str:
    if node.without or node.grouping:
        word = "without" if node.without else "by"
        return f"{node.operator} {word} {_labels(node.grouping)} "
    return node.operator


def _parts(node: Aggregation) -> list[Expression]:
    return [each for each in (node.parameter, node.expression) if each is not None]


def _binary(node: Binary) -> str:
    return f"{written(node.left)} {_operator(node)} {written(node.right)}"


def _operator(node: Binary) -> str:
    words = [node.operator]
    words += ["bool"] if node.returns_bool else []
    matching = node.matching
    if matching and (matching.labels or matching.on):
        words.append(f"{'on' if matching.on else 'ignoring'} {_labels(matching.labels)}")
    if matching and matching.card in {"many-to-one", "one-to-many"}:
        side = "left" if matching.card == "many-to-one" else "right"
        words.append(f"group_{side} {_labels(matching.include)}")
    return " ".join(words)


def _call(node: Call) -> str:
    return f"{node.function}({', '.join(map(written, node.arguments))})"


def _paren(node: Paren) -> str:
    return f"({written(node.expression)})"


def _unary(node: Unary) -> str:
    return node.operator + written(node.expression)


def _number(node: Number) -> str:
    text = repr(node.value).removesuffix(".0")
    if "e" in text and 1e-4 <= abs(node.value) < 1e21:
        text = f"{node.value:.0f}"
    return {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}.get(text, text)


def _text(node: Text) -> str:
    return _quoted(node.value)


def _selector(node: Selector) -> str:
    return _series(node) + _when(node)


def _window(node: Window) -> str:
    return f"{_series(node.selector)}[{_duration(node.range)}]{_when(node.selector)}"


def _subquery(node: Subquery) -> str:
    return written(node.expression) + _span(node)


def _span(node: Subquery) -> str:
    step = _duration(node.step) if node.step else ""
    return f"[{_duration(node.range)}:{step}]{_when(node)}"


def _series(node: Selector) -> str:
    plain = _NAME.fullmatch(node.name) is not None
    pairs = [
        f"{_label(each.name)}{each.op}{_quoted(each.value)}"
        for each in node.matchers
        if not (node.name and each.name == NAME and each.op == "=" and each.value == node.name)
    ]
    if node.name and not plain:
        pairs = [_quoted(node.name), *pairs]
    name = node.name if plain else ""
    return f"{name}{{{','.join(pairs)}}}" if pairs or not name else name


def _when(node: Selector | Subquery) -> str:
    at = ""
    if node.at is not None:
        at = f" @ {node.at}()" if isinstance(node.at, str) else f" @ {node.at / 1000:.3f}"
    if not node.offset:
        return at
    sign = "-" if node.offset < 0 else ""
    return f"{at} offset {sign}{_duration(abs(node.offset))}"


def _duration(milliseconds: int) -> str:
    text, rest = "", milliseconds
    for unit, length in _UNITS:
        if rest >= length and (unit not in {"w", "d"} or rest % length == 0):
            text += f"{rest // length}{unit}"
            rest %= length
    return text + (f"{rest}ms" if rest or not text else "")


def _labels(names: tuple[str, ...]) -> str:
    return f"({', '.join(map(_label, names))})"


def _label(name: str) -> str:
    return name if _LABEL.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_WRITERS: dict[type, Any] = {
    Aggregation: _aggregation,
    Binary: _binary,
    Call: _call,
    Number: _number,
    Paren: _paren,
    Selector: _selector,
    Subquery: _subquery,
    Text: _text,
    Unary: _unary,
    Window: _window,
}
