"""The escapes in PromQL's strings, which are Go's."""

import re

_ESCAPE = re.compile(
    rb"\\(?:([abfnrtv\\'\"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\\"
)
_SIMPLE = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
    b"\\": b"\\",
    b"'": b"'",
    b'"': b'"',
}


def unquote(quoted: str) -> str:
    r"""Return what a quoted string means; bytes that are no UTF-8 become surrogates.

    Raises:
        ValueError: an escape that does not exist, like `\d`.
    """
    body = quoted[1:-1]
    if quoted[0] == "`" or "\\" not in body:
        return body
    plain = _ESCAPE.sub(_meaning, body.encode("utf-8", "surrogateescape"))
    return plain.decode("utf-8", "surrogateescape")


def _meaning(found: re.Match[bytes]) -> bytes:
    simple, octal, byte, *longer = found.groups()
    if simple:
        return _SIMPLE[simple]
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if byte:
        return bytes([int(byte, 16)])
    for each in longer:
        if each:
            return chr(int(each, 16)).encode("utf-8", "surrogatepass")
    raise ValueError("invalid syntax")
