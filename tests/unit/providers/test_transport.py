"""A call never uses an idle connection, whatever happened to the connection before. Tested over real sockets."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Semaphore

import pytest
import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH

from local.recipes.authority import Authority
from local.stack.waiting import GENEROUS_SECONDS
from tests.fakes.loopback import Loopback, answer, reset, serving
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.diagnosis.diagnosis import Actor, diagnose
from token_refresher.providers import transport
from token_refresher.providers.http import HttpAnswer, HttpClient
from token_refresher.providers.transport import Session, Transport

OF_REQUESTS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
FORM = {"refresh_token": "canary-5e02"}
STANDING = answer(b"{}", headers="Connection: keep-alive\r\n")

Idle = Callable[[Loopback, socket.socket], object]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OF_REQUESTS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def forget(server: Loopback, connection: socket.socket) -> None:
    """Read and never answer, like a network whose NAT gateway has dropped the connection."""
    server.read(connection)
    server.be_silent()


def reset_by_the_next(server: Loopback, connection: socket.socket) -> None:
    """Answer data on an old connection with a reset, like a host that was restarted meanwhile."""
    server.read(connection)
    reset(connection)


IDLE = [
    pytest.param(lambda _, connection: connection.close(), id="closed by the server"),
    pytest.param(lambda _, connection: reset(connection), id="reset by the server"),
    pytest.param(reset_by_the_next, id="reset as soon as something is sent on it"),
    pytest.param(lambda server, connection: server.read(connection), id="closed as soon as something is sent on it"),
    pytest.param(forget, id="silently forgotten"),
    pytest.param(
        lambda _, connection: connection.sendall(answer(b"", "408 Request Timeout")), id="given up with a late answer"
    ),
]


def keeping(idle: Idle, taken: Semaphore | None = None) -> Callable[[Loopback, socket.socket, int], None]:
    """Answer the first request of each connection, offer to keep it, and let it come to this while it is idle.

    Args:
        idle: What it comes to.
        taken: Is released once the caller has the answer: a reset before that would take the answer away.
    """

    def serve(server: Loopback, connection: socket.socket, _: int) -> None:
        server.read(connection)
        connection.sendall(STANDING)
        assert taken is None or taken.acquire(timeout=GENEROUS_SECONDS)
        idle(server, connection)

    return serve


def taking(taken: Semaphore, post: Callable[[], HttpAnswer]) -> int:
    """Return the status of an answer, and signal the server that it has arrived."""
    status = post().status
    taken.release()
    return status


@pytest.mark.parametrize("idle", IDLE)
def test_the_next_call_does_not_depend_on_what_happened_to_an_idle_connection(idle: Idle) -> None:
    client, taken = HttpClient(), Semaphore(0)
    with serving(keeping(idle, taken)) as server:
        statuses = [taking(taken, lambda: client.post_form(server.url(), FORM)) for _ in range(3)]
        statuses.append(taking(taken, lambda: client.post_json(server.url(), {}, {})))
    assert statuses == [200] * 4
    assert server.connections == 4


@pytest.mark.parametrize("idle", IDLE)
def test_behind_a_proxy_each_call_has_its_own_tunnel(
    idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority.in_folder(tmp_path)
    context = authority.context()

    def tunnel(server: Loopback, connection: socket.socket, number: int) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            keeping(idle, taken)(server, secure, number)

    client, taken = HttpClient(), Semaphore(0)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.trusted))
    with serving(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        statuses = [taking(taken, lambda: client.post_form("https://127.0.0.1", FORM)) for _ in range(2)]
    assert (statuses, proxy.connections) == ([200, 200], 2)


def test_no_connection_outlives_its_call() -> None:
    """The client announces that and closes the connection: RFC 9112, section 9.6."""
    ended: list[bytes] = []
    with serving(keeping(lambda _, connection: ended.append(connection.recv(1)))) as server:
        HttpClient().post_form(server.url(), FORM)
    assert ended == [b""]
    assert b"\r\nConnection: close\r\n" in server.requests[0]


def test_each_call_starts_as_not_connected() -> None:
    """An established connection of the call before does not count."""
    one, client = Transport(), HttpClient()
    session = Session(one)
    with serving(keeping(lambda *_: None)) as server:
        session.post(server.url(), data=FORM)
        assert one.has_connected
        client.post_form(server.url(), FORM)
    one.renew()
    with pytest.raises(requests.ConnectionError):
        session.post(server.url(), data=FORM)
    assert not one.has_connected


def test_the_certificates_that_requests_trusts_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading them takes longer than a handshake, and each call has a handshake."""
    authority = Authority.in_folder(tmp_path)
    read: list[str] = []

    class Counting(ssl.SSLContext):
        def load_verify_locations(self, cafile: object = None, capath: object = None, cadata: object = None) -> None:
            read.append(str(cafile))
            super().load_verify_locations(authority.trusted if cafile == DEFAULT_CA_BUNDLE_PATH else None)

    transport._tls_context.cache_clear()
    monkeypatch.setattr(transport, "create_urllib3_context", lambda: Counting(ssl.PROTOCOL_TLS_CLIENT))
    context, client = authority.context(), HttpClient()

    def serve(server: Loopback, connection: socket.socket, number: int) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            keeping(lambda *_: None)(server, secure, number)

    try:
        with serving(serve) as server:
            assert [client.post_form(server.url("https"), FORM).status for _ in range(3)] == [200] * 3
    finally:
        transport._tls_context.cache_clear()
    assert read == [DEFAULT_CA_BUNDLE_PATH]


def test_the_shared_context_requires_a_certificate_for_the_host() -> None:
    context = transport._tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs()


# --- Private networks ------------------------------------------------------------------------------------------------


def test_nothing_is_sent_to_a_name_that_leads_into_a_private_network() -> None:
    """The name may have led to a public address when somebody looked."""
    with serving(keeping(lambda *_: None)) as server, pytest.raises(ProviderError) as caught:
        HttpClient(only_public=True).post_form(server.url(), FORM)
    assert caught.value.failure == ProviderFailure(FailureKind.NOT_SENT, reason=Reason.ADDRESS_PRIVATE)
    assert server.requests == []
    diagnosis = diagnose(caught.value.failure)
    assert (diagnosis.code, diagnosis.actor, diagnosis.outage) == ("address_private", Actor.OPERATOR, False)


def test_a_proxy_may_be_in_a_private_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """It decides by itself where it leads to, and the operator of the stack has chosen it."""
    with serving(refusing) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        with pytest.raises(ProviderError) as caught:
            HttpClient(only_public=True).post_form("https://id.example.com/token", FORM)
    assert caught.value.failure.reason is Reason.PROXY_REFUSED


def refusing(server: Loopback, connection: socket.socket, _: int) -> None:
    server.read(connection)
    connection.sendall(answer(b"", "403 Forbidden"))
