"""Flask keeps the matched rule on its request while it handles it.

Werkzeug leaves the request in the environ; Flask takes it out again when an exception leaves the
application. What its signal tells of the exception is kept in the environ for that case, and for
the class name of an exception that Flask turns into a 500 by itself.
"""

import sys
from typing import Any

from watchroom.sdk.middleware.contract import ERROR

_REQUEST = "werkzeug.request"
_RULE = "watchroom.flask_rule"


def keep_errors() -> None:
    """Listen to Flask's exceptions, where Flask is in use."""
    flask = sys.modules.get("flask")
    if flask is not None:
        flask.got_request_exception.connect(_keep)


def template(environ: dict[str, Any]) -> str:
    """Return the rule that took the request; empty where none did."""
    rule = getattr(environ.get(_REQUEST), "url_rule", None)
    if rule is not None:
        return str(rule.rule)
    kept: str = environ.get(_RULE, "")
    return kept


def _keep(_sender: Any, exception: BaseException, **_: Any) -> None:
    from flask import request

    request.environ[ERROR] = type(exception).__name__
    request.environ[_RULE] = template(request.environ)
