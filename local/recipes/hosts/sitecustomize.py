"""Answers every look-up of a name with loopback, in the process of a client: Python imports this at its start.

So a recipe runs as it is on the page, with the real names of Microsoft's hosts, and reaches no other machine.
"""

import os
import socket
from typing import Any

_LOOPBACK = {"localhost", "127.0.0.1", "::1", None, ""}
_look_up = socket.getaddrinfo


def _on_loopback(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _LOOPBACK:
        return _look_up(host, port, *arguments, **named)
    return _look_up("127.0.0.1", int(os.environ["MICROSOFT_PORT"]), *arguments, **named)


socket.getaddrinfo = _on_loopback

try:
    import certifi
except ImportError:
    pass
else:
    # Some clients give requests no chance to see REQUESTS_CA_BUNDLE.
    certifi.where = lambda: os.environ["SSL_CERT_FILE"]
