"""Labels and numbers as Prometheus writes them."""

import json
import re

import numpy as np

from watchroom.model.buckets import OPEN, OPEN_LEFT, OPEN_RIGHT, buckets
from watchroom.model.histogram import Histogram
from watchroom.model.labels import Labels

_PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def shown_labels(labels: Labels) -> str:
    """Return labels as in `{__name__="up", job="api"}`."""
    return "{" + ", ".join(f"{_label(name)}={quoted(value)}" for name, value in labels) + "}"


def shown_number(value: float) -> str:
    """Return a number without an exponent, in the fewest digits that tell it apart."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")


def _label(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else quoted(name)


def quoted(value: str) -> str:
    """Return a text in quotes; bytes that are no UTF-8 are escaped."""
    raw = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "backslashreplace")


def is_label_name(name: str) -> bool:
    """Say whether a text may be a label's name: anything in UTF-8, but not nothing."""
    return bool(name) and not any("\ud800" <= each <= "\udfff" for each in name)


def shown_histogram(histogram: Histogram) -> str:
    """Return a histogram as `{count:3, sum:2.5, (1,2]:3}`."""
    found = [f"count:{_short(histogram.count)}", f"sum:{_short(histogram.sum)}"]
    for rule, low, high, count in buckets(histogram):
        left = "(" if rule in {OPEN, OPEN_LEFT} else "["
        right = ")" if rule in {OPEN, OPEN_RIGHT} else "]"
        found.append(f"{left}{_short(low)},{_short(high)}{right}:{_short(count)}")
    return f"{{{', '.join(found)}}}"


def _short(value: float) -> str:
    """Return a number in the fewest digits, with an exponent where it is large or small."""
    if value and np.isfinite(value) and not 1e-4 <= abs(value) < 1e6:
        return np.format_float_scientific(value, trim="-", exp_digits=2)
    return shown_number(value)
