"""The WSGI middleware against applications written by hand, call by call."""

import sys
from io import BytesIO
from typing import Any
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

from watchroom.sdk.middleware.wsgi import WSGIMiddleware


def environ(path: str = "/", method: str = "GET", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        **more,
    }
    setup_testing_defaults(made)
    return made


class Server:
    """Runs an application as a WSGI server does; keeps what it is given."""

    def __init__(self) -> None:
        self.starts: list[Any] = []
        self.written: list[bytes] = []

    def start_response(self, *given: Any) -> Any:
        self.starts.append(given)
        return self.written.append

    def run(self, app: Any, given: dict[str, Any]) -> bytes:
        body = app(given, self.start_response)
        try:
            return b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()


class Body:
    """A body that counts how often it is closed."""

    def __init__(self, pieces: Any) -> None:
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        self.closed += 1


def ok(start_response: Any) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain")])


def test_a_list_is_handed_through_as_it_is(notebook, clock, wrapped):
    given = [b"a", b"b"]

    def app(environ, start_response):
        clock.advance(0.1)
        ok(start_response)
        return given

    server = Server()
    assert WSGIMiddleware(app, **wrapped)(environ(), server.start_response) is given
    assert notebook.requests == [("unmatched", "GET", 200, 0.1, "")]
    assert notebook.first_bytes == []


def test_a_generator_is_timed_to_its_first_and_its_last_byte(notebook, clock, wrapped):
    def app(environ, start_response):
        ok(start_response)
        yield b""
        clock.advance(1)
        yield b"a"
        clock.advance(1)
        yield b"b"
        clock.advance(1)

    assert Server().run(WSGIMiddleware(app, **wrapped), environ()) == b"ab"
    assert notebook.first_bytes == [("unmatched", "GET", 1.0)]
    assert notebook.requests == [("unmatched", "GET", 200, 3.0, "")]


def test_the_body_is_closed_once_and_closing_is_not_latency(notebook, clock, wrapped):
    body = Body([b"a"])

    def app(environ, start_response):
        ok(start_response)
        return body

    middleware = WSGIMiddleware(app, **wrapped)
    returned = middleware(environ(), Server().start_response)
    assert b"".join(returned) == b"a"
    clock.advance(9)
    returned.close()  # type: ignore[attr-defined]
    returned.close()  # type: ignore[attr-defined]
    assert body.closed == 1
    assert notebook.requests == [("unmatched", "GET", 200, 0.0, "")]


def test_a_client_that_leaves_is_counted_once_and_is_no_error(notebook, wrapped):
    left = []

    def app(environ, start_response):
        ok(start_response)
        try:
            yield b"a"
            yield b"b"
        except GeneratorExit:
            left.append(True)
            raise

    body = WSGIMiddleware(app, **wrapped)(environ(), Server().start_response)
    assert next(iter(body)) == b"a"
    body.close()  # type: ignore[attr-defined]
    assert left == [True]
    assert notebook.requests == [("unmatched", "GET", 200, 0.0, "")]
    assert notebook.first_bytes == []


def test_an_exception_before_the_body_counts_as_500_and_goes_on(notebook, wrapped):
    def app(environ, start_response):
        raise LookupError

    with pytest.raises(LookupError):
        Server().run(WSGIMiddleware(app, **wrapped), environ())
    assert notebook.requests == [("unmatched", "GET", 500, 0.0, "LookupError")]


@pytest.mark.parametrize(("pieces", "status"), [([], 500), ([b"a"], 200)])
def test_an_exception_in_the_body_keeps_the_status_that_went_out(notebook, wrapped, pieces, status):
    def app(environ, start_response):
        ok(start_response)
        yield from pieces
        raise LookupError

    with pytest.raises(LookupError):
        Server().run(WSGIMiddleware(app, **wrapped), environ())
    assert notebook.requests == [("unmatched", "GET", status, 0.0, "LookupError")]


def test_exc_info_names_the_error_and_reaches_the_server(notebook, wrapped):
    def app(environ, start_response):
        try:
            {}["missing"]
        except LookupError:
            start_response("500 Oh", [("Content-Type", "text/plain")], sys.exc_info())
        return [b"sorry"]

    server = Server()
    assert server.run(WSGIMiddleware(app, **wrapped), environ()) == b"sorry"
    assert server.starts[0][2][0] is KeyError
    assert notebook.requests == [("unmatched", "GET", 500, 0.0, "KeyError")]


def test_write_reaches_the_server_and_is_timed(notebook, clock, wrapped):
    def app(environ, start_response):
        write = ok(start_response)
        clock.advance(1)
        write(b"a")
        clock.advance(1)
        write(b"b")
        return []

    server = Server()
    server.run(WSGIMiddleware(app, **wrapped), environ())
    assert server.written == [b"a", b"b"]
    assert notebook.first_bytes == [("unmatched", "GET", 1.0)]
    assert notebook.requests == [("unmatched", "GET", 200, 2.0, "")]


def test_the_servers_own_file_wrapper_stays_its_own(notebook, clock, wrapped):
    file = BytesIO(b"content")

    def app(environ, start_response):
        ok(start_response)
        return environ["wsgi.file_wrapper"](file)

    given = environ(**{"wsgi.file_wrapper": FileWrapper})
    body = WSGIMiddleware(app, **wrapped)(given, Server().start_response)
    assert isinstance(body, FileWrapper)
    assert b"".join(body) == b"content"
    clock.advance(2)
    body.close()
    assert file.closed
    assert notebook.requests == [("unmatched", "GET", 200, 2.0, "")]


def test_a_file_wrapper_that_takes_no_attribute_counts_at_once(notebook, wrapped):
    class Sealed:
        __slots__ = ("file",)

        def __init__(self, file: BytesIO) -> None:
            self.file = file

    def app(environ, start_response):
        ok(start_response)
        return environ["wsgi.file_wrapper"](BytesIO(b"content"))

    given = environ(**{"wsgi.file_wrapper": Sealed})
    assert type(WSGIMiddleware(app, **wrapped)(given, Server().start_response)) is Sealed
    assert len(notebook.requests) == 1


def test_excluded_paths_go_straight_to_the_application(notebook, wrapped):
    def app(environ, start_response):
        ok(start_response)
        return [b""]

    Server().run(WSGIMiddleware(app, **wrapped), environ("/healthz"))
    assert notebook.requests == []


def test_methods_fold_and_a_route_of_ones_own_is_taken(notebook, wrapped):
    def app(environ, start_response):
        ok(start_response)
        return [b""]

    middleware = WSGIMiddleware(app, route=lambda environ: environ["PATH_INFO"], **wrapped)
    Server().run(middleware, environ("/jobs", "BREW"))
    assert notebook.requests == [("/jobs", "_OTHER", 200, 0.0, "")]


def test_the_standards_validator_finds_nothing_wrong(notebook, wrapped):
    def app(environ, start_response):
        ok(start_response)
        yield b"a"
        yield b"b"

    checked = validator(WSGIMiddleware(validator(app), **wrapped))
    assert Server().run(checked, environ()) == b"ab"
    assert len(notebook.requests) == 1
