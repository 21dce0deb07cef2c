"""A watched Flask application.

Start a server with `watchroom up`, then: `gunicorn --workers 2 --chdir examples flask_app:app`
"""

from collections.abc import Iterator

from flask import Flask, Response

import watchroom

watchroom.init("flask-example")
app = Flask(__name__)
app.wsgi_app = watchroom.WSGIMiddleware(app.wsgi_app)  # type: ignore[method-assign]


@app.get("/items/<int:number>")
def item(number: int) -> dict[str, int]:
    """The endpoint's label is the rule, whatever the number."""
    return {"number": number}


@app.get("/export")
def export() -> Response:
    """A response in pieces is timed to its first byte and to its last."""

    def lines() -> Iterator[str]:
        for number in range(3):
            yield f"{number}\n"

    return Response(lines(), mimetype="text/plain")
