"""A token endpoint on loopback that speaks TLS."""

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any, Final

from tests.bench.certificate import HOST, Certificate

TOKEN_PATH: Final = "/common/oauth2/v2.0/token"

_TOKENS: Final = {
    "token_type": "Bearer",
    "scope": "https://ads.microsoft.com/msads.manage offline_access",
    "expires_in": 3600,
    # As long as Microsoft's are.
    "access_token": "planted-access-token-" + "a" * 1500,
    "refresh_token": "planted-refresh-token-" + "b" * 1000,
}


@contextmanager
def listening(certificate: Certificate) -> Iterator[str]:
    """Serve in a process of its own, and yield the URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(certificate, theirs))
    process.start()
    theirs.close()  # If the process ends, `recv` raises and does not wait for it.
    try:
        yield f"https://{HOST}:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(certificate: Certificate, port: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer msal, which asks once for the addresses of the endpoints."""
            host, tenant = self.headers["Host"], self.path.strip("/").partition("/")[0]
            base = f"https://{host}/{tenant}"
            self._answer(
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                }
            )

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(_TOKENS)

        def _answer(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")  # RFC 9112, section 9.6
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    # The handshake is made by the thread of the connection, and not by the one that accepts connections.
    server.socket = certificate.context().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    port.send(server.server_port)
    server.serve_forever()
