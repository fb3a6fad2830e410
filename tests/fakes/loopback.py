"""Servers on loopback that behave like servers, proxies and firewalls: they run a script for each connection."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

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


@dataclass(frozen=True)
class Authority:
    """A certificate authority that only clients with its certificate trust."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def in_folder(cls, folder: Path) -> "Authority":
        """Create one and write its certificate to ``trusted``."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of the tests")])
        certificate = (
            _certificate(name, name, key.public_key(), timedelta(days=-1), timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        (folder / "trusted.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        return cls(folder, key, certificate)

    @property
    def trusted(self) -> Path:
        """The file with the authority's own certificate."""
        return self.folder / "trusted.pem"

    def context(
        self,
        host: str = "127.0.0.1",
        begins: timedelta = timedelta(days=-1),
        ends: timedelta = timedelta(days=1),
        names: Iterable[str] = (),
    ) -> ssl.SSLContext:
        """Return the context of a server with a certificate for a host, valid between two times relative to now.

        Args:
            host: The address of the host.
            begins: When the certificate becomes valid.
            ends: When it expires.
            names: The names of the host.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server of the tests")])
        certificate = (
            _certificate(subject, self.certificate.subject, key.public_key(), begins, ends)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(host)), *map(x509.DNSName, names)]),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, SHA256())
        )
        file = self.folder / f"{certificate.serial_number:x}.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: timedelta, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
