"""Labels and numbers as Prometheus writes them."""

import json
import re

import numpy as np

from watchroom.model.labels import NAME, Labels

_PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLAIN_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def shown_labels(labels: Labels) -> str:
    """Return labels as in `name{label="value"}`."""
    name = next((value for label, value in labels if label == NAME), "")
    pairs = [f"{_label(label)}={_quoted(value)}" for label, value in labels if label != NAME]
    if name and not _PLAIN_NAME.fullmatch(name):
        pairs, name = [_quoted(name), *pairs], ""
    return name if name and not pairs else f"{name}{{{', '.join(pairs)}}}"


def shown_number(value: float) -> str:
    """Return a number without an exponent, in the fewest digits that tell it apart."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")


def _label(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _quoted(name)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
