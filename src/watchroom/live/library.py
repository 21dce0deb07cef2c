"""Socket.IO's server, while the libraries of its clients wait to be needed.

engine.io imports its clients with its server, and they whatever HTTP libraries are installed: a
quarter of a second at every start, and memory that nobody uses. Here the clients get them when they
ask for them.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_LATE = {"aiohttp": "engineio.async_client", "requests": "engineio.client"}
"""Libraries, and the modules that use them."""


class _Late:
    """A module that is loaded when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


_waiting = [name for name in _LATE if name not in sys.modules and find_spec(name)]
for _name in _waiting:
    sys.modules[_name] = None  # type: ignore[assignment]  # an import fails, and they are prepared
try:
    import engineio.payload
    import socketio
    from engineio import packet
finally:
    for _name in _waiting:
        del sys.modules[_name]
for _name in _waiting:
    setattr(sys.modules[_LATE[_name]], _name, _Late(_name))

__all__ = ["engineio", "packet", "socketio"]
