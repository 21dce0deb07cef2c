"""Numbers as Go writes them, many at a time.

Prometheus writes a value with `strconv.AppendFloat(f, 'f', -1, 64)`, and with 'e' below 1e-6 and
from 1e21: the shortest digits that read back as the same float, an exponent of two digits or more.
The exposition writes the same digits; what it spells otherwise (tiny, huge) is spelt here.
"""

import math

import numpy as np

from watchroom.api import exposition
from watchroom.storage.contract import Floats

_EVEN_BELOW = 1e15
_EVEN_ABOVE = 1e-4


def number(value: float) -> str:
    """Return one value as Prometheus writes it: 1, 0.25, 1e-07, NaN, +Inf."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    text = repr(float(value)).removesuffix(".0")
    mantissa, e, exponent = text.partition("e")
    if not e or not 1e-6 <= abs(value) < 1e21:
        return text
    return _positional(mantissa, int(exponent))


def numbers(values: Floats) -> list[bytes]:
    """Return the same of many values, vectorised where they are spelt alike."""
    found = exposition.numbers(values)
    size = np.abs(values)
    even = (size < _EVEN_BELOW) & ((size >= _EVEN_ABOVE) | (size == 0))
    for position in np.flatnonzero(~even).tolist():
        found[position] = number(float(values[position])).encode()
    return found


def seconds(milliseconds: int) -> str:
    """Return a time as Prometheus writes it: seconds, with up to three decimals as a whole."""
    sign = "-" if milliseconds < 0 else ""
    whole, rest = divmod(abs(milliseconds), 1000)
    return f"{sign}{whole}.{rest:03d}" if rest else f"{sign}{whole}"


def _positional(mantissa: str, exponent: int) -> str:
    """Return digits without their exponent: 1.5e+16 is 15000000000000000, 2e-05 is 0.00002."""
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{whole}{fraction}"
    return f"{sign}{whole}{fraction.ljust(exponent, '0')}"
