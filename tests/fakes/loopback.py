"""Servers on loopback that behave like servers, proxies and firewalls: they run a script for each connection."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, int], None]
"""Serves one connection, given its number; afterwards the connection is closed."""

_PATIENCE_SECONDS = 10
"""How long a server waits for a client, and a silent script for the end of its test."""


@dataclass
class Loopback:
    """A running server.

    Attributes:
        port: The port that it listens on.
        requests: The requests in the order of their arrival, as bytes.
        connections: How many connections were made.
        released: Set when the test is over: a silent script waits for it.
    """

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, scheme: str = "http") -> str:
        """Return its URL."""
        return f"{scheme}://127.0.0.1:{self.port}"

    def read(self, connection: socket.socket) -> bytes:
        """Read and keep one request with its body; return nothing if the client has closed the connection."""
        came = b""
        while b"\r\n\r\n" not in came:
            piece = connection.recv(65536)
            if not piece:
                return b""
            came += piece
        head, _, body = came.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def be_silent(self, *_: object) -> None:
        """Send nothing until the test is over."""
        self.released.wait(_PATIENCE_SECONDS)


@contextmanager
def serving(script: Callable[[Loopback, socket.socket, int], None]) -> Iterator[Loopback]:
    """Run a script for every connection that is made."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Loopback(listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            connection.settimeout(_PATIENCE_SECONDS)
            script(server, connection, number)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threads.append(threading.Thread(target=serve, args=(connection, server.connections)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        server.released.set()
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        listener.close()
        for thread in threads:
            thread.join()


def closed_port() -> int:
    """Return a port on which no process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Return the bytes of an HTTP answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset, as a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
