"""The client: one server, asked in PromQL."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, overload

from watchroom.client.answers import Frame, Result, framed, installed, result
from watchroom.client.connection import Connection, Data
from watchroom.client.moments import Length, Moment, moment, present, seconds
from watchroom.config.settings import values

Chosen: TypeAlias = Frame | Literal["auto"] | None


class Client:
    """Asks a server, Watchroom or any other that speaks Prometheus' API.

    Args:
        url: its address; the setting `url` if not given.
        timeout: seconds to wait for an answer.

    Answers are frames: of pandas where it is installed, else of polars, else a `Result` of plain
    Python. The parameter `frame` chooses: "pandas", "polars", or None for the `Result`.
    """

    def __init__(self, url: str | None = None, *, timeout: float = 130.0) -> None:
        self._connection = Connection(url or str(values()["url"]), timeout)

    @overload
    def query(self, expr: str, time: Moment | None = None, *, frame: None) -> Result: ...

    @overload
    def query(
        self, expr: str, time: Moment | None = None, *, frame: Frame | Literal["auto"] = ...
    ) -> Any: ...

    def query(self, expr: str, time: Moment | None = None, *, frame: Chosen = "auto") -> Any:
        """Return the value of an expression at a time, now by default.

        Raises:
            QueryFailed: the server refuses it; Unreachable: nobody answers.
        """
        parameters = [("query", expr)]
        if time is not None:
            parameters.append(("time", moment(time, present())))
        return self._answer("query", parameters, frame)

    @overload
    def query_range(
        self,
        expr: str,
        start: Moment,
        end: Moment | None = None,
        step: Length = ...,
        *,
        frame: None,
    ) -> Result: ...

    @overload
    def query_range(
        self,
        expr: str,
        start: Moment,
        end: Moment | None = None,
        step: Length = ...,
        *,
        frame: Frame | Literal["auto"] = ...,
    ) -> Any: ...

    def query_range(
        self,
        expr: str,
        start: Moment,
        end: Moment | None = None,
        step: Length = "1m",
        *,
        frame: Chosen = "auto",
    ) -> Any:
        """Return the values of an expression from `start` to `end`, now by default, every `step`.

        A time is a datetime, seconds since the epoch, RFC 3339, or how long ago: "-6h".

        Raises:
            QueryFailed: the server refuses it; Unreachable: nobody answers.
        """
        now = present()
        parameters = [
            ("query", expr),
            ("start", moment(start, now)),
            ("end", moment(now if end is None else end, now)),
            ("step", repr(seconds(step))),
        ]
        return self._answer("query_range", parameters, frame)

    def series(
        self, match: str | Sequence[str], start: Moment | None = None, end: Moment | None = None
    ) -> list[dict[str, str]]:
        """Return the labels of the series that one of the selectors matches."""
        given = _selected(match, start, end)
        return self._connection.ask("series", given, list[dict[str, str]])[0]

    def labels(
        self,
        match: str | Sequence[str] = (),
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> list[str]:
        """Return the names of labels, of the matching series or of all."""
        return self._connection.ask("labels", _selected(match, start, end), list[str])[0]

    def label_values(
        self,
        name: str,
        match: str | Sequence[str] = (),
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> list[str]:
        """Return the values of one label, among the matching series or all."""
        path = f"label/{_escaped(name)}/values"
        return self._connection.ask(path, _selected(match, start, end), list[str])[0]

    def _answer(self, path: str, parameters: list[tuple[str, str]], frame: Chosen) -> Any:
        data, notes = self._connection.ask(path, parameters, Data)
        library = installed() if frame == "auto" else frame
        answer = result(data, notes)
        return answer if library is None else framed(answer, library)


def _selected(
    match: str | Sequence[str], start: Moment | None, end: Moment | None
) -> list[tuple[str, str]]:
    selectors = [match] if isinstance(match, str) else match
    ends = [("start", start), ("end", end)]
    return [("match[]", each) for each in selectors] + [
        (name, moment(time, present())) for name, time in ends if time is not None
    ]


def _escaped(name: str) -> str:
    """Return a label's name as a path can hold it: http.status is U__http_2e_status."""
    if name.isascii() and name.isidentifier():
        return name
    letters = (
        "__"
        if letter == "_"
        else letter
        if letter.isascii() and letter.isalnum()
        else f"_{ord(letter):x}_"
        for letter in name
    )
    return "U__" + "".join(letters)
