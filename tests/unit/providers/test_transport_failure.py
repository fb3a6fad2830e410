"""Each kind of failed connection has its reason, and says whether anything was sent. Tested over real sockets."""

import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from local.recipes.authority import Authority
from tests.fakes.loopback import Loopback, answer, closed_port, reset, serving
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.timeouts import Timeouts
from token_refresher.diagnosis.diagnosis import diagnose
from token_refresher.providers.http import HttpClient
from token_refresher.providers.transport_failure import transport_failure

CANARY = "canary-7b11"
FORM = {"refresh_token": CANARY}
NOT_SENT, NO_ANSWER = FailureKind.NOT_SENT, FailureKind.NO_ANSWER
PATIENT = Timeouts(connect=timedelta(seconds=5), read=timedelta(seconds=5))
IMPATIENT = Timeouts(connect=timedelta(milliseconds=100), read=timedelta(milliseconds=100))
A_DAY = timedelta(days=1)

Way = Callable[[Loopback, socket.socket, int], None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.in_folder(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.trusted))
    return authority


def failure(url: str, timeouts: Timeouts = PATIENT) -> ProviderFailure:
    with pytest.raises(ProviderError) as caught:
        HttpClient(timeouts).post_form(url, FORM)
    assert CANARY not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    return caught.value.failure


def over_tls(context: ssl.SSLContext, then: Way) -> Way:
    def serve(server: Loopback, connection: socket.socket, number: int) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            then(server, secure, number)

    return serve


def answering(server: Loopback, connection: socket.socket, _: int) -> None:
    server.read(connection)
    connection.sendall(answer(b"{}"))


def silent(server: Loopback, connection: socket.socket, _: int) -> None:
    server.read(connection)
    server.be_silent()


def resetting(server: Loopback, connection: socket.socket, _: int) -> None:
    server.read(connection)
    reset(connection)


def refusing(status: str) -> Way:
    def serve(server: Loopback, connection: socket.socket, _: int) -> None:
        server.read(connection)
        connection.sendall(answer(b"<html></html>", status))

    return serve


def hanging_up(server: Loopback, connection: socket.socket, _: int) -> None:
    server.read(connection)


def tunnelling(then: Way) -> Way:
    """Accept ``CONNECT`` and play the provider behind the tunnel, like a proxy that inspects TLS."""

    def serve(server: Loopback, connection: socket.socket, number: int) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        then(server, connection, number)

    return serve


# --- There was no connection ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        pytest.param(socket.gaierror(socket.EAI_NONAME, "unknown"), Reason.NAME_NOT_RESOLVED, id="no such name"),
        pytest.param(socket.gaierror(socket.EAI_AGAIN, "later"), Reason.NAME_NOT_RESOLVED, id="no answer of DNS"),
    ],
)
def test_a_name_that_does_not_resolve(raised: OSError, reason: Reason, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("socket.getaddrinfo", fail)
    assert failure("https://login.example.com") == ProviderFailure(NOT_SENT, reason=reason)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        pytest.param(errno.ENETUNREACH, Reason.UNREACHABLE, id="no route to the network"),
        pytest.param(errno.EHOSTUNREACH, Reason.UNREACHABLE, id="no route to the host"),
        pytest.param(errno.EACCES, Reason.UNREACHABLE, id="a local firewall"),
        pytest.param(errno.ECONNREFUSED, Reason.CONNECTION_REFUSED, id="refused"),
        pytest.param(errno.ETIMEDOUT, Reason.CONNECT_TIMEOUT, id="a timeout of the system"),
        pytest.param(errno.ECONNRESET, Reason.CONNECTION_RESET, id="reset"),
    ],
)
def test_a_host_that_refuses_or_cannot_be_reached(number: int, reason: Reason, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("urllib3.util.connection.create_connection", fail)
    assert failure("https://127.0.0.1") == ProviderFailure(NOT_SENT, reason=reason)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_port_where_nothing_listens(scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:{closed_port()}"
    assert failure(url) == ProviderFailure(NOT_SENT, reason=Reason.CONNECTION_REFUSED)


def test_nothing_is_sent_to_a_server_without_a_tls_handshake() -> None:
    """urllib3 raises a read timeout for this."""
    with serving(Loopback.be_silent) as server:
        assert failure(server.url("https"), IMPATIENT) == ProviderFailure(NOT_SENT, reason=Reason.CONNECT_TIMEOUT)


def test_nothing_is_sent_to_a_server_that_closes_the_connection_in_the_handshake() -> None:
    with serving(lambda _, connection, __: reset(connection)) as server:
        assert failure(server.url("https")) == ProviderFailure(NOT_SENT, reason=Reason.CONNECTION_RESET)


def test_nothing_is_sent_to_a_server_that_does_not_speak_tls() -> None:
    with serving(lambda _, connection, __: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        assert failure(server.url("https")) == ProviderFailure(NOT_SENT, reason=Reason.TLS_FAILED)


def test_nothing_is_sent_to_a_server_with_a_certificate_of_an_unknown_authority(authority: Authority) -> None:
    with serving(over_tls(authority.context(), answering)) as server:
        assert failure(server.url("https")) == ProviderFailure(NOT_SENT, reason=Reason.CERTIFICATE_NOT_TRUSTED)
    assert server.requests == []


@pytest.mark.parametrize(
    ("host", "begins", "ends", "reason"),
    [
        pytest.param("127.0.0.1", -2 * A_DAY, -A_DAY, Reason.CERTIFICATE_EXPIRED, id="expired"),
        pytest.param("127.0.0.1", A_DAY, 2 * A_DAY, Reason.CERTIFICATE_NOT_YET_VALID, id="not valid yet"),
        pytest.param("127.0.0.2", -A_DAY, A_DAY, Reason.CERTIFICATE_OF_ANOTHER_HOST, id="of another host"),
    ],
)
def test_nothing_is_sent_to_a_server_with_an_invalid_certificate(
    trusted: Authority, host: str, begins: timedelta, ends: timedelta, reason: Reason
) -> None:
    with serving(over_tls(trusted.context(host, begins, ends), answering)) as server:
        assert failure(server.url("https")) == ProviderFailure(NOT_SENT, reason=reason)
    assert server.requests == []


def test_the_form_is_sent_to_a_server_with_a_valid_certificate(trusted: Authority) -> None:
    with serving(over_tls(trusted.context(), answering)) as server:
        assert HttpClient(PATIENT).post_form(server.url("https"), FORM).json_object() == {}
    assert CANARY.encode() in server.requests[0]


def test_trusted_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    reason = Reason.TRUSTED_CERTIFICATES_UNREADABLE
    assert failure("https://127.0.0.1:1") == ProviderFailure(NOT_SENT, reason=reason)


# --- There is a proxy -----------------------------------------------------------------------------------------------


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda proxy: monkeypatch.setenv("HTTPS_PROXY", proxy)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_where_nothing_listens(through: Callable[[str], None], scheme: str) -> None:
    through(f"{scheme}://127.0.0.1:{closed_port()}")
    assert failure("https://login.example.com") == ProviderFailure(NOT_SENT, reason=Reason.PROXY_UNREACHABLE)


def test_a_proxy_whose_name_does_not_resolve(through: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr("socket.getaddrinfo", fail)
    through("http://proxy.example.com:3128")
    assert failure("https://login.example.com") == ProviderFailure(NOT_SENT, reason=Reason.PROXY_UNREACHABLE)


def test_a_proxy_with_a_certificate_that_is_not_trusted(through: Callable[[str], None], authority: Authority) -> None:
    with serving(over_tls(authority.context(), hanging_up)) as proxy:
        through(proxy.url("https"))
        assert failure("https://login.example.com") == ProviderFailure(NOT_SENT, reason=Reason.PROXY_UNREACHABLE)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param("407 Proxy Authentication Required", Reason.PROXY_WANTS_SIGN_IN, id="a sign-in is required"),
        pytest.param("403 Forbidden", Reason.PROXY_REFUSED, id="forbidden"),
        pytest.param("502 Bad Gateway", Reason.PROXY_REFUSED, id="the proxy cannot reach the provider"),
        pytest.param("503 Tunnel connection failed: 407", Reason.PROXY_REFUSED, id="another status in the text"),
    ],
)
def test_a_proxy_that_refuses_to_connect(through: Callable[[str], None], status: str, reason: Reason) -> None:
    with serving(refusing(status)) as proxy:
        through(proxy.url())
        got = failure("https://login.example.com")
    assert got == ProviderFailure(NOT_SENT, int(status[:3]), reason=reason)
    assert [one.split()[:2] for one in proxy.requests] == [[b"CONNECT", b"login.example.com:443"]]


def test_a_proxy_that_closes_the_connection_on_connect(through: Callable[[str], None]) -> None:
    with serving(hanging_up) as proxy:
        through(proxy.url())
        assert failure("https://login.example.com") == ProviderFailure(NOT_SENT, reason=Reason.CONNECTION_RESET)


def test_a_proxy_that_never_answers_connect(through: Callable[[str], None]) -> None:
    with serving(silent) as proxy:
        through(proxy.url())
        got = failure("https://login.example.com", IMPATIENT)
    assert got == ProviderFailure(NOT_SENT, reason=Reason.CONNECT_TIMEOUT)


def test_nothing_is_sent_to_a_proxy_that_inspects_tls(through: Callable[[str], None], authority: Authority) -> None:
    with serving(tunnelling(over_tls(authority.context(), answering))) as proxy:
        through(proxy.url())
        assert failure("https://127.0.0.1") == ProviderFailure(NOT_SENT, reason=Reason.CERTIFICATE_NOT_TRUSTED)
    assert len(proxy.requests) == 1


def test_behind_a_proxy_a_sent_request_may_have_arrived(through: Callable[[str], None], trusted: Authority) -> None:
    with serving(tunnelling(over_tls(trusted.context(), resetting))) as proxy:
        through(proxy.url())
        assert failure("https://127.0.0.1") == ProviderFailure(NO_ANSWER, reason=Reason.CONNECTION_RESET)


# --- The request was sent -------------------------------------------------------------------------------------------


@pytest.fixture(params=["in plain text", "over TLS"])
def way(request: pytest.FixtureRequest, trusted: Authority) -> Iterator[Callable[[Way], tuple[Way, str]]]:
    if request.param == "over TLS":
        yield lambda script: (over_tls(trusted.context(), script), "https")
    else:
        yield lambda script: (script, "http")


@pytest.mark.parametrize(
    ("script", "timeouts", "reason"),
    [
        pytest.param(silent, Timeouts(A_DAY, IMPATIENT.read), Reason.READ_TIMEOUT, id="no answer in time"),
        pytest.param(resetting, PATIENT, Reason.CONNECTION_RESET, id="a reset"),
        pytest.param(hanging_up, PATIENT, Reason.CONNECTION_RESET, id="hung up"),
        pytest.param(
            lambda server, connection, _: (server.read(connection), connection.sendall(b"220 mail ESMTP\r\n"))[1],
            PATIENT,
            Reason.NO_HTTP,
            id="no HTTP",
        ),
    ],
)
def test_a_sent_request_may_have_arrived(
    way: Callable[[Way], tuple[Way, str]], script: Way, timeouts: Timeouts, reason: Reason
) -> None:
    served, scheme = way(script)
    with serving(served) as server:
        got = failure(server.url(scheme), timeouts)
    assert got == ProviderFailure(NO_ANSWER, reason=reason)
    assert got.may_have_been_granted


@pytest.mark.parametrize("error", [OSError(errno.ENETDOWN, "down"), RuntimeError(), ValueError("odd")])
def test_after_any_other_error_on_a_connection_the_request_may_have_arrived(error: Exception) -> None:
    assert transport_failure(error, has_connected=True).kind is NO_ANSWER


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_says_that_a_token_may_be_spent_if_nothing_was_sent(reason: Reason) -> None:
    words = {kind: diagnose(ProviderFailure(kind, reason=reason)).cause for kind in (NOT_SENT, NO_ANSWER)}
    assert words[NOT_SENT].endswith("Nothing was sent, so the refresh token is unused.")
    assert words[NO_ANSWER].endswith("Microsoft may have replaced the refresh token all the same.")
