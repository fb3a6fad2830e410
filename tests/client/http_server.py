"""An API on loopback that accepts some tokens and answers 401 to all others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Call:
    """One request as it came in."""

    path: str
    authorization: str | None
    body: bytes


@dataclass
class Api:
    """What an API accepts, and what it was sent.

    Attributes:
        url: Where it is.
        accepts: The tokens that it takes.
        redirects: Where a path leads.
        calls: Every request, in its order.
    """

    url: str = ""
    accepts: set[str] = field(default_factory=set)
    redirects: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    @property
    def tokens(self) -> list[str]:
        """The tokens that were sent, in their order."""
        return [(call.authorization or "").removeprefix("Bearer ") for call in self.calls]


@contextmanager
def serving() -> Iterator[Api]:
    """Run an API as long as the context lasts."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self._body()
            call = Call(self.path, self.headers.get("Authorization"), body)
            api.calls.append(call)
            if self.path in api.redirects:
                self.send_response(307)
                self.send_header("Location", api.redirects[self.path])
            else:
                accepted = api.tokens[-1] in api.accepts
                self.send_response(200 if accepted else 401)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = _answer  # noqa: N815 - Of http.server.

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # It looks so often for its end.
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()
