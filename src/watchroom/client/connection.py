"""Requests to the Prometheus API of a server, and its answers as typed rows."""

import http.client
from collections.abc import Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

_Content = TypeVar("_Content")
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class QueryFailed(Exception):
    """The server refused a question; `kind` is Prometheus' errorType, such as bad_data."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Unreachable(Exception):
    """No server answered at the address, or what answered was none."""


class Row(msgspec.Struct):
    """One series of an answer, as it comes: times in seconds, values as text."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []
    histogram: tuple[float, dict[str, Any]] | None = None
    histograms: list[tuple[float, dict[str, Any]]] = []


class Data(msgspec.Struct):
    """What a query gives; `result` waits to be read until its type is known."""

    kind: Literal["scalar", "vector", "matrix", "string"] = msgspec.field(name="resultType")
    result: msgspec.Raw


class _Error(msgspec.Struct):
    error: str
    kind: str = msgspec.field(name="errorType", default="internal")


class _Answer(msgspec.Struct):
    data: msgspec.Raw
    warnings: list[str] = []
    infos: list[str] = []


class Connection:
    """Asks one server; each question has a connection of its own, so threads may share it."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"the server's address is {url!r}; it looks like http://host:8003")
        secure = parts.scheme == "https"
        self._make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path.rstrip("/")
        self._timeout = timeout
        self.url = url

    def ask(
        self, path: str, parameters: Sequence[tuple[str, str]], form: type[_Content]
    ) -> tuple[_Content, list[str]]:
        """Return the data of an answer, and the notes that came with it.

        Raises:
            QueryFailed: the server says what is wrong with the question.
            Unreachable: nobody answers, or it is no such server.
        """
        method = "GET" if path.endswith("/values") else "POST"  # which alone takes no form
        status, body = self._request(method, path, urlencode(parameters))
        try:
            if status != http.client.OK:
                refused = msgspec.json.decode(body, type=_Error)
                raise QueryFailed(refused.kind, refused.error)
            answer = msgspec.json.decode(body, type=_Answer)
            return msgspec.json.decode(answer.data, type=form), answer.warnings + answer.infos
        except msgspec.DecodeError as error:
            said = body[:200].decode("utf-8", "replace")
            raise Unreachable(
                f"{self.url} does not speak Prometheus' API: it answered {status} {said!r}"
            ) from error

    def _request(self, method: str, path: str, query: str) -> tuple[int, bytes]:
        connection = self._make(self._host, self._port, timeout=self._timeout)
        target = f"{self._path}/api/v1/{path}"
        try:
            if method == "GET":
                connection.request("GET", f"{target}?{query}", headers=_FORM)
            else:
                connection.request("POST", target, query, _FORM)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"no answer from {self.url}: {error}") from error
        finally:
            connection.close()
